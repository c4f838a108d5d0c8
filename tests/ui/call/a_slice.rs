// A slice of the host is copied in first.
include!("../libraries.rs");

fn wrong(sb: &mut sandbox::Sandbox<one::Library>) -> sandbox::Result<()> {
    one::sum(sb, &[1_u8, 2, 3][..], 3)?;
    Ok(())
}

fn main() {}
