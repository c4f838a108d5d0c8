//! `cargo xtask demo`.

use std::error::Error;

use crate::cargo::cargo;

/// Runs the demo of the libpng example. The toolchain is set up by now.
pub(crate) fn run(arguments: &[String]) -> Result<(), Box<dyn Error>> {
    let mut all = vec!["run", "--release", "--package", "example-libpng", "--", "demo"];
    all.extend(arguments.iter().map(String::as_str));
    cargo(&all, &[])
}
