// A loop as long as the guest likes.
include!("../libraries.rs");

fn wrong(sb: &mut sandbox::Sandbox<one::Library>, data: sandbox::TaintedPtr<u8, one::Library>) -> sandbox::Result<()> {
    let mut left = one::sum(sb, data, 4)?;
    while left.gt(0) {
        left -= 1;
    }
    Ok(())
}

fn main() {}
