//! `cargo xtask metering`.

use std::error::Error;

use crate::cargo::cargo;

/// How often each kind of code is timed.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Rounds, in each of which every kind of code has its turn
    #[arg(long, default_value_t = 31)]
    rounds: usize,
}

/// Prints what the checks in a guest's code cost.
pub(crate) fn run(options: &Options) -> Result<(), Box<dyn Error>> {
    // All packages are selected, so that the engine is built only once.
    let rounds = options.rounds.to_string();
    cargo(&["test", "--quiet", "--workspace", "--example", "metering", "--", &rounds], &[])
}
