// As in C, the number of arguments is fixed.
include!("../libraries.rs");

fn wrong(sb: &mut sandbox::Sandbox<one::Library>, data: sandbox::TaintedPtr<u8, one::Library>) -> sandbox::Result<()> {
    one::sum(sb, data, 4, 5)?;
    Ok(())
}

fn main() {}
