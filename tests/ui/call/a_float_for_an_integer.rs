// No conversion between kinds.
include!("../libraries.rs");

fn wrong(sb: &mut sandbox::Sandbox<one::Library>, data: sandbox::TaintedPtr<u8, one::Library>) -> sandbox::Result<()> {
    one::sum(sb, data, 4.0)?;
    Ok(())
}

fn main() {}
