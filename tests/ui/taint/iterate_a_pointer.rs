// How many there are is for the host to say: sb.read_slice or sb.view_slice.
include!("../libraries.rs");

fn wrong(pointer: sandbox::TaintedPtr<u32, one::Library>) -> sandbox::Result<()> {
    for _ in pointer {}
    Ok(())
}

fn main() {}
