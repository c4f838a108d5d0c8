// A field of a struct behind a pointer is a pointer.
include!("../libraries.rs");

fn wrong(state: sandbox::TaintedPtr<one::state, one::Library>) -> sandbox::Result<()> {
    let _: sandbox::Tainted<u32, one::Library> = state.count();
    Ok(())
}

fn main() {}
