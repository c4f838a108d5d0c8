//! `cargo xtask setup`, and what the other tasks do first.

use std::env;
use std::error::Error;
use std::io;

use cargo_sandbox::setup::{self, Machine, Options, SetupError};

use crate::cargo::cargo;

pub(crate) fn setup(options: &Options) -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(2).collect();
    set_up(options, &arguments.iter().map(String::as_str).collect::<Vec<_>>())
}

/// Sets up without a question: whoever runs a task that says so in its first words has been asked.
pub(crate) fn if_needed() -> Result<(), Box<dyn Error>> {
    set_up(&Options { yes: true, ..Options::default() }, &["--yes"])
}

/// Sets up with what is compiled into this program, and with the users' own, given these arguments, where that takes a download.
fn set_up(options: &Options, arguments: &[&str]) -> Result<(), Box<dyn Error>> {
    match setup::run(options, &Machine::this(), &mut io::stdout()) {
        Err(SetupError::NoDownload) => cargo(&[&["run", "--package", "cargo-sandbox", "--", "setup"], arguments].concat(), &[]),
        other => Ok(other.map(drop)?),
    }
}
