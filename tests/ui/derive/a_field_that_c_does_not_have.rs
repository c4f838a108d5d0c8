// The field is one of the guest's struct, or says which one it is.
include!("../libraries.rs");
#[allow(unused_imports)]
use sandbox::rules;

#[derive(sandbox::Verify)]
#[verify(from = one::state)]
struct State {
    #[verify(rules::at_least(1))]
    size: u32,
}

fn main() {}
