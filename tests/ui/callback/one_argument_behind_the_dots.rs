// The arguments behind `...` are a tuple, also of one.
include!("../libraries.rs");

fn wrong(sb: &mut sandbox::Sandbox<one::Library>, format: &sandbox::Allocation<i8, one::Library>) -> sandbox::Result<()> {
    one::print(sb, format, 7)?;
    Ok(())
}

fn main() {}
