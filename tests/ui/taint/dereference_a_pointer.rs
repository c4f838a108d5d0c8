// A guest's address means nothing to the host: sb.read.
include!("../libraries.rs");

fn wrong(pointer: sandbox::TaintedPtr<u32, one::Library>) -> sandbox::Result<()> {
    let _: u32 = *pointer;
    Ok(())
}

fn main() {}
