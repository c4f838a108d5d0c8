// The members of a union are methods: each is another reading of the same bytes.
include!("../libraries.rs");

fn wrong(number: one::number) -> sandbox::Tainted<i32, one::Library> {
    number.i
}

fn main() {}
