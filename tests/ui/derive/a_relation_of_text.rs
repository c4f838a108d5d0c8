// Relations are about numbers.
include!("../libraries.rs");
#[allow(unused_imports)]
use sandbox::rules;

#[derive(sandbox::Verify)]
#[verify(from = one::state, relation(count > 3))]
struct State {
    #[verify(rules::into("a number", |count: u32| Some(count.to_string())))]
    count: String,
}

fn main() {}
