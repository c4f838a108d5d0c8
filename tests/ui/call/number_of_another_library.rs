// A tainted value stays with its library until it is verified.
include!("../libraries.rs");

fn wrong(sb: &mut sandbox::Sandbox<one::Library>, data: sandbox::TaintedPtr<u8, one::Library>, other: sandbox::Tainted<u32, two::Library>) -> sandbox::Result<()> {
    one::sum(sb, data, other)?;
    Ok(())
}

fn main() {}
