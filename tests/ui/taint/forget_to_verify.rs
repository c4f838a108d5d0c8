// A closure has to say what the host gets.
include!("../libraries.rs");

fn wrong(number: sandbox::Tainted<u32, one::Library>) -> sandbox::Result<()> {
    let _: u32 = number.verify(|number| number < 5);
    Ok(())
}

fn main() {}
