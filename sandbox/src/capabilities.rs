//! What a guest can be given: by default nothing, and each thing by its name.

use std::fmt;
use std::sync::Arc;

use crate::builder::Builder;
use crate::error::{Error, Result};
use crate::imports::{Clock, Environment, Output, Random, Tree};
use crate::module::Library;

/// What a sandbox is made with besides its limits: the same for each instance that it makes.
#[derive(Clone, Default)]
pub(crate) struct Capabilities {
    pub(crate) stdin: Option<Arc<[u8]>>,
    pub(crate) stdout: Output,
    pub(crate) stderr: Output,
    pub(crate) clock: Clock,
    pub(crate) random: Random,
    pub(crate) environment: Environment,
    pub(crate) files: Option<Tree>,
    /// What cannot be given, and why: the first of these.
    refused: Option<(Box<str>, &'static str)>,
}

impl Capabilities {
    /// Checks that everything that was asked for can be given.
    pub(crate) fn check(&self) -> Result<()> {
        match &self.refused {
            None => Ok(()),
            Some((what, reason)) => Err(Error::Capability { what: what.clone(), reason }),
        }
    }

    fn refuse(&mut self, what: String, reason: &'static str) {
        self.refused.get_or_insert((what.into(), reason));
    }
}

/// Without bytes of the host: there may be many, and secrets among them.
impl fmt::Debug for Capabilities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Capabilities")
            .field("stdin", &self.stdin.as_ref().map(|bytes| format_args!("{} bytes", bytes.len()).to_string()))
            .field("stdout", &self.stdout)
            .field("stderr", &self.stderr)
            .field("clock", &self.clock)
            .field("random", &self.random)
            .field("environment", &self.environment)
            .field("files", &self.files)
            .finish_non_exhaustive()
    }
}

/// What the guest can reach: nothing, unless it is given here by its name.
impl<L: Library> Builder<L> {
    fn capabilities(&mut self) -> &mut Capabilities {
        Arc::make_mut(&mut self.capabilities)
    }

    /// Gives the guest a standard input to read: these bytes, from their beginning after each [`reset`](crate::Sandbox::reset). By default, reading it fails.
    ///
    /// # Examples
    ///
    /// ```
    /// # use sandbox::{Builder, Library};
    /// fn one_line<L: Library>(builder: Builder<L>) -> Builder<L> { builder.stdin(&b"hello\n"[..]) }
    /// ```
    #[must_use]
    pub fn stdin(mut self, bytes: impl Into<Arc<[u8]>>) -> Self {
        self.capabilities().stdin = Some(bytes.into());
        self
    }

    /// Sets what becomes of the guest's standard output. By default, writing to it fails.
    ///
    /// # Examples
    ///
    /// ```
    /// # use sandbox::{Builder, Library, Output};
    /// fn chatty<L: Library>(builder: Builder<L>) -> Builder<L> { builder.stdout(Output::Inherit) }
    /// ```
    #[must_use]
    pub fn stdout(mut self, output: Output) -> Self {
        self.capabilities().stdout = output;
        self
    }

    /// Sets what becomes of the guest's standard error. By default, writing to it fails.
    ///
    /// # Examples
    ///
    /// ```
    /// # use sandbox::{Builder, Library, Output};
    /// fn kept<L: Library>(builder: Builder<L>) -> Builder<L> { builder.stderr(Output::Capture { limit: 4096 }) }
    /// ```
    #[must_use]
    pub fn stderr(mut self, output: Output) -> Self {
        self.capabilities().stderr = output;
        self
    }

    /// Gives the guest a clock: C's `time`, `gettimeofday` and `clock_gettime`. By default they fail.
    ///
    /// # Examples
    ///
    /// ```
    /// # use sandbox::{Builder, Clock, Library};
    /// fn dated<L: Library>(builder: Builder<L>) -> Builder<L> { builder.clock(Clock::Host) }
    /// ```
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.capabilities().clock = clock;
        self
    }

    /// Gives the guest random numbers: C's `getentropy` and `arc4random`. By default the first fails, and the second ends the call.
    ///
    /// # Examples
    ///
    /// ```
    /// # use sandbox::{Builder, Library, Random};
    /// fn reproducible<L: Library>(builder: Builder<L>) -> Builder<L> { builder.random(Random::Seeded(7)) }
    /// ```
    #[must_use]
    pub fn random(mut self, random: Random) -> Self {
        self.capabilities().random = random;
        self
    }

    /// Gives the guest an environment variable, or another value for one that it has. By default it has none, and never those of the host.
    ///
    /// A name that is empty or has a `=` or a NUL in it, and a value with a NUL, are an error of [`build`](Self::build).
    ///
    /// # Examples
    ///
    /// ```
    /// # use sandbox::{Builder, Library};
    /// fn in_utc<L: Library>(builder: Builder<L>) -> Builder<L> { builder.env("TZ", "UTC") }
    /// ```
    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Self {
        let capabilities = self.capabilities();
        if let Err(reason) = capabilities.environment.set(name, value) {
            capabilities.refuse(format!("the environment variable {name:?}"), reason);
        }
        self
    }

    /// Gives the guest a file that it can read, with the directories that it lies in. By default there are none, and never those of the host.
    ///
    /// The bytes stay where they are: sandboxes share them, and a guest reads out of them. No guest can change them, or make other files.
    ///
    /// The path begins with `/`, each name in it has 1 to 255 bytes and is neither `.` nor `..`, and all of it has at most 4096 bytes. Any other path is an
    /// error of [`build`](Self::build), as is a file that lies in another file. A path that was given before is replaced.
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use sandbox::{Builder, Library};
    /// fn with_words<L: Library>(builder: Builder<L>, words: Arc<[u8]>) -> Builder<L> { builder.file("/share/dict.txt", words) }
    /// ```
    #[must_use]
    pub fn file(mut self, path: &str, bytes: impl Into<Arc<[u8]>>) -> Self {
        let capabilities = self.capabilities();
        if let Err(reason) = capabilities.files.get_or_insert_default().add(path, bytes.into()) {
            capabilities.refuse(format!("the file {path:?}"), reason);
        }
        self
    }
}
