// A string of the host is copied in first.
include!("../libraries.rs");

fn wrong(sb: &mut sandbox::Sandbox<one::Library>) -> sandbox::Result<()> {
    one::sum(sb, "text", 4)?;
    Ok(())
}

fn main() {}
