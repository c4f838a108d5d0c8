// A union holds what its own library has.
include!("../libraries.rs");

fn wrong(number: &mut one::number, state: sandbox::TaintedPtr<u8, two::Library>) -> sandbox::Result<()> {
    number.set_p(state)
}

fn main() {}
