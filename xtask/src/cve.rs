//! `cargo xtask cve`.

use std::error::Error;

use crate::cargo::cargo;

/// Replays the bugs in the workspace `cve`, which has a lockfile of its own, and prints their table.
pub(crate) fn run() -> Result<(), Box<dyn Error>> {
    cargo(&["run", "--locked", "--quiet", "--manifest-path", "cve/Cargo.toml"], &[])
}
