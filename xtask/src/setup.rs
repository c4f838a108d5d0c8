//! `cargo xtask setup`, and what the other tasks do first.

use std::error::Error;
use std::io;

use cargo_sandbox::setup::{self, Machine, Options};

pub(crate) fn setup(options: &Options) -> Result<(), Box<dyn Error>> {
    setup::run(options, &Machine::this(), &mut io::stdout())?;
    Ok(())
}

/// Sets up without a question: whoever runs a task that says so in its first words has been asked.
pub(crate) fn if_needed() -> Result<(), Box<dyn Error>> {
    setup(&Options { yes: true, ..Options::default() })
}
