// Each field says how it is verified.
include!("../libraries.rs");
#[allow(unused_imports)]
use sandbox::rules;

#[derive(sandbox::Verify)]
#[verify(from = one::state)]
struct State {
    count: u32,
}

fn main() {}
