// The fields of a struct that was read are tainted.
include!("../libraries.rs");

fn wrong(sb: &mut sandbox::Sandbox<one::Library>, state: sandbox::TaintedPtr<one::state, one::Library>) -> sandbox::Result<()> {
    let state = sb.read(state)?;
    let _: u32 = state.count;
    Ok(())
}

fn main() {}
