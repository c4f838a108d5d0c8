// Which way to go would be the guest's choice.
include!("../libraries.rs");

fn wrong(sb: &mut sandbox::Sandbox<one::Library>, state: sandbox::TaintedPtr<one::state, one::Library>) -> sandbox::Result<()> {
    if sb.read(state.next())? == state {
        println!("a ring");
    }
    Ok(())
}

fn main() {}
