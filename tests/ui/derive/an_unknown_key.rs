// A misspelt key is not ignored.
include!("../libraries.rs");
#[allow(unused_imports)]
use sandbox::rules;

#[derive(sandbox::Verify)]
#[verify(form = one::state)]
struct State {
    #[verify(rules::at_least(1))]
    count: u32,
}

fn main() {}
