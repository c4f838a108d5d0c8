// A comparison without an exact result is a no, which nothing may turn into a yes.
include!("../libraries.rs");
#[allow(unused_imports)]
use sandbox::rules;

#[derive(sandbox::Verify)]
#[verify(from = one::state, relation((count * count > 3) == false), relation(if count > 3 { false } else { true }))]
struct State {
    #[verify(rules::at_least(1))]
    count: u32,
}

fn main() {}
