//! `cargo xtask test`.

use std::error::Error;

use crate::cargo::cargo;

/// Runs all tests with plain cargo, so that a machine with only Rust can.
pub(crate) fn run(arguments: &[String]) -> Result<(), Box<dyn Error>> {
    let mut all = vec!["test", "--workspace"];
    all.extend(arguments.iter().map(String::as_str));
    cargo(&all, &[])
}
