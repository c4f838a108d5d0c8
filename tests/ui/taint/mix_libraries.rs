// Numbers of two guests do not meet before they are verified.
include!("../libraries.rs");

fn wrong(a: sandbox::Tainted<u32, one::Library>, b: sandbox::Tainted<u32, two::Library>) -> sandbox::Result<()> {
    let _ = a + b;
    Ok(())
}

fn main() {}
