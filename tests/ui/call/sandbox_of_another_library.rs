// A function runs in its own library's sandbox.
include!("../libraries.rs");

fn wrong(other: &mut sandbox::Sandbox<two::Library>) -> sandbox::Result<()> {
    one::new_state(other)?;
    Ok(())
}

fn main() {}
