// What is text has left the sandbox.
include!("../libraries.rs");

fn wrong(sb: &mut sandbox::Sandbox<one::Library>, data: sandbox::TaintedPtr<u8, one::Library>) -> sandbox::Result<()> {
    let _: String = one::sum(sb, data, 4)?.to_string();
    Ok(())
}

fn main() {}
