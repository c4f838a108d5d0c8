// A division by zero would be the guest's choice: checked_div.
include!("../libraries.rs");

fn wrong(a: sandbox::Tainted<u32, one::Library>, b: sandbox::Tainted<u32, one::Library>) -> sandbox::Result<()> {
    let _ = a / b;
    Ok(())
}

fn main() {}
