// What is behind `...` is passed as C has it: a string must be copied in.
include!("../libraries.rs");

fn wrong(sb: &mut sandbox::Sandbox<one::Library>, format: &sandbox::Allocation<i8, one::Library>) -> sandbox::Result<()> {
    one::print(sb, format, ("text",))?;
    Ok(())
}

fn main() {}
