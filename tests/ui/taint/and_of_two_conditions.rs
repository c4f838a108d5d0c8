// The operator && decides what is evaluated.
include!("../libraries.rs");

fn wrong(sb: &mut sandbox::Sandbox<one::Library>, data: sandbox::TaintedPtr<u8, one::Library>) -> sandbox::Result<()> {
    let sum = one::sum(sb, data, 4)?;
    let _ = sum.gt(1) && sum.lt(5);
    Ok(())
}

fn main() {}
