// A call changes the guest.
include!("../libraries.rs");

fn wrong(sb: &sandbox::Sandbox<one::Library>, data: sandbox::TaintedPtr<u8, one::Library>) -> sandbox::Result<()> {
    one::sum(sb, data, 4)?;
    Ok(())
}

fn main() {}
