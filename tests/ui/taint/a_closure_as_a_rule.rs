// A closure goes to verify.
include!("../libraries.rs");

fn wrong(number: sandbox::Tainted<u32, one::Library>) -> sandbox::Result<()> {
    let _ = number.verify_with(|number: u32| number < 5);
    Ok(())
}

fn main() {}
