//! What a guest can be given: by default nothing, and each thing by its name.

use std::fmt;
#[cfg(feature = "host-folder")]
use std::path::Path;
use std::sync::Arc;

use crate::builder::Builder;
use crate::error::{Error, Result};
#[cfg(feature = "host-folder")]
use crate::imports::Folder;
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
    refused: Option<(Box<str>, Box<str>)>,
}

impl Capabilities {
    /// Checks that everything that was asked for can be given.
    pub(crate) fn check(&self) -> Result<()> {
        match &self.refused {
            None => Ok(()),
            Some((what, reason)) => Err(Error::Capability { what: what.clone(), reason: reason.clone() }),
        }
    }

    fn refuse(&mut self, what: String, reason: impl Into<Box<str>>) {
        self.refused.get_or_insert((what.into(), reason.into()));
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

    /// Gives the guest a folder of the host's to read, with all that is in it, below that path of the guest's. By default there is none.
    ///
    /// The folder is opened here, and once: sandboxes share it, and what becomes of its own path later makes no difference. What is in it is the host's present files, which
    /// may change while a guest reads them. A guest sees and opens files, directories, and links to either that do not lead out of the folder; a path that would lead out, by
    /// `..` or a link, is `ENOTCAPABLE`, and so are pipes, sockets and devices. It can write, make and remove nothing.
    ///
    /// The path is one as for [`file`](Self::file). A folder that cannot be opened is an error of [`build`](Self::build), as is a file that lies in it.
    ///
    /// # Trust
    ///
    /// The guest reads whatever the process may read there: nothing below the folder may be secret from it. It chooses how often it asks, so a file system
    /// that is slow or never answers, as one of the network's may, stops the thread in a call which no deadline interrupts.
    ///
    /// # Examples
    ///
    /// ```
    /// # use sandbox::{Builder, Library};
    /// fn with_dictionaries<L: Library>(builder: Builder<L>) -> Builder<L> { builder.folder("/share/hunspell", "/usr/share/hunspell") }
    /// ```
    #[cfg(feature = "host-folder")]
    #[must_use]
    pub fn folder(mut self, path: &str, folder: impl AsRef<Path>) -> Self {
        let folder = folder.as_ref();
        let capabilities = self.capabilities();
        let given = Folder::at(folder).map_err(|error| format!("it cannot be opened: {error}"));
        let added = given.and_then(|given| Ok(capabilities.files.get_or_insert_default().add_folder(path, given)?));
        if let Err(reason) = added {
            capabilities.refuse(format!("the host's folder {folder:?} as {path:?}"), reason);
        }
        self
    }
}
