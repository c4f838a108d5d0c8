//! A sandbox with zlib in it, and the guest memory that all streams share.

use std::fmt;
use std::io::{Read, Write};

use sandbox::{Allocation, Sandbox};

use crate::bindings::zlib::{self, Library};
use crate::checksum::{Algorithm, Checksum};
use crate::{Decoder, Encoder, Error, Format, Level, Result};

/// Size of the guest's input and output buffers in bytes. Data crosses in pieces of at most this size.
pub(crate) const CHUNK: u32 = 64 << 10;

/// As much memory as the guest can have, in bytes. Compression needs 268 KB, decompression 48 KB, the buffers 128 KiB.
const MEMORY_LIMIT: u64 = 8 << 20;

/// zlib in a sandbox of its own, to be used for one stream after the other.
///
/// All guest memory is allocated once. After an error, or if a stream was given up in the middle, the next use starts with a
/// fresh guest, which takes microseconds; nobody has to think of it.
///
/// # Trust
///
/// A hostile input may take the guest over, and the guest then lives on until the next error or [`reset`](Self::reset). It
/// cannot reach the host, but it can falsify what it makes of later inputs. So call `reset` between inputs of different
/// parties.
///
/// # Examples
///
/// ```
/// use example_zlib::{Format, Level, Zlib};
///
/// let mut zlib = Zlib::new()?;
/// for text in ["one", "two", "three"] {
///     let packed = zlib.compress(text.as_bytes(), Format::Gzip, Level::DEFAULT)?;
///     assert_eq!(zlib.decompress(&packed, Format::Gzip, 1000)?, text.as_bytes());
/// }
/// # Ok::<(), example_zlib::Error>(())
/// ```
pub struct Zlib {
    pub(crate) sandbox: Sandbox<Library>,
    pub(crate) memory: GuestMemory,
    /// The guest is at rest: every stream that was begun in it has ended as it should.
    pub(crate) at_rest: bool,
}

/// What the host keeps in the guest.
pub(crate) struct GuestMemory {
    pub(crate) input: Allocation<u8, Library>,
    pub(crate) output: Allocation<u8, Library>,
    pub(crate) stream: Allocation<zlib::z_stream, Library>,
    pub(crate) version: Allocation<i8, Library>,
}

impl GuestMemory {
    fn new(sandbox: &mut Sandbox<Library>) -> Result<Self> {
        Ok(Self {
            input: sandbox.alloc(CHUNK)?,
            output: sandbox.alloc(CHUNK)?,
            stream: sandbox.alloc(1)?,
            version: sandbox.copy_in_c_str(zlib::ZLIB_VERSION)?,
        })
    }
}

impl Zlib {
    /// Makes a sandbox and loads zlib into it.
    ///
    /// # Errors
    ///
    /// [`Error::Sandbox`] if the compiled library does not fit this machine or process.
    ///
    /// # Examples
    ///
    /// ```
    /// let zlib = example_zlib::Zlib::new()?;
    /// # Ok::<(), example_zlib::Error>(())
    /// ```
    pub fn new() -> Result<Self> {
        let mut sandbox = Sandbox::builder().memory_limit(MEMORY_LIMIT).build()?;
        let memory = GuestMemory::new(&mut sandbox)?;
        Ok(Self { sandbox, memory, at_rest: true })
    }

    /// Replaces the guest by a fresh one, so that nothing of earlier inputs is left.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new). The next use tries again.
    ///
    /// # Examples
    ///
    /// ```
    /// use example_zlib::{Format, Zlib};
    ///
    /// # fn serve(uploads: &[(u32, Vec<u8>)]) -> Result<(), example_zlib::Error> {
    /// let mut zlib = Zlib::new()?;
    /// for (customer, upload) in uploads {
    ///     zlib.reset()?;
    ///     let data = zlib.decompress(upload, Format::Gzip, 1 << 20)?;
    ///     println!("customer {customer}: {} bytes", data.len());
    /// }
    /// # Ok(())
    /// # }
    /// # serve(&[])?;
    /// # Ok::<(), example_zlib::Error>(())
    /// ```
    pub fn reset(&mut self) -> Result<()> {
        self.at_rest = false;
        self.sandbox.reset()?;
        self.memory = GuestMemory::new(&mut self.sandbox)?;
        self.at_rest = true;
        Ok(())
    }

    /// Makes sure that the guest is at rest, by a fresh one if need be.
    pub(crate) fn rest(&mut self) -> Result<()> {
        if self.at_rest { Ok(()) } else { self.reset() }
    }

    /// Compresses `data` in one piece.
    ///
    /// # Errors
    ///
    /// [`Error::Sandbox`] and [`Error::Implausible`], if the guest misbehaves.
    ///
    /// # Examples
    ///
    /// ```
    /// use example_zlib::{Format, Level, Zlib};
    ///
    /// let packed = Zlib::new()?.compress(&[7; 100_000], Format::Zlib, Level::BEST)?;
    /// assert!(packed.len() < 200);
    /// # Ok::<(), example_zlib::Error>(())
    /// ```
    pub fn compress(&mut self, data: &[u8], format: Format, level: Level) -> Result<Vec<u8>> {
        let mut encoder = Encoder::with(self, Vec::new(), format, level)?;
        encoder.write_all(data)?;
        encoder.finish()
    }

    /// Decompresses `data` in one piece, into at most `max_output` bytes.
    ///
    /// Takes concatenated gzip members as one, and zeros behind them as nothing, as `gunzip` does.
    ///
    /// # Errors
    ///
    /// [`Error::TooLarge`] instead of more than `max_output` bytes; [`Error::WrongFormat`], [`Error::Corrupt`],
    /// [`Error::Truncated`], [`Error::TrailingData`], [`Error::NeedsDictionary`] for data that is not all as it should be;
    /// [`Error::Sandbox`] and [`Error::Implausible`] if the guest misbehaves.
    ///
    /// # Examples
    ///
    /// ```
    /// use example_zlib::{Error, Format, Level, Zlib};
    ///
    /// let mut zlib = Zlib::new()?;
    /// let bomb = zlib.compress(&vec![0; 10_000_000], Format::Gzip, Level::BEST)?;
    /// assert!(bomb.len() < 10_000);
    /// assert!(matches!(zlib.decompress(&bomb, Format::Gzip, 1 << 20), Err(Error::TooLarge { limit: 1_048_576 })));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn decompress(&mut self, data: &[u8], format: Format, max_output: u64) -> Result<Vec<u8>> {
        let mut output = Vec::new();
        Decoder::with(self, data, format, max_output)?.read_to_end(&mut output)?;
        Ok(output)
    }

    /// Returns the CRC-32 of `data`, as in gzip, ZIP and PNG.
    ///
    /// # Errors
    ///
    /// [`Error::Sandbox`] if the guest misbehaves.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(example_zlib::Zlib::new()?.crc32(b"123456789")?, 0xcbf4_3926);
    /// # Ok::<(), example_zlib::Error>(())
    /// ```
    pub fn crc32(&mut self, data: &[u8]) -> Result<u32> {
        self.checksum(data, Algorithm::Crc32)
    }

    /// Returns the Adler-32 of `data`, as in the zlib format.
    ///
    /// # Errors
    ///
    /// [`Error::Sandbox`] and [`Error::Implausible`], if the guest misbehaves.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(example_zlib::Zlib::new()?.adler32(b"Wikipedia")?, 0x11e6_0398);
    /// # Ok::<(), example_zlib::Error>(())
    /// ```
    pub fn adler32(&mut self, data: &[u8]) -> Result<u32> {
        self.checksum(data, Algorithm::Adler32)
    }

    fn checksum(&mut self, data: &[u8], algorithm: Algorithm) -> Result<u32> {
        let mut checksum = Checksum::with(self, algorithm);
        checksum.update(data)?;
        Ok(checksum.value())
    }

    /// Returns how much memory the guest has, in bytes: what it was given at the start, and all that it ever grew by.
    ///
    /// # Errors
    ///
    /// [`Error::Sandbox`] if the last use failed in such a way that the guest is gone.
    ///
    /// # Examples
    ///
    /// ```
    /// assert!(example_zlib::Zlib::new()?.guest_memory()? < 8 << 20);
    /// # Ok::<(), example_zlib::Error>(())
    /// ```
    pub fn guest_memory(&self) -> Result<usize, Error> {
        Ok(self.sandbox.memory_size()?)
    }
}

impl fmt::Debug for Zlib {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Zlib").field("sandbox", &self.sandbox).field("at_rest", &self.at_rest).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::{Flush, Stream};

    /// Begins to decompress, and lets an attacker who writes the guest's memory replace zlib's own pointer to its state.
    fn taken_over(zlib: &mut Zlib, state: impl FnOnce(&Zlib) -> sandbox::TaintedPtr<zlib::internal_state, Library>) -> Error {
        let mut stream = Stream::inflate(zlib, Format::Gzip).unwrap();
        stream.stage(zlib, &[0x1f, 0x8b]).unwrap();
        let forged = state(zlib);
        let place = zlib.memory.stream.as_ptr().state();
        zlib.sandbox.write(place, forged).unwrap();
        stream.step(zlib, Flush::None, CHUNK).unwrap_err()
    }

    fn works(zlib: &mut Zlib) {
        let packed = zlib.compress(b"again", Format::Gzip, Level::DEFAULT).unwrap();
        assert_eq!(zlib.decompress(&packed, Format::Gzip, 5).unwrap(), b"again");
    }

    #[test]
    fn after_a_trap_the_next_use_has_a_fresh_guest() {
        let mut zlib = Zlib::new().unwrap();
        let error = taken_over(&mut zlib, |zlib| zlib.memory.input.as_ptr().add(0x4000_0000).cast());
        assert!(matches!(&error, Error::Sandbox(sandbox::Error::Trap(trap)) if trap.function() == "inflate"), "{error:?}");
        assert!(zlib.sandbox.is_poisoned());
        works(&mut zlib);
    }

    #[test]
    fn an_answer_that_the_host_gave_no_cause_for_is_implausible() {
        let mut zlib = Zlib::new().unwrap();
        // zlib answers Z_STREAM_ERROR, "you have made a mistake".
        let error = taken_over(&mut zlib, |_| sandbox::TaintedPtr::null());
        assert!(matches!(error, Error::Implausible { function: "inflate", .. }), "{error:?}");
        works(&mut zlib);
    }

    #[test]
    fn a_context_can_be_sent_to_another_thread() {
        fn send<T: Send>(_: &T) {}
        let mut zlib = Zlib::new().unwrap();
        send(&zlib);
        send(&Encoder::with(&mut zlib, Vec::new(), Format::Raw, Level::FAST).unwrap());
    }
}
