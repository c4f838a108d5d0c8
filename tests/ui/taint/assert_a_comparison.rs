// An assertion is a branch.
include!("../libraries.rs");

fn wrong(sb: &mut sandbox::Sandbox<one::Library>, data: sandbox::TaintedPtr<u8, one::Library>) -> sandbox::Result<()> {
    assert!(one::sum(sb, data, 4)?.eq(7));
    Ok(())
}

fn main() {}
