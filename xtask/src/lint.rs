//! `cargo xtask lint`.

use std::error::Error;

use crate::cargo::cargo;

pub(crate) fn run() -> Result<(), Box<dyn Error>> {
    cargo(&["fmt", "--all", "--check"], &[])?;
    cargo(&["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"], &[])?;
    // As users have it: the workspace turns on features that they may not.
    cargo(&["check", "--package", "sandbox"], &[])?;
    cargo(&["doc", "--workspace", "--no-deps"], &[("RUSTDOCFLAGS", "--deny warnings")])
}
