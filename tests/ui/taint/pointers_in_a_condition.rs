// The comparison of two tainted pointers is tainted itself.
include!("../libraries.rs");

fn wrong(sb: &mut sandbox::Sandbox<one::Library>, state: sandbox::TaintedPtr<one::state, one::Library>) -> sandbox::Result<()> {
    if sb.read(state.next())?.eq(state) {
        println!("a ring");
    }
    Ok(())
}

fn main() {}
