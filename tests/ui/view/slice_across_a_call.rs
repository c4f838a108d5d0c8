// A call may change or move what the view shows.
include!("../libraries.rs");

fn wrong(
    sb: &mut sandbox::Sandbox<one::Library>,
    data: sandbox::TaintedPtr<u8, one::Library>,
    pointer: sandbox::TaintedPtr<u32, one::Library>,
) -> sandbox::Result<()> {
    let view = sb.view_slice(pointer, 4)?;
    one::sum(sb, data, 4)?;
    drop(view.get(0));
    Ok(())
}

fn main() {}
