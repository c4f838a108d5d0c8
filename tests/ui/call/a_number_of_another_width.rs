// No number changes its width by itself.
include!("../libraries.rs");

fn wrong(sb: &mut sandbox::Sandbox<one::Library>, data: sandbox::TaintedPtr<u8, one::Library>, len: usize) -> sandbox::Result<()> {
    one::sum(sb, data, len)?;
    Ok(())
}

fn main() {}
