// A pointer comes from the guest, from an allocation, or is null.
include!("../libraries.rs");

fn wrong(sb: &mut sandbox::Sandbox<one::Library>) -> sandbox::Result<()> {
    one::sum(sb, 0x1000, 4)?;
    Ok(())
}

fn main() {}
