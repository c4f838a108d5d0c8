// C would convert; here a width is changed by name, with cast or checked_cast.
include!("../libraries.rs");

fn wrong(wide: sandbox::Tainted<u64, one::Library>, narrow: sandbox::Tainted<u32, one::Library>) -> sandbox::Result<()> {
    let _ = wide + narrow;
    Ok(())
}

fn main() {}
