//! `cargo xtask demo`.

use std::error::Error;
use std::process::Command;

use crate::cargo::{cargo, root, target_folder};

/// Runs the demo of the libpng example. The toolchain is set up by now.
pub(crate) fn run(arguments: &[String]) -> Result<(), Box<dyn Error>> {
    // An example beside the program, of the packages that `cargo test` chooses from: so cargo builds the engine that `cargo xtask test` needs.
    cargo(&["build", "--bin", "example-libpng", "--example", "first_row_native"], &[])?;
    let program = target_folder()?.join("debug/example-libpng").with_extension(std::env::consts::EXE_EXTENSION);
    let status = Command::new(&program).arg("demo").args(arguments).current_dir(root()?).status();
    let status = status.map_err(|error| format!("could not start {}: {error}", program.display()))?;
    if status.success() { Ok(()) } else { Err(format!("the demo failed ({status})").into()) }
}
