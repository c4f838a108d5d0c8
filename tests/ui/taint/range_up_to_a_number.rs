// A number of rounds of the guest's choice.
include!("../libraries.rs");

fn wrong(sb: &mut sandbox::Sandbox<one::Library>, data: sandbox::TaintedPtr<u8, one::Library>) -> sandbox::Result<()> {
    let sum = one::sum(sb, data, 4)?;
    for _ in 0..sum {}
    Ok(())
}

fn main() {}
