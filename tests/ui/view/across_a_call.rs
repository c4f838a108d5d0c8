// The guest could change the bytes after they were verified (a double fetch).
include!("../libraries.rs");

fn wrong(sb: &mut sandbox::Sandbox<one::Library>, data: sandbox::TaintedPtr<u8, one::Library>) -> sandbox::Result<()> {
    let view = sb.view(data, 4)?;
    one::sum(sb, data, 4)?;
    let _ = view.unverified_because("this test does not run");
    Ok(())
}

fn main() {}
