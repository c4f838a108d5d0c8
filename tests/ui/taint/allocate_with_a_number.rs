// An amount of host memory of the guest's choice.
include!("../libraries.rs");

fn wrong(sb: &mut sandbox::Sandbox<one::Library>, data: sandbox::TaintedPtr<u8, one::Library>) -> sandbox::Result<()> {
    let sum = one::sum(sb, data, 4)?;
    let _ = Vec::<u8>::with_capacity(sum);
    Ok(())
}

fn main() {}
