//! Compression as a [`Write`] adapter.

use std::borrow::BorrowMut;
use std::io::{self, ErrorKind, Write};

use crate::stream::{Flush, Stream};
use crate::{Error, Format, Level, Result, Zlib};

/// Compresses what is written to it, and writes that to `W`.
///
/// Call [`finish`](Self::finish) at the end: an encoder that is only dropped leaves a truncated stream, since a drop could not
/// report errors. Small writes are collected in the guest's buffer; there is no use in a `BufWriter` around this.
///
/// If `W` fails, nothing is lost and nothing written twice: the same call can be repeated.
///
/// # Examples
///
/// ```
/// use std::io::Write;
/// use example_zlib::{Encoder, Format, Level, Zlib};
///
/// let mut encoder = Encoder::new(Vec::new(), Format::Gzip, Level::DEFAULT)?;
/// for line in 0..1000 {
///     writeln!(encoder, "line {line}")?;
/// }
/// let packed = encoder.finish()?;
/// assert!(packed.len() < 3000);
/// # Ok::<(), example_zlib::Error>(())
/// ```
#[derive(Debug)]
#[must_use = "nothing is compressed before something is written and `finish` is called"]
pub struct Encoder<W, Z = Zlib> {
    zlib: Z,
    stream: Stream,
    writer: W,
}

impl<W: Write> Encoder<W> {
    /// Starts a stream in a sandbox of its own.
    ///
    /// # Errors
    ///
    /// As [`Zlib::new`] and [`with`](Self::with).
    ///
    /// # Examples
    ///
    /// ```
    /// use example_zlib::{Encoder, Format, Level};
    ///
    /// let empty = Encoder::new(Vec::new(), Format::Raw, Level::DEFAULT)?.finish()?;
    /// assert_eq!(empty, [3, 0]);
    /// # Ok::<(), example_zlib::Error>(())
    /// ```
    pub fn new(writer: W, format: Format, level: Level) -> Result<Self> {
        Self::with(Zlib::new()?, writer, format, level)
    }
}

impl<W: Write, Z: BorrowMut<Zlib>> Encoder<W, Z> {
    /// Starts a stream in a sandbox that is there, borrowed or not.
    ///
    /// # Errors
    ///
    /// [`Error::Sandbox`] and [`Error::Implausible`], if the guest misbehaves.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::io::Write;
    /// use example_zlib::{Encoder, Format, Level, Zlib};
    ///
    /// let mut zlib = Zlib::new()?;
    /// for text in ["one", "two"] {
    ///     let mut encoder = Encoder::with(&mut zlib, Vec::new(), Format::Zlib, Level::FAST)?;
    ///     encoder.write_all(text.as_bytes())?;
    ///     assert_eq!(encoder.finish()?.len(), 3 + 2 + 2 + 4);
    /// }
    /// # Ok::<(), example_zlib::Error>(())
    /// ```
    pub fn with(mut zlib: Z, writer: W, format: Format, level: Level) -> Result<Self> {
        let stream = Stream::deflate(zlib.borrow_mut(), format, level)?;
        Ok(Self { zlib, stream, writer })
    }

    /// Compresses and writes all that is left, ends the stream, and returns the writer.
    ///
    /// # Errors
    ///
    /// As [`try_finish`](Self::try_finish), which leaves the writer where it is and can be repeated.
    ///
    /// # Examples
    ///
    /// ```
    /// use example_zlib::{Encoder, Format, Level};
    ///
    /// let packed = Encoder::new(Vec::new(), Format::Gzip, Level::BEST)?.finish()?;
    /// assert_eq!(packed.len(), 20);
    /// # Ok::<(), example_zlib::Error>(())
    /// ```
    pub fn finish(mut self) -> Result<W> {
        self.try_finish()?;
        Ok(self.writer)
    }

    /// Compresses and writes all that is left, and ends the stream. The writer is not flushed.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] from the writer; [`Error::Sandbox`] and [`Error::Implausible`], if the guest misbehaves.
    ///
    /// # Examples
    ///
    /// ```
    /// use example_zlib::{Encoder, Format, Level};
    ///
    /// let mut encoder = Encoder::new(Vec::new(), Format::Raw, Level::BEST)?;
    /// encoder.try_finish()?;
    /// assert_eq!(encoder.get_ref(), &[3, 0]);
    /// # Ok::<(), example_zlib::Error>(())
    /// ```
    pub fn try_finish(&mut self) -> Result<()> {
        loop {
            self.drain()?;
            if self.stream.is_closed() {
                return Ok(());
            }
            if self.stream.has_ended() {
                self.stream.close(self.zlib.borrow_mut())?;
                return Ok(());
            }
            self.step(Flush::Finish)?;
        }
    }

    /// Returns how many bytes were compressed, without those that wait in the buffer.
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::io::Write;
    /// # use example_zlib::{Encoder, Format, Level};
    /// let mut encoder = Encoder::new(Vec::new(), Format::Raw, Level::BEST)?;
    /// encoder.write_all(b"hello")?;
    /// encoder.try_finish()?;
    /// assert_eq!(encoder.total_in(), 5);
    /// # Ok::<(), example_zlib::Error>(())
    /// ```
    #[must_use]
    pub fn total_in(&self) -> u64 {
        self.stream.total_in()
    }

    /// Returns how many bytes of compressed data there are so far.
    ///
    /// # Examples
    ///
    /// ```
    /// # use example_zlib::{Encoder, Format, Level};
    /// let mut encoder = Encoder::new(Vec::new(), Format::Raw, Level::BEST)?;
    /// encoder.try_finish()?;
    /// assert_eq!(encoder.total_out(), 2);
    /// # Ok::<(), example_zlib::Error>(())
    /// ```
    #[must_use]
    pub fn total_out(&self) -> u64 {
        self.stream.total_out()
    }

    /// Returns the writer.
    ///
    /// # Examples
    ///
    /// ```
    /// # use example_zlib::{Encoder, Format, Level};
    /// let encoder = Encoder::new(Vec::new(), Format::Raw, Level::BEST)?;
    /// assert!(encoder.get_ref().is_empty());
    /// # Ok::<(), example_zlib::Error>(())
    /// ```
    pub fn get_ref(&self) -> &W {
        &self.writer
    }

    /// Returns the writer. What is written to it directly gets into the middle of the compressed data.
    ///
    /// # Examples
    ///
    /// ```
    /// # use example_zlib::{Encoder, Format, Level};
    /// let mut encoder = Encoder::new(Vec::<u8>::new(), Format::Raw, Level::BEST)?;
    /// encoder.get_mut().reserve(1 << 20);
    /// # Ok::<(), example_zlib::Error>(())
    /// ```
    pub fn get_mut(&mut self) -> &mut W {
        &mut self.writer
    }

    /// Returns the sandbox.
    ///
    /// # Examples
    ///
    /// ```
    /// # use example_zlib::{Encoder, Format, Level};
    /// let encoder = Encoder::new(Vec::<u8>::new(), Format::Raw, Level::BEST)?;
    /// assert!(encoder.zlib().guest_memory()? < 8 << 20);
    /// # Ok::<(), example_zlib::Error>(())
    /// ```
    pub fn zlib(&self) -> &Zlib {
        self.zlib.borrow()
    }

    fn step(&mut self, flush: Flush) -> Result<()> {
        self.stream.step(self.zlib.borrow_mut(), flush, u32::MAX)
    }

    /// Writes the output of the last step.
    fn drain(&mut self) -> Result<()> {
        self.stream.require_working()?;
        while self.stream.unfetched() > 0 {
            match self.writer.write(self.stream.output(self.zlib.borrow())?) {
                Ok(0) => return Err(Error::Io(ErrorKind::WriteZero.into())),
                Ok(count) => self.stream.fetch(count),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(Error::Io(error)),
            }
        }
        Ok(())
    }

    /// Compresses what waits in the buffer.
    fn compress(&mut self) -> Result<()> {
        loop {
            self.drain()?;
            if self.stream.pending() == 0 {
                return Ok(());
            }
            self.step(Flush::None)?;
        }
    }
}

impl<W: Write, Z: BorrowMut<Zlib>> Write for Encoder<W, Z> {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        if data.is_empty() {
            return Ok(0);
        }
        self.stream.require_working()?;
        if self.stream.has_ended() {
            return Err(io::Error::new(ErrorKind::InvalidInput, "the compressed stream is finished; start a new one"));
        }
        if self.stream.is_stuffed() {
            self.compress()?;
        }
        Ok(self.stream.stage(self.zlib.borrow_mut(), data)?)
    }

    /// Writes all that was given so far, in such a way that it can be decompressed. Compression suffers if this is done often.
    fn flush(&mut self) -> io::Result<()> {
        let mut flushed = self.stream.has_ended();
        loop {
            self.drain()?;
            if flushed {
                return self.writer.flush();
            }
            self.step(Flush::Sync)?;
            flushed = !self.stream.was_full();
            if flushed && self.stream.pending() > 0 {
                self.stream.fail();
                return Err(Error::Implausible { function: "deflate", what: "input left although there was room" }.into());
            }
        }
    }
}
