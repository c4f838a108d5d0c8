// The guest would choose the way that the host takes. Verify the bool first.
include!("../libraries.rs");

fn wrong(sb: &mut sandbox::Sandbox<one::Library>, state: sandbox::TaintedPtr<one::state, one::Library>) -> sandbox::Result<()> {
    if one::is_ready(sb, state)? {
        println!("ready");
    }
    Ok(())
}

fn main() {}
