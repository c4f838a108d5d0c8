//! The parameters of a stream.

use std::fmt;

/// How compressed data is wrapped.
///
/// # Examples
///
/// ```
/// use example_zlib::{Format, Level, Zlib};
///
/// let mut zlib = Zlib::new()?;
/// assert_eq!(zlib.compress(b"", Format::Gzip, Level::BEST)?[..2], [0x1f, 0x8b]);
/// assert_eq!(zlib.compress(b"", Format::Zlib, Level::BEST)?[0], 0x78);
/// # Ok::<(), example_zlib::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// A two-byte header, and an Adler-32 checksum at the end (RFC 1950). In PNG, HTTP's `deflate`, git objects.
    Zlib,
    /// A file header, and a CRC-32 checksum and the length at the end (RFC 1952). `.gz` files, HTTP's `gzip`.
    Gzip,
    /// Nothing around it, hence no checksum: damage may go unnoticed (RFC 1951). In ZIP files.
    Raw,
}

impl Format {
    /// All three.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(example_zlib::Format::ALL.map(|format| format.to_string()), ["zlib", "gzip", "raw deflate"]);
    /// ```
    pub const ALL: [Self; 3] = [Self::Zlib, Self::Gzip, Self::Raw];

    /// zlib's `windowBits`: a window of 32 KiB, and the wrapper encoded in what the number is beside 15.
    pub(crate) const fn window_bits(self) -> i32 {
        match self {
            Self::Zlib => 15,
            Self::Gzip => 15 + 16,
            Self::Raw => -15,
        }
    }

    /// How many bytes the shortest stream has: an empty block of 10 bits in its wrapping.
    pub(crate) const fn least_bytes(self) -> u64 {
        match self {
            Self::Zlib => 2 + 2 + 4,
            Self::Gzip => 10 + 2 + 8,
            Self::Raw => 2,
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Zlib => "zlib",
            Self::Gzip => "gzip",
            Self::Raw => "raw deflate",
        })
    }
}

/// How hard to compress: 0 (only wrap) to 9 (smallest).
///
/// # Examples
///
/// ```
/// use example_zlib::Level;
///
/// assert_eq!(Level::new(6), Some(Level::DEFAULT));
/// assert_eq!(Level::new(10), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Level(u8);

impl Level {
    /// 0: no compression.
    pub const NONE: Self = Self(0);
    /// 1: fastest.
    pub const FAST: Self = Self(1);
    /// 6: zlib's default.
    pub const DEFAULT: Self = Self(6);
    /// 9: smallest output.
    pub const BEST: Self = Self(9);

    /// Makes a level out of a number from 0 to 9.
    ///
    /// # Examples
    ///
    /// ```
    /// assert!((0..=9).all(|level| example_zlib::Level::new(level).is_some()));
    /// ```
    #[must_use]
    pub const fn new(level: u8) -> Option<Self> {
        if level <= 9 { Some(Self(level)) } else { None }
    }

    /// Returns the number.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(example_zlib::Level::BEST.get(), 9);
    /// ```
    #[must_use]
    pub const fn get(self) -> u8 {
        self.0
    }
}

impl Default for Level {
    fn default() -> Self {
        Self::DEFAULT
    }
}
