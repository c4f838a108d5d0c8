//! What can go wrong with an image.

use std::io;

use sandbox::Tainted;

use crate::guest::Library;

/// The result of this crate's functions.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why an image could not be read or written.
///
/// After any of these, the same [`Png`](crate::Png) does the next image.
///
/// # Examples
///
/// ```
/// use example_libpng::{Error, PixelFormat, Png};
///
/// let mut png = Png::new()?;
/// assert!(matches!(png.decode(b"GIF89a", PixelFormat::Rgba8), Err(Error::Refused { .. })));
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// libpng says that the file is not a PNG, or a broken one.
    #[error("libpng refused the image: {message}")]
    Refused {
        /// libpng's own message, shortened, with everything unprintable escaped.
        message: String,
    },
    /// The image is larger than [`Limits`](crate::Limits) allows. Nothing was allocated for it.
    #[error("the image's {what} is {value}, and {limit} is the limit; raise it in `Limits` if the image is to be trusted so far")]
    TooLarge {
        /// What is too large.
        what: &'static str,
        /// How large it says it is.
        value: u64,
        /// What is allowed.
        limit: u64,
    },
    /// The image needs more memory than the sandbox may have.
    #[error("the image needs more memory than the sandbox may have; raise `Limits::guest_memory`")]
    OutOfMemory(#[source] sandbox::Error),
    /// libpng crashed, and the sandbox kept that to itself. An image that does this is hostile, or a bug report for libpng.
    #[error("libpng crashed in its sandbox")]
    Trapped(#[source] sandbox::Error),
    /// What libpng returned contradicts itself or the host: it is compromised.
    #[error("libpng returned an impossible {what}; the image is hostile, or libpng has a bug")]
    Lied {
        /// What was impossible.
        what: &'static str,
    },
    /// An image that was to be encoded is not one: its pixels are not width × height of its format.
    #[error("cannot encode: {0}")]
    Unencodable(&'static str),
    /// The source of a progressive decoding failed.
    #[error("cannot read the image")]
    Read(#[from] io::Error),
    /// The sandbox cannot be made or used.
    #[error("the sandbox failed")]
    Sandbox(#[source] sandbox::Error),
}

impl From<sandbox::Error> for Error {
    fn from(error: sandbox::Error) -> Self {
        use sandbox::Error as E;
        match error {
            E::Trap(_) | E::Exit { .. } | E::DeniedImport { .. } => Self::Trapped(error),
            E::Limit { .. } | E::Allocation { .. } => Self::OutOfMemory(error),
            // Addresses are the guest's: one that points nowhere is a lie.
            E::Memory(_) => Self::Lied { what: "pointer" },
            E::LyingAllocator { .. } => Self::Lied { what: "allocation" },
            _ => Self::Sandbox(error),
        }
    }
}

/// Verifies a number that has to be exactly what the host computed.
pub(crate) fn expect<T: PartialEq>(value: Tainted<T, Library>, expected: &T, what: &'static str) -> Result<T> {
    value.verify(|value| if value == *expected { Ok(value) } else { Err(Error::Lied { what }) })
}

/// Verifies a number that has to be at most `limit`.
pub(crate) fn at_most<T: PartialOrd>(value: Tainted<T, Library>, limit: T, what: &'static str) -> Result<T> {
    value.verify(|value| if value <= limit { Ok(value) } else { Err(Error::Lied { what }) })
}

/// Verifies a C truth value: any number is one.
pub(crate) fn truth(value: Tainted<i32, Library>) -> bool {
    value.unverified_because("zero is false and everything else is true, as in C") != 0
}

/// Makes text of the guest fit to be shown: nothing but printable characters, at most `limit` of the guest's bytes.
pub(crate) fn printable(bytes: &[u8], limit: usize) -> String {
    let bytes = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
    shown(&String::from_utf8_lossy(bytes.get(..limit).unwrap_or(bytes)))
}

/// Escapes what is not printable.
pub(crate) fn shown(text: &str) -> String {
    let mut shown = String::new();
    for c in text.chars() {
        // Within text, accents and the like belong to the character before them; at its beginning
        // they are escaped.
        let mut pair = String::from("a");
        pair.push(c);
        match c {
            '\'' | '"' => shown.push(c),
            _ if !shown.is_empty() && pair.escape_debug().eq(pair.chars()) => shown.push(c),
            _ => shown.extend(c.escape_debug()),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guest_text_is_escaped_and_shortened() {
        assert_eq!(printable(b"IDAT: CRC error", 99), "IDAT: CRC error");
        assert_eq!(printable(b"a\x1b[2Jb\0behind", 99), "a\\u{1b}[2Jb");
        assert_eq!(printable(b"it's too long", 4), "it's");
        assert_eq!(printable(b"\xff", 4), "\u{fffd}");
        assert_eq!(printable("Cafe\u{301} \u{2764}\u{fe0f}".as_bytes(), 99), "Cafe\u{301} \u{2764}\u{fe0f}");
        assert_eq!(printable("\u{301}a\u{202e}b\\c".as_bytes(), 99), "\\u{301}a\\u{202e}b\\\\c");
    }
}
