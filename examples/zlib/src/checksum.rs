//! CRC-32 and Adler-32 of data that comes in pieces.

use std::borrow::BorrowMut;
use std::io;

use crate::bindings::zlib;
use crate::context::{CHUNK, Zlib};
use crate::{Error, Result};

/// The largest prime below 65536, by which both sums of Adler-32 are reduced.
const ADLER_BASE: u32 = 65_521;

/// A checksum that zlib can compute.
///
/// # Examples
///
/// ```
/// use example_zlib::{Algorithm, Checksum};
///
/// assert_eq!(Checksum::new(Algorithm::Adler32)?.value(), 1);
/// # Ok::<(), example_zlib::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// The cyclic redundancy check of gzip, ZIP and PNG.
    Crc32,
    /// The two sums of the zlib format.
    Adler32,
}

/// A checksum in the making. Implements [`io::Write`].
///
/// # Examples
///
/// ```
/// use example_zlib::{Algorithm, Checksum, Zlib};
///
/// let mut zlib = Zlib::new()?;
/// let mut crc = Checksum::with(&mut zlib, Algorithm::Crc32);
/// std::io::copy(&mut &b"123456789"[..], &mut crc)?;
/// assert_eq!(crc.value(), 0xcbf4_3926);
/// # Ok::<(), example_zlib::Error>(())
/// ```
#[derive(Debug)]
pub struct Checksum<Z = Zlib> {
    zlib: Z,
    algorithm: Algorithm,
    value: u32,
    failed: bool,
}

impl Checksum {
    /// Starts a checksum in a sandbox of its own.
    ///
    /// # Errors
    ///
    /// As [`Zlib::new`].
    ///
    /// # Examples
    ///
    /// ```
    /// use example_zlib::{Algorithm, Checksum};
    ///
    /// let mut crc = Checksum::new(Algorithm::Crc32)?;
    /// crc.update(b"1234")?;
    /// crc.update(b"56789")?;
    /// assert_eq!(crc.value(), 0xcbf4_3926);
    /// # Ok::<(), example_zlib::Error>(())
    /// ```
    pub fn new(algorithm: Algorithm) -> Result<Self> {
        Ok(Self::with(Zlib::new()?, algorithm))
    }
}

impl<Z: BorrowMut<Zlib>> Checksum<Z> {
    /// Starts a checksum in a sandbox that is there, borrowed or not.
    ///
    /// # Examples
    ///
    /// ```
    /// use example_zlib::{Algorithm, Checksum, Zlib};
    ///
    /// let mut zlib = Zlib::new()?;
    /// assert_eq!(Checksum::with(&mut zlib, Algorithm::Crc32).value(), 0);
    /// # Ok::<(), example_zlib::Error>(())
    /// ```
    pub fn with(zlib: Z, algorithm: Algorithm) -> Self {
        let value = match algorithm {
            Algorithm::Crc32 => 0,
            Algorithm::Adler32 => 1,
        };
        Self { zlib, algorithm, value, failed: false }
    }

    /// Adds the next piece of the data.
    ///
    /// # Errors
    ///
    /// [`Error::Sandbox`] and [`Error::Implausible`], if the guest misbehaves; afterwards, [`Error::Failed`].
    ///
    /// # Examples
    ///
    /// ```
    /// # use example_zlib::{Algorithm, Checksum};
    /// let mut adler = Checksum::new(Algorithm::Adler32)?;
    /// adler.update(b"Wiki")?;
    /// adler.update(b"pedia")?;
    /// assert_eq!(adler.value(), 0x11e6_0398);
    /// # Ok::<(), example_zlib::Error>(())
    /// ```
    pub fn update(&mut self, data: &[u8]) -> Result<()> {
        if self.failed {
            return Err(Error::Failed);
        }
        self.failed = true;
        for piece in data.chunks(CHUNK as usize) {
            self.add(piece)?;
        }
        self.failed = false;
        Ok(())
    }

    fn add(&mut self, piece: &[u8]) -> Result<()> {
        let zlib = self.zlib.borrow_mut();
        zlib.rest()?;
        zlib.at_rest = false;
        let (sandbox, input) = (&mut zlib.sandbox, &zlib.memory.input);
        sandbox.write_bytes(input.as_ptr(), piece)?;
        let length = u32::try_from(piece.len()).unwrap_or(CHUNK);
        self.value = match self.algorithm {
            Algorithm::Crc32 => zlib::crc32(sandbox, self.value, input, length)?.unverified_because("every number is a CRC of something"),
            Algorithm::Adler32 => zlib::adler32(sandbox, self.value, input, length)?.verify(check_adler)?,
        };
        zlib.at_rest = true;
        Ok(())
    }

    /// Returns the checksum of the data so far.
    ///
    /// # Trust
    ///
    /// A guest that an attacker has taken over can give any value. A checksum detects damage, never forgery.
    ///
    /// # Examples
    ///
    /// ```
    /// # use example_zlib::{Algorithm, Checksum};
    /// let mut crc = Checksum::new(Algorithm::Crc32)?;
    /// crc.update(b"123456789")?;
    /// assert_eq!(format!("{:08x}", crc.value()), "cbf43926");
    /// # Ok::<(), example_zlib::Error>(())
    /// ```
    #[must_use]
    pub fn value(&self) -> u32 {
        self.value
    }
}

fn check_adler(value: u32) -> Result<u32> {
    if value & 0xffff < ADLER_BASE && value >> 16 < ADLER_BASE {
        Ok(value)
    } else {
        Err(Error::Implausible { function: "adler32", what: "a sum that is not reduced" })
    }
}

impl<Z: BorrowMut<Zlib>> io::Write for Checksum<Z> {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        self.update(data)?;
        Ok(data.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_adler_sum_that_is_not_reduced_is_refused() {
        assert!(check_adler(65_520 << 16 | 65_520).is_ok());
        assert!(check_adler(65_521).is_err());
        assert!(check_adler(65_521 << 16).is_err());
    }
}
