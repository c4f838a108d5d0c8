// After a reset there is another memory.
include!("../libraries.rs");

fn wrong(sb: &mut sandbox::Sandbox<one::Library>, data: sandbox::TaintedPtr<u8, one::Library>) -> sandbox::Result<()> {
    let view = sb.view(data, 4)?;
    sb.reset()?;
    let _ = view.unverified_because("this test does not run");
    Ok(())
}

fn main() {}
