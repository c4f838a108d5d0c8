// A pointer of the host means nothing in the guest.
include!("../libraries.rs");

fn wrong(sb: &mut sandbox::Sandbox<one::Library>) -> sandbox::Result<()> {
    let bytes = [1_u8, 2, 3];
    one::sum(sb, bytes.as_ptr(), 3)?;
    Ok(())
}

fn main() {}
