//! What can go wrong, and what kind of I/O error it is.

use std::io;

use crate::Format;

/// The result of everything fallible in this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why data could not be compressed or decompressed.
///
/// Messages contain no bytes of the data and none of the guest's memory.
///
/// # Examples
///
/// ```
/// use example_zlib::{Error, Format, Zlib};
///
/// let error = Zlib::new()?.decompress(b"plain text", Format::Gzip, 100).unwrap_err();
/// assert!(matches!(error, Error::WrongFormat { format: Format::Gzip }));
/// assert_eq!(error.to_string(), "this is not gzip data; choose the format that it was compressed with");
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The data does not even start like the format.
    #[error("this is not {format} data; choose the format that it was compressed with")]
    WrongFormat {
        /// What the data was taken for.
        format: Format,
    },
    /// The data is damaged.
    #[error("the {format} data is damaged before byte {offset}: {reason}")]
    Corrupt {
        /// The format.
        format: Format,
        /// How many bytes of input had been used up, the damaged ones included.
        offset: u64,
        /// zlib's words. They are found in a list on the host, and are not what the guest's memory says.
        reason: &'static str,
    },
    /// The data ends too early.
    #[error("the {format} data ends after {offset} bytes, in the middle; get the rest")]
    Truncated {
        /// The format.
        format: Format,
        /// How many bytes there were.
        offset: u64,
    },
    /// Something that is no compressed data follows.
    #[error("{format} data ends at byte {offset}, and something else follows; use `Decoder::single` if it should be left alone")]
    TrailingData {
        /// The format.
        format: Format,
        /// Where the other data starts.
        offset: u64,
    },
    /// The data was compressed with a preset dictionary.
    #[error("the zlib data needs a preset dictionary, which this crate does not support")]
    NeedsDictionary,
    /// The output is larger than the caller allows.
    #[error("the output is larger than the {limit} bytes that are allowed; raise the limit if the source can be trusted with it")]
    TooLarge {
        /// The caller's limit in bytes.
        limit: u64,
    },
    /// zlib found no memory in the guest.
    #[error("zlib ran out of memory in its sandbox")]
    OutOfMemory,
    /// The guest gave a value that zlib never gives: it is faulty, or an attacker has taken it over.
    #[error("`{function}` in the sandbox gave {what}, which zlib never does; the data cannot be trusted")]
    Implausible {
        /// The C function.
        function: &'static str,
        /// Which value was wrong, and how.
        what: &'static str,
    },
    /// The stream failed before, and cannot go on.
    #[error("the stream failed before; start a new one")]
    Failed,
    /// The sandbox ended the call, or could not be made.
    #[error("the sandbox stopped zlib: {0}")]
    Sandbox(#[from] sandbox::Error),
    /// The reader or writer that the data comes from or goes to failed.
    #[error(transparent)]
    Io(io::Error),
}

impl From<Error> for io::Error {
    fn from(error: Error) -> Self {
        use io::ErrorKind as Kind;
        let kind = match error {
            Error::Io(error) => return error,
            Error::WrongFormat { .. } | Error::Corrupt { .. } | Error::TrailingData { .. } | Error::NeedsDictionary => Kind::InvalidData,
            Error::Truncated { .. } => Kind::UnexpectedEof,
            Error::TooLarge { .. } => Kind::FileTooLarge,
            Error::OutOfMemory => Kind::OutOfMemory,
            Error::Implausible { .. } | Error::Failed | Error::Sandbox(_) => Kind::Other,
        };
        Self::new(kind, error)
    }
}

/// Takes out the error of this crate that an adapter had to wrap, so that a caller can match on it.
impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        error.downcast::<Self>().unwrap_or_else(Self::Io)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_survives_the_way_through_io() {
        let error = Error::from(io::Error::from(Error::TooLarge { limit: 7 }));
        assert!(matches!(error, Error::TooLarge { limit: 7 }), "{error:?}");
    }

    #[test]
    fn an_error_of_the_reader_comes_out_as_it_went_in() {
        let error = io::Error::from(Error::from(io::Error::from(io::ErrorKind::ConnectionReset)));
        assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
    }
}
