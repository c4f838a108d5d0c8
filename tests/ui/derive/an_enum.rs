// Only a struct has fields to verify.
include!("../libraries.rs");
#[allow(unused_imports)]
use sandbox::rules;

#[derive(sandbox::Verify)]
#[verify(from = one::state)]
enum State {
    Empty,
}

fn main() {}
