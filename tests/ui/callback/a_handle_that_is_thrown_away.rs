// A callback lives as long as its handle.
#![deny(unused_must_use)]
include!("../libraries.rs");

fn wrong(sb: &mut sandbox::Sandbox<one::Library>) -> sandbox::Result<()> {
    sb.register_callback::<one::each_visit, _>(|_, _| Ok(()))?;
    Ok(())
}

fn main() {}
