//! The rules of tainted values, as programs that must not compile, with what the compiler says.
//!
//! `TRYBUILD=overwrite cargo test wrong_programs` writes the messages anew: read the difference, a
//! message is part of the interface. The messages are those of the Rust version that `rust-version`
//! in the workspace names.

#[test]
fn wrong_programs_are_refused() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("ui/*/*.rs");
}
