// The view borrows the sandbox.
include!("../libraries.rs");

fn wrong(sb: sandbox::Sandbox<one::Library>, data: sandbox::TaintedPtr<u8, one::Library>) -> sandbox::Result<()> {
    let view = sb.view(data, 4)?;
    let moved = sb;
    drop(view);
    drop(moved);
    Ok(())
}

fn main() {}
