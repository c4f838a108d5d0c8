// The view would show what changes.
include!("../libraries.rs");

fn wrong(sb: &mut sandbox::Sandbox<one::Library>, data: sandbox::TaintedPtr<u8, one::Library>) -> sandbox::Result<()> {
    let view = sb.view(data, 4)?;
    sb.write_bytes(data, b"abcd")?;
    drop(view);
    Ok(())
}

fn main() {}
