// A rule is an expression of Rust.
include!("../libraries.rs");
#[allow(unused_imports)]
use sandbox::rules;

#[derive(sandbox::Verify)]
#[verify(from = one::state)]
struct State {
    #[verify(rules::prime())]
    count: u32,
}

fn main() {}
