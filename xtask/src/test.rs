//! `cargo xtask test`.

use std::error::Error;

use crate::cargo::cargo;

/// Runs all tests with plain cargo, so that a machine with only Rust can.
pub(crate) fn run(arguments: &[String]) -> Result<(), Box<dyn Error>> {
    let mut all = vec!["test"];
    all.extend(arguments.iter().map(String::as_str));
    // All of them are built with one engine, and the test of a user's crate says if its own was built again.
    cargo(&all, if arguments.is_empty() { &[("SANDBOX_ONE_ENGINE", "1")] } else { &[] })
}
