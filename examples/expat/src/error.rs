//! What can go wrong with a document.

/// The result of this crate's functions.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a document could not be parsed.
///
/// # Examples
///
/// ```
/// let error = example_expat::parse(b"<a>\n  <b></a>", 1 << 10).unwrap_err();
/// assert_eq!(error.to_string(), "line 2, column 7: mismatched tag");
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The document is no XML.
    #[error("line {line}, column {column}: {reason}")]
    Malformed {
        /// The line, counted from 1.
        line: u32,
        /// The column, counted from 0.
        column: u32,
        /// expat's own message, shortened, with everything unprintable escaped.
        reason: String,
    },
    /// The events take more memory than allowed.
    #[error("the document's events need more than {limit} bytes; allow more if the document is to be trusted so far")]
    TooLarge {
        /// What is allowed, in bytes.
        limit: usize,
    },
    /// The memory that expat may have is used up.
    #[error("the document needs more memory than the sandbox may have")]
    OutOfMemory,
    /// What expat reported cannot be: it is compromised.
    #[error("expat reported {what}; the document is hostile, or expat has a bug")]
    Lied {
        /// What is impossible.
        what: &'static str,
    },
    /// expat crashed in its sandbox or passed it what cannot be.
    #[error("the sandbox ended the parsing")]
    Sandbox(#[source] sandbox::Error),
}

impl From<sandbox::Error> for Error {
    fn from(error: sandbox::Error) -> Self {
        use sandbox::Error::Callback;
        match error {
            // A callback's error comes out of the call of expat as it went in.
            Callback { function, error } => match error.downcast::<Self>() {
                Ok(own) => *own,
                Err(error) => Self::Sandbox(Callback { function, error }),
            },
            error => Self::Sandbox(error),
        }
    }
}

impl From<sandbox::VerifyError> for Error {
    fn from(error: sandbox::VerifyError) -> Self {
        Self::Sandbox(error.into())
    }
}
