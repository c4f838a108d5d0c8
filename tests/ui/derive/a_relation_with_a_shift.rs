// A relation has exact numbers, and a shift is not exact.
include!("../libraries.rs");
#[allow(unused_imports)]
use sandbox::rules;

#[derive(sandbox::Verify)]
#[verify(from = one::state, relation(count >= 1 << 31))]
struct State {
    #[verify(rules::at_least(1))]
    count: u32,
}

fn main() {}
