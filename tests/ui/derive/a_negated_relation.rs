// A relation without an exact result would hold.
include!("../libraries.rs");
#[allow(unused_imports)]
use sandbox::rules;

#[derive(sandbox::Verify)]
#[verify(from = one::state, relation(!(count == 3)))]
struct State {
    #[verify(rules::at_least(1))]
    count: u32,
}

fn main() {}
