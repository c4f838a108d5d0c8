// Pointers are typed; `.cast()` says that another type is meant.
include!("../libraries.rs");

fn wrong(sb: &mut sandbox::Sandbox<one::Library>, state: sandbox::TaintedPtr<one::state, one::Library>) -> sandbox::Result<()> {
    one::sum(sb, state, 4)?;
    Ok(())
}

fn main() {}
