// A nested struct derives Verify itself.
include!("../libraries.rs");
#[allow(unused_imports)]
use sandbox::rules;

struct Inner;
#[derive(sandbox::Verify)]
#[verify(from = one::state)]
struct State {
    #[verify(nested)]
    count: Inner,
}

fn main() {}
