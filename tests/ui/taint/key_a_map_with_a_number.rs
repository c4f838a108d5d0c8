// A key of the guest's choice.
include!("../libraries.rs");

fn wrong(sb: &mut sandbox::Sandbox<one::Library>, data: sandbox::TaintedPtr<u8, one::Library>) -> sandbox::Result<()> {
    let mut seen = std::collections::HashMap::new();
    seen.insert(one::sum(sb, data, 4)?, "first");
    Ok(())
}

fn main() {}
