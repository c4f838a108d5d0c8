// An index of the guest's choice.
include!("../libraries.rs");

fn wrong(sb: &mut sandbox::Sandbox<one::Library>, data: sandbox::TaintedPtr<u8, one::Library>) -> sandbox::Result<()> {
    let table = [0_u8; 4];
    let sum = one::sum(sb, data, 4)?;
    let _ = table[sum];
    Ok(())
}

fn main() {}
