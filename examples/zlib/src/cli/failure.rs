//! Why a command failed, in words for its user.

use std::fmt;
use std::io;

use example_zlib::Error;

pub(crate) type Result<T, E = Failure> = std::result::Result<T, E>;

/// A message for stderr.
#[derive(Debug)]
pub(crate) struct Failure {
    message: String,
    /// Who read the output wants no more of it, as `head` does. Nobody needs to be told.
    pub(crate) silent: bool,
    /// Everything was done, and something is odd: as gzip, the command ends with 2 then.
    pub(crate) only_a_warning: bool,
}

impl Failure {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), silent: false, only_a_warning: false }
    }

    /// Says what was ignored of which file.
    pub(crate) fn warning(name: impl fmt::Display, error: Error) -> Self {
        let ignored = Self::about(name, error);
        Self { message: format!("{ignored} (it was ignored, and the data in front of it is whole)"), only_a_warning: true, ..ignored }
    }

    /// Says which file an error is about.
    pub(crate) fn about(name: impl fmt::Display, error: impl Into<Error>) -> Self {
        Self::new(format!("{name}: {}", error.into()))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let silent = matches!(&error, Error::Io(error) if error.kind() == io::ErrorKind::BrokenPipe);
        Self { message: error.to_string(), silent, only_a_warning: false }
    }
}

/// What is left without a name is about the output, which adds its own.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Error::from(error).into()
    }
}
