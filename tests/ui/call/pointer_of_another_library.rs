// Each library has a memory of its own.
include!("../libraries.rs");

fn wrong(sb: &mut sandbox::Sandbox<one::Library>, other: &mut sandbox::Sandbox<two::Library>) -> sandbox::Result<()> {
    let buffer = two::buffer(other)?;
    one::sum(sb, buffer, 4)?;
    Ok(())
}

fn main() {}
