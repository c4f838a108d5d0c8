// The host struct says what it is made from.
include!("../libraries.rs");
#[allow(unused_imports)]
use sandbox::rules;

#[derive(sandbox::Verify)]
struct State {
    #[verify(rules::at_least(1))]
    count: u32,
}

fn main() {}
