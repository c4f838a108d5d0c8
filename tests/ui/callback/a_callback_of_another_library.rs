// Each library has function pointers of its own.
include!("../libraries.rs");

fn wrong(sb: &mut sandbox::Sandbox<one::Library>, other: &mut sandbox::Sandbox<two::Library>) -> sandbox::Result<()> {
    let visit = other.register_callback::<two::each_visit, _>(|_, _| Ok(()))?;
    one::each(sb, &visit)
}

fn main() {}
