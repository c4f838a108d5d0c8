// Several arguments of a function pointer are a tuple.
include!("../libraries.rs");

fn wrong(sb: &mut sandbox::Sandbox<one::Library>, compare: one::sort_compare) -> sandbox::Result<()> {
    compare.call(sb, 1)?;
    Ok(())
}

fn main() {}
