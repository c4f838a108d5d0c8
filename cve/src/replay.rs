//! One bug, replayed.

use crate::failure::Result;
use crate::{Contained, Failure, Finding, native};

/// A published bug with all that is needed to replay it.
#[derive(Debug, Clone, Copy)]
pub struct Replay {
    /// Its number.
    pub cve: &'static str,
    /// The library and its version, and the package with its sources.
    pub library: &'static str,
    /// What is wrong, in a few words.
    pub wrong: &'static str,
    /// The native program, by its name in `native/`.
    pub(crate) program: &'static str,
    /// Makes the input that triggers the bug.
    pub(crate) hostile: fn() -> Vec<u8>,
    /// Makes an input of the same kind that does not.
    pub(crate) honest: fn() -> Vec<u8>,
    /// Asks the library in the sandbox for its version.
    pub(crate) version: fn() -> Result<String>,
    /// Runs both in the sandbox.
    pub(crate) contain: fn(&[u8], &[u8]) -> Result<Contained>,
}

/// What came of a replay.
#[derive(Debug)]
pub struct Outcome {
    /// What AddressSanitizer reported first for the hostile input: the first write, if there is one.
    pub native: Finding,
    /// How the sandbox fared.
    pub sandbox: Contained,
}

impl Replay {
    /// Returns the library's version, as it says itself.
    ///
    /// # Errors
    ///
    /// [`Failure`], if it says no such thing.
    pub fn version(&self) -> Result<String> {
        (self.version)()
    }

    /// Runs the native program with both inputs, and the sandbox with both.
    ///
    /// # Errors
    ///
    /// [`Failure`], if the native program has nothing to report on the hostile input, or something on the honest one, or if the
    /// sandbox answers the hostile input or fails on the honest one.
    pub fn run(&self) -> Result<Outcome> {
        let (hostile, honest) = ((self.hostile)(), (self.honest)());
        let control = native::run(self.program, &honest)?;
        if !control.findings.is_empty() || !control.success {
            return Err(Failure::Unexpected(format!("natively, the honest input is not honest: {control:?}")));
        }
        let native = native::run(self.program, &hostile)?.gravest()?;
        let sandbox = (self.contain)(&hostile, &honest)?;
        Ok(Outcome { native, sandbox })
    }
}
