// What is printed has left the sandbox.
include!("../libraries.rs");

fn wrong(sb: &mut sandbox::Sandbox<one::Library>, data: sandbox::TaintedPtr<u8, one::Library>) -> sandbox::Result<()> {
    let sum = one::sum(sb, data, 4)?;
    println!("{}", sum);
    Ok(())
}

fn main() {}
