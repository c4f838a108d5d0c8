// Each library has its own types.
include!("../libraries.rs");

fn wrong(sb: &mut sandbox::Sandbox<two::Library>, state: sandbox::TaintedPtr<one::state, one::Library>) -> sandbox::Result<()> {
    sb.read(state)?;
    Ok(())
}

fn main() {}
