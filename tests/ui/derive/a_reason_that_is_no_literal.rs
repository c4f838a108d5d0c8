// Reviewers look for the reason in the source.
include!("../libraries.rs");
#[allow(unused_imports)]
use sandbox::rules;

const WHY: &str = "any count will do";
#[derive(sandbox::Verify)]
#[verify(from = one::state)]
struct State {
    #[verify(unverified_because = WHY)]
    count: u32,
}

fn main() {}
