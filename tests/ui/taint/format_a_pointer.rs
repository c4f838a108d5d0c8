// An address of the guest is no text.
include!("../libraries.rs");

fn wrong(state: sandbox::TaintedPtr<one::state, one::Library>) -> sandbox::Result<()> {
    println!("{}", state);
    Ok(())
}

fn main() {}
