// As in C, the number of arguments counts.
include!("../libraries.rs");

fn wrong(sb: &mut sandbox::Sandbox<one::Library>, data: sandbox::TaintedPtr<u8, one::Library>) -> sandbox::Result<()> {
    one::sum(sb, data)?;
    Ok(())
}

fn main() {}
