//! Rules for text and bytes.

use std::ffi::CString;
use std::fmt::Debug;
use std::ops::RangeBounds;

use super::{condition, into, that};
use crate::Rule;

/// Bytes, or text, of the guest: what the rules about text and length take.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not text or bytes of a guest",
    note = "such are what `read_c_str`, `view` and `copy_out` return"
)]
pub trait Bytes: Sized {
    /// The same as text.
    type Text: AsRef<str>;
    /// Borrows the bytes, a terminator not included.
    #[doc(hidden)]
    fn bytes(&self) -> &[u8];
    /// Converts valid UTF-8.
    #[doc(hidden)]
    fn text(self) -> Option<Self::Text>;
}

impl Bytes for CString {
    type Text = String;

    fn bytes(&self) -> &[u8] {
        self.as_bytes()
    }

    fn text(self) -> Option<String> {
        self.into_string().ok()
    }
}

impl Bytes for Vec<u8> {
    type Text = String;

    fn bytes(&self) -> &[u8] {
        self
    }

    fn text(self) -> Option<String> {
        String::from_utf8(self).ok()
    }
}

impl<'a> Bytes for &'a [u8] {
    type Text = &'a str;

    fn bytes(&self) -> &[u8] {
        self
    }

    fn text(self) -> Option<&'a str> {
        str::from_utf8(self).ok()
    }
}

impl Bytes for String {
    type Text = Self;

    fn bytes(&self) -> &[u8] {
        self.as_bytes()
    }

    fn text(self) -> Option<Self> {
        Some(self)
    }
}

impl<'a> Bytes for &'a str {
    type Text = &'a str;

    fn bytes(&self) -> &[u8] {
        self.as_bytes()
    }

    fn text(self) -> Option<&'a str> {
        Some(self)
    }
}

/// Valid UTF-8, as a `String` or a `&str`.
///
/// # Examples
///
/// ```
/// # struct L;
/// use sandbox::{Tainted, rules};
///
/// assert_eq!(Tainted::<&[u8], L>::new("größer".as_bytes()).verify_with(rules::utf8())?, "größer");
/// # Ok::<(), sandbox::VerifyError>(())
/// ```
pub fn utf8<B: Bytes>() -> impl Rule<B, Output = B::Text> + Clone {
    into("UTF-8", B::text)
}

/// ASCII, as a `String` or a `&str`.
///
/// # Examples
///
/// ```
/// # struct L;
/// use sandbox::{Tainted, rules};
///
/// assert!(Tainted::<&[u8], L>::new(b"\xff").verify_with(rules::ascii()).is_err());
/// ```
pub fn ascii<B: Bytes>() -> impl Rule<B, Output = B::Text> + Clone {
    into("ASCII", |value: B| if value.bytes().is_ascii() { value.text() } else { None })
}

/// Text that can be shown: UTF-8 without control characters, and without those that look like nothing or that set the direction of
/// what follows. Letters of all scripts are fine, those that are written from right to left too; so is no text at all.
///
/// # Examples
///
/// ```
/// # struct L;
/// use sandbox::{Tainted, rules};
///
/// assert!(Tainted::<&[u8], L>::new(b"\x1b[2J").verify_with(rules::printable()).is_err());
/// assert!(Tainted::<&[u8], L>::new("a\u{3164}b".as_bytes()).verify_with(rules::printable()).is_err());
/// assert_eq!(Tainted::<&[u8], L>::new(b"it's").verify_with(rules::printable())?, "it's");
/// # Ok::<(), sandbox::VerifyError>(())
/// ```
pub fn printable<B: Bytes>() -> impl Rule<B, Output = B::Text> + Clone {
    // Rust escapes what Unicode calls control, format, private or unassigned; these are letters that nobody sees.
    let blank = |c: char| matches!(c, '\u{115f}' | '\u{1160}' | '\u{2800}' | '\u{3164}' | '\u{ffa0}' | '\u{fffc}');
    let shown = move |c: char| !blank(c) && (matches!(c, '\'' | '"' | '\\') || c.escape_debug().len() == 1);
    into("printable text", move |value: B| value.text().filter(|text| text.as_ref().chars().all(shown)))
}

/// Without a NUL byte.
///
/// # Examples
///
/// ```
/// # struct L;
/// use sandbox::{Tainted, rules};
///
/// assert!(Tainted::<&[u8], L>::new(b"a\0b").verify_with(rules::nul_free()).is_err());
/// ```
pub fn nul_free<B: Bytes>() -> impl Rule<B, Output = B> + Clone {
    that("free of NUL bytes", |value: &B| !value.bytes().contains(&0))
}

/// As many bytes as a range allows.
///
/// # Examples
///
/// ```
/// # struct L;
/// use sandbox::{Tainted, rules};
///
/// assert!(Tainted::<&[u8], L>::new(b"IHDR").verify_with(rules::length(4..=4)).is_ok());
/// assert!(Tainted::<&[u8], L>::new(b"").verify_with(rules::length(1..)).is_err());
/// ```
pub fn length<B: Bytes>(bytes: impl RangeBounds<usize> + Debug + Clone) -> impl Rule<B, Output = B> + Clone {
    let holds = |bytes: &_, value: &B| RangeBounds::contains(bytes, &value.bytes().len());
    condition(bytes, holds, |bytes| format!("of a length within {bytes:?}"), |value| super::shown::number(&value.bytes().len()))
}
