//! What can go wrong.

/// The result of everything fallible in this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why data could not be compressed or decompressed.
///
/// Messages contain no bytes of the data and none of the guest's memory.
///
/// # Examples
///
/// ```
/// use example_snappy::{Error, Snappy};
///
/// let error = Snappy::new()?.decompress(b"plain text", 1000).unwrap_err();
/// assert!(matches!(error, Error::Corrupt));
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The data is no block of snappy's, or a damaged one.
    #[error("this is no snappy block, or it is damaged; get it again from where it came from")]
    Corrupt,
    /// The output would be larger than the caller allows.
    #[error("the output is larger than the {limit} bytes that are allowed; raise the limit if the source can be trusted with it")]
    TooLarge {
        /// The limit in bytes.
        limit: u32,
    },
    /// The input is larger than a block may be.
    #[error("the input is larger than a block of {limit} bytes; give it in several blocks")]
    InputTooLarge {
        /// The limit in bytes.
        limit: u32,
    },
    /// The guest gave a value that snappy never gives: it is faulty, or an attacker has taken it over.
    #[error("`{function}` in the sandbox gave {what}, which snappy never does; the data cannot be trusted")]
    Implausible {
        /// The C function.
        function: &'static str,
        /// Which value was wrong, and how.
        what: &'static str,
    },
    /// The sandbox ended the call, or could not be made.
    #[error("the sandbox stopped snappy: {0}")]
    Sandbox(#[from] sandbox::Error),
}
