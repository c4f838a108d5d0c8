// A comparison of a tainted number gives no plain bool.
include!("../libraries.rs");

fn wrong(sb: &mut sandbox::Sandbox<one::Library>, data: sandbox::TaintedPtr<u8, one::Library>) -> sandbox::Result<()> {
    let sum = one::sum(sb, data, 4)?;
    if sum == 7 {
        println!("seven");
    }
    Ok(())
}

fn main() {}
