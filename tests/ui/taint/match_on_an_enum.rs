// An enum of the guest may hold any number, and is tainted besides.
include!("../libraries.rs");

fn wrong(sb: &mut sandbox::Sandbox<one::Library>) -> sandbox::Result<()> {
    match one::paint(sb, one::RED)? {
        one::RED => {}
        _ => {}
    }
    Ok(())
}

fn main() {}
