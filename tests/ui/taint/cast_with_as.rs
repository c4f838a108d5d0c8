// A tainted value is no number.
include!("../libraries.rs");

fn wrong(sb: &mut sandbox::Sandbox<one::Library>, data: sandbox::TaintedPtr<u8, one::Library>) -> sandbox::Result<()> {
    let _ = one::sum(sb, data, 4)? as usize;
    Ok(())
}

fn main() {}
