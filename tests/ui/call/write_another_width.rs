// What is written has the width of what is pointed to.
include!("../libraries.rs");

fn wrong(sb: &mut sandbox::Sandbox<one::Library>, pointer: sandbox::TaintedPtr<u32, one::Library>) -> sandbox::Result<()> {
    sb.write(pointer, 5_u64)?;
    Ok(())
}

fn main() {}
