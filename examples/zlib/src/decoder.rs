//! Decompression as a [`Read`] adapter.

use std::borrow::BorrowMut;
use std::io::{self, BufRead, Read};

use crate::context::CHUNK;
use crate::stream::{Flush, Stream};
use crate::verify::NO_HEADER;
use crate::{Error, Format, Result, Zlib};

/// Reads compressed data from `R`, and gives what it decompresses to.
///
/// Reads to the end: concatenated gzip members are one stream (RFC 1952, section 2.2). Zeros up to
/// the end are none of it, and no error, as for `gzip -d`: tapes and block devices are filled up
/// with them. Anything else that follows is [`Error::TrailingData`]. With [`single`](Self::single)
/// it reads one stream, or one member, and leaves the rest.
///
/// Also a [`BufRead`], whose buffer is the guest's own: nothing is copied.
///
/// # Trust
///
/// The content of the stream can be anything, and is given out as it comes. What is verified is that zlib keeps its own rules,
/// and that there is not more output than allowed. A checksum at the end that does not match is an error *after* the data.
///
/// # Examples
///
/// ```
/// use std::io::Read;
/// use example_zlib::{Decoder, Format, Level, Zlib};
///
/// let packed = Zlib::new()?.compress(b"hello", Format::Gzip, Level::DEFAULT)?;
/// let mut text = String::new();
/// Decoder::new(&packed[..], Format::Gzip, 1 << 20)?.read_to_string(&mut text)?;
/// assert_eq!(text, "hello");
/// # Ok::<(), example_zlib::Error>(())
/// ```
#[derive(Debug)]
pub struct Decoder<R, Z = Zlib> {
    zlib: Z,
    stream: Stream,
    reader: R,
    /// What is in the guest's input buffer, as the host knows it.
    buffer: Box<[u8]>,
    filled: usize,
    format: Format,
    max_output: u64,
    single: bool,
    /// Where the current gzip member starts, in input and output.
    member: (u64, u64),
    /// Whether what follows the last gzip member is zeros, so far.
    padding: bool,
}

impl<R: Read> Decoder<R> {
    /// Starts to decompress in a sandbox of its own, into at most `max_output` bytes.
    ///
    /// # Errors
    ///
    /// As [`Zlib::new`] and [`with`](Self::with).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::io::Read;
    /// use example_zlib::{Decoder, Format};
    ///
    /// let mut nothing = Vec::new();
    /// Decoder::new(&[3, 0][..], Format::Raw, 0)?.read_to_end(&mut nothing)?;
    /// assert!(nothing.is_empty());
    /// # Ok::<(), example_zlib::Error>(())
    /// ```
    pub fn new(reader: R, format: Format, max_output: u64) -> Result<Self> {
        Self::with(Zlib::new()?, reader, format, max_output)
    }
}

impl<R: Read, Z: BorrowMut<Zlib>> Decoder<R, Z> {
    /// Starts to decompress in a sandbox that is there, borrowed or not, into at most `max_output` bytes.
    ///
    /// The limit is not optional: compressed data can be a thousand times as large as it looks. `u64::MAX` is as good as none.
    ///
    /// # Errors
    ///
    /// [`Error::Sandbox`] and [`Error::Implausible`], if the guest misbehaves.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::io::Read;
    /// use example_zlib::{Decoder, Error, Format, Zlib};
    ///
    /// let mut zlib = Zlib::new()?;
    /// let mut decoder = Decoder::with(&mut zlib, &b"no such thing"[..], Format::Zlib, 1 << 20)?;
    /// let error = Error::from(decoder.read(&mut [0; 100]).unwrap_err());
    /// assert!(matches!(error, Error::WrongFormat { format: Format::Zlib }));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn with(mut zlib: Z, reader: R, format: Format, max_output: u64) -> Result<Self> {
        let stream = Stream::inflate(zlib.borrow_mut(), format)?;
        let buffer = vec![0; CHUNK as usize].into();
        Ok(Self { zlib, stream, reader, buffer, filled: 0, format, max_output, single: false, member: (0, 0), padding: false })
    }

    /// Stops behind the first stream or gzip member. What follows is no error; [`into_parts`](Self::into_parts) gives it back.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::io::Read;
    /// use example_zlib::{Decoder, Format};
    ///
    /// let packet = [3, 0, b'n', b'e', b'x', b't'];
    /// let mut decoder = Decoder::new(&packet[..], Format::Raw, 100)?.single();
    /// decoder.read_to_end(&mut Vec::new())?;
    /// assert_eq!(decoder.into_parts().1, b"next");
    /// # Ok::<(), example_zlib::Error>(())
    /// ```
    #[must_use]
    pub fn single(mut self) -> Self {
        self.single = true;
        self
    }

    /// Returns the reader, and what was read from it and not used.
    ///
    /// # Examples
    ///
    /// ```
    /// use example_zlib::{Decoder, Format};
    ///
    /// let (reader, unused) = Decoder::new(&b"untouched"[..], Format::Raw, 100)?.into_parts();
    /// assert_eq!((reader, unused), (&b"untouched"[..], vec![]));
    /// # Ok::<(), example_zlib::Error>(())
    /// ```
    pub fn into_parts(self) -> (R, Vec<u8>) {
        let unused = self.unused().to_vec();
        (self.reader, unused)
    }

    /// Returns the reader.
    ///
    /// # Examples
    ///
    /// ```
    /// # use example_zlib::{Decoder, Format};
    /// let decoder = Decoder::new(&b"untouched"[..], Format::Raw, 100)?;
    /// assert_eq!(decoder.get_ref(), b"untouched");
    /// # Ok::<(), example_zlib::Error>(())
    /// ```
    pub fn get_ref(&self) -> &R {
        &self.reader
    }

    /// Returns the sandbox.
    ///
    /// # Examples
    ///
    /// ```
    /// # use example_zlib::{Decoder, Format};
    /// let decoder = Decoder::new(&b"untouched"[..], Format::Raw, 100)?;
    /// assert!(decoder.zlib().guest_memory()? < 8 << 20);
    /// # Ok::<(), example_zlib::Error>(())
    /// ```
    pub fn zlib(&self) -> &Zlib {
        self.zlib.borrow()
    }

    /// Returns how many bytes of compressed data were used up. Zeros behind them are not counted.
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::io::Read;
    /// # use example_zlib::{Decoder, Format};
    /// let mut decoder = Decoder::new(&[3, 0, 9, 9, 9][..], Format::Raw, 100)?.single();
    /// decoder.read_to_end(&mut Vec::new())?;
    /// assert_eq!(decoder.total_in(), 2);
    /// # Ok::<(), example_zlib::Error>(())
    /// ```
    #[must_use]
    pub fn total_in(&self) -> u64 {
        self.stream.total_in()
    }

    /// Returns how many bytes came out, those included that wait in the buffer.
    ///
    /// # Examples
    ///
    /// ```
    /// # use example_zlib::{Decoder, Format};
    /// assert_eq!(Decoder::new(&[3, 0][..], Format::Raw, 100)?.total_out(), 0);
    /// # Ok::<(), example_zlib::Error>(())
    /// ```
    #[must_use]
    pub fn total_out(&self) -> u64 {
        self.stream.total_out()
    }

    fn unused(&self) -> &[u8] {
        self.buffer.get(self.stream.taken()..self.filled).unwrap_or_default()
    }

    /// Decompresses until there is output or the end.
    fn advance(&mut self) -> Result<()> {
        self.stream.require_working()?;
        let result = self.try_advance();
        if result.as_ref().is_err_and(|error| !matches!(error, Error::Io(_))) {
            self.stream.fail();
        }
        result
    }

    fn try_advance(&mut self) -> Result<()> {
        while self.stream.unfetched() == 0 && !self.stream.is_closed() {
            if self.stream.has_ended() && self.single {
                return self.close();
            }
            if self.padding {
                return self.skip_padding();
            }
            if self.stream.pending() == 0 && (!self.stream.was_full() || self.stream.has_ended()) && self.refill()? == 0 {
                return if self.stream.has_ended() { self.close() } else { Err(self.truncated()) };
            }
            if self.stream.has_ended() {
                if self.format == Format::Gzip && self.unused().first() == Some(&0) {
                    return self.begin_padding();
                }
                self.next_member()?;
            }
            self.step()?;
        }
        Ok(())
    }

    fn step(&mut self) -> Result<()> {
        // Room for one byte more than allowed tells "exactly as large" from "too large".
        let left = self.max_output.saturating_sub(self.stream.total_out()).saturating_add(1);
        let room = u32::try_from(left).unwrap_or(CHUNK);
        self.stream.step(self.zlib.borrow_mut(), Flush::None, room).map_err(|error| self.explain(error))?;
        if self.stream.total_out() > self.max_output {
            return Err(Error::TooLarge { limit: self.max_output });
        }
        Ok(())
    }

    /// Reads more input, and returns how many bytes; none at the end.
    fn refill(&mut self) -> Result<usize> {
        let count = self.reader.read(&mut self.buffer).map_err(Error::Io)?;
        let read = self.buffer.get(..count).ok_or_else(|| Error::Io(io::Error::other("the reader returned more than it was asked for")))?;
        self.filled = self.stream.stage(self.zlib.borrow_mut(), read)?;
        Ok(count)
    }

    /// Goes on behind the end of a stream, where there is more input: another member, or something that has no place there.
    fn next_member(&mut self) -> Result<()> {
        const FIRST_MAGIC_BYTE: u8 = 0x1f;
        if self.format != Format::Gzip || self.unused().first() != Some(&FIRST_MAGIC_BYTE) {
            return Err(self.trailing());
        }
        self.member = (self.stream.total_in(), self.stream.total_out());
        self.stream.again(self.zlib.borrow_mut())
    }

    /// Zeros follow the last member: nothing else may.
    fn begin_padding(&mut self) -> Result<()> {
        if self.unused().iter().any(|byte| *byte != 0) {
            return Err(self.trailing());
        }
        // What is in the buffer is used up.
        (self.padding, self.filled) = (true, 0);
        self.skip_padding()
    }

    /// Reads zeros up to the end. An error of the reader's does not end that.
    fn skip_padding(&mut self) -> Result<()> {
        loop {
            let count = self.reader.read(&mut self.buffer).map_err(Error::Io)?;
            if count == 0 {
                return self.close();
            }
            if self.buffer.iter().take(count).any(|byte| *byte != 0) {
                return Err(self.trailing());
            }
        }
    }

    fn trailing(&self) -> Error {
        Error::TrailingData { format: self.format, offset: self.stream.total_in() }
    }

    fn close(&mut self) -> Result<()> {
        self.stream.close(self.zlib.borrow_mut())
    }

    fn truncated(&self) -> Error {
        Error::Truncated { format: self.format, offset: self.stream.total_in() }
    }

    /// Tells damage from data that never was of this format.
    fn explain(&self, error: Error) -> Error {
        match error {
            Error::Corrupt { format, reason: NO_HEADER, .. } if self.stream.total_out() == self.member.1 => match self.member.0 {
                0 => Error::WrongFormat { format },
                offset => Error::TrailingData { format, offset },
            },
            error => error,
        }
    }
}

impl<R: Read, Z: BorrowMut<Zlib>> BufRead for Decoder<R, Z> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.advance()?;
        Ok(self.stream.output(self.zlib.borrow())?)
    }

    fn consume(&mut self, count: usize) {
        self.stream.fetch(count);
    }
}

impl<R: Read, Z: BorrowMut<Zlib>> Read for Decoder<R, Z> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        let count = self.fill_buf()?.read(buffer)?;
        self.consume(count);
        Ok(count)
    }
}
