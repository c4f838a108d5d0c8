// The guest cannot read host memory: copy the bytes in.
include!("../libraries.rs");

fn wrong(sb: &mut sandbox::Sandbox<one::Library>) -> sandbox::Result<()> {
    let bytes = [1_u8, 2, 3, 4];
    one::sum(sb, bytes.as_ptr(), 4)?;
    one::sum(sb, &bytes, 4)?;
    Ok(())
}

fn main() {}
