// An order of the guest's choice.
include!("../libraries.rs");

fn wrong(sb: &mut sandbox::Sandbox<one::Library>, pointer: sandbox::TaintedPtr<u32, one::Library>) -> sandbox::Result<()> {
    let mut numbers = sb.read_slice(pointer, 4)?;
    numbers.sort();
    Ok(())
}

fn main() {}
