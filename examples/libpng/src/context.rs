//! The context: a sandbox that does one image after the other.

use std::fmt;
use std::io::Read;
use std::ops::ControlFlow;

use sandbox::Sandbox;

use crate::error::Result;
use crate::guest::Library;
use crate::read::{self, Source};
use crate::write::{self, EncodeOptions};
use crate::{Image, Info, PixelFormat};

/// How much an image may ask for.
///
/// # Examples
///
/// ```
/// use example_libpng::{Limits, Png};
///
/// let icons_only = Png::with_limits(Limits { pixels: 512 * 512, ..Limits::default() })?;
/// # drop(icons_only);
/// # Ok::<(), example_libpng::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Width times height, at most. 64 million by default: the host then allocates at most 256 MiB, or twice that for `Rgba16`.
    pub pixels: u64,
    /// Memory of the sandbox in bytes: the file (unless it is read progressively), what libpng needs, and the whole image if it is
    /// interlaced. 512 MiB by default.
    pub guest_memory: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { pixels: 64_000_000, guest_memory: 512 << 20 }
    }
}

/// Reads and writes PNG images with a libpng in a sandbox.
///
/// # Trust
///
/// libpng may be taken over by any image. It is then still unable to do more than to return wrong pixels for *that* image: it has no
/// access to anything, what it returns is verified, and each image gets a fresh sandbox, which takes microseconds.
///
/// # Examples
///
/// ```
/// use example_libpng::{Image, PixelFormat, Png};
///
/// let mut png = Png::new()?;
/// let image = Image::new(2, 2, PixelFormat::Gray8, vec![0, 64, 128, 255]).unwrap();
/// let file = png.encode(&image)?;
/// assert_eq!(png.decode(&file, PixelFormat::Gray8)?.pixels(), image.pixels());
///
/// // A broken file is an error, and the next one is decoded.
/// assert!(png.decode(&file[..30], PixelFormat::Gray8).is_err());
/// assert!(png.decode(&file, PixelFormat::Rgba8).is_ok());
/// # Ok::<(), example_libpng::Error>(())
/// ```
pub struct Png {
    sandbox: Sandbox<Library>,
    limits: Limits,
    used: bool,
}

impl fmt::Debug for Png {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Png").field("limits", &self.limits).finish_non_exhaustive()
    }
}

impl Png {
    /// Makes a context with the default limits.
    ///
    /// # Errors
    ///
    /// [`Error::Sandbox`](crate::Error::Sandbox) if libpng's module does not load on this machine.
    ///
    /// # Examples
    ///
    /// ```
    /// let png = example_libpng::Png::new()?;
    /// # drop(png);
    /// # Ok::<(), example_libpng::Error>(())
    /// ```
    pub fn new() -> Result<Self> {
        Self::with_limits(Limits::default())
    }

    /// Makes a context with limits of one's own.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new), and [`Error::OutOfMemory`](crate::Error::OutOfMemory) if libpng does not even start within the limit.
    ///
    /// # Examples
    ///
    /// ```
    /// use example_libpng::{Limits, Png};
    ///
    /// let png = Png::with_limits(Limits { guest_memory: 16 << 20, ..Limits::default() })?;
    /// # drop(png);
    /// # Ok::<(), example_libpng::Error>(())
    /// ```
    pub fn with_limits(limits: Limits) -> Result<Self> {
        let sandbox = Sandbox::builder().memory_limit(limits.guest_memory).build()?;
        Ok(Self { sandbox, limits, used: false })
    }

    /// Returns a sandbox that no image has touched.
    fn fresh(&mut self) -> Result<&mut Sandbox<Library>> {
        if self.used {
            self.sandbox.reset()?;
        }
        self.used = true;
        Ok(&mut self.sandbox)
    }

    /// Reads what a file says about itself, without its pixels.
    ///
    /// Dimensions are not held to the limits here.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`](crate::Error::Refused) if libpng cannot read the part before the pixels.
    ///
    /// # Examples
    ///
    /// ```
    /// use example_libpng::{Error, Png};
    ///
    /// fn is_wide(png: &mut Png, file: &[u8]) -> Result<bool, Error> {
    ///     let info = png.info(file)?;
    ///     Ok(info.width > info.height)
    /// }
    /// ```
    pub fn info(&mut self, file: &[u8]) -> Result<Info> {
        read::info(self.fresh()?, file)
    }

    /// Decodes a file.
    ///
    /// # Errors
    ///
    /// All of [`Error`](crate::Error) but those of writing. Nothing is allocated on the host before the dimensions were held to the limits.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use example_libpng::{PixelFormat, Png};
    ///
    /// let image = Png::new()?.decode(&std::fs::read("photo.png")?, PixelFormat::Rgba8)?;
    /// println!("{} x {}", image.width(), image.height());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn decode(&mut self, file: &[u8], format: PixelFormat) -> Result<Image> {
        self.collect(&mut Source::File(file), format)
    }

    /// Decodes progressively, in pieces of constant size, from anything that can be read.
    ///
    /// Reads no further than the end of the image (up to the size of one piece).
    ///
    /// # Errors
    ///
    /// As [`decode`](Self::decode), and [`Error::Read`](crate::Error::Read) if the source fails.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use example_libpng::{PixelFormat, Png};
    ///
    /// let image = Png::new()?.decode_from(std::io::stdin(), PixelFormat::Gray8)?;
    /// println!("{} x {}", image.width(), image.height());
    /// # Ok::<(), example_libpng::Error>(())
    /// ```
    pub fn decode_from(&mut self, mut source: impl Read, format: PixelFormat) -> Result<Image> {
        self.collect(&mut Source::Stream(&mut source), format)
    }

    /// Decodes progressively and hands out each row as soon as it is there: its number, counted from 0, and its bytes.
    /// `each_row` stops the decoding early with [`ControlFlow::Break`].
    ///
    /// The image is never in memory as a whole, unless it is interlaced; then it is in the sandbox. Rows that were handed out before an
    /// error are as good as any: the pixels that the file describes up to where it is broken.
    ///
    /// # Errors
    ///
    /// As [`decode_from`](Self::decode_from).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::ops::ControlFlow;
    /// use example_libpng::{Error, PixelFormat, Png};
    ///
    /// fn average(png: &mut Png, source: impl std::io::Read) -> Result<u64, Error> {
    ///     let (mut sum, mut count) = (0, 0);
    ///     png.rows_from(source, PixelFormat::Gray8, |_, row| {
    ///         sum += row.iter().map(|gray| u64::from(*gray)).sum::<u64>();
    ///         count += row.len() as u64;
    ///         ControlFlow::Continue(())
    ///     })?;
    ///     Ok(sum / count.max(1))
    /// }
    /// ```
    pub fn rows_from(
        &mut self,
        mut source: impl Read,
        format: PixelFormat,
        mut each_row: impl FnMut(u32, &[u8]) -> ControlFlow<()>,
    ) -> Result<Info> {
        let limits = self.limits;
        read::decode(self.fresh()?, &limits, &mut Source::Stream(&mut source), format, &mut |y, row| each_row(y, row))
    }

    fn collect(&mut self, source: &mut Source<'_>, format: PixelFormat) -> Result<Image> {
        let limits = self.limits;
        // Grows with the rows that are really there: a header alone makes the host allocate nothing.
        let mut pixels = Vec::new();
        let info = read::decode(self.fresh()?, &limits, source, format, &mut |_, row| {
            pixels.extend_from_slice(row);
            ControlFlow::Continue(())
        })?;
        let image = Image::new(info.width, info.height, format, pixels).ok_or(crate::Error::Lied { what: "number of rows" })?;
        Ok(image.with_info(info))
    }

    /// Encodes an image with the default options.
    ///
    /// # Errors
    ///
    /// [`Error::Unencodable`](crate::Error::Unencodable) if libpng does not write such an image; the others as for reading.
    ///
    /// # Examples
    ///
    /// ```
    /// use example_libpng::{Image, PixelFormat, Png};
    ///
    /// let white = Image::new(1, 1, PixelFormat::Rgba8, vec![255; 4]).unwrap();
    /// assert!(Png::new()?.encode(&white)?.starts_with(b"\x89PNG"));
    /// # Ok::<(), example_libpng::Error>(())
    /// ```
    pub fn encode(&mut self, image: &Image) -> Result<Vec<u8>> {
        self.encode_with(image, &EncodeOptions::default())
    }

    /// Encodes an image.
    ///
    /// # Errors
    ///
    /// As [`encode`](Self::encode).
    ///
    /// # Examples
    ///
    /// ```
    /// use example_libpng::{EncodeOptions, Error, Image, Png};
    ///
    /// fn smallest(png: &mut Png, image: &Image) -> Result<Vec<u8>, Error> {
    ///     png.encode_with(image, &EncodeOptions { level: 9, ..EncodeOptions::default() })
    /// }
    /// ```
    pub fn encode_with(&mut self, image: &Image, options: &EncodeOptions) -> Result<Vec<u8>> {
        write::encode(self.fresh()?, image, options)
    }

    /// Returns how much memory the sandbox has after the last image, in bytes, or nothing if that image crashed it.
    ///
    /// # Examples
    ///
    /// ```
    /// let png = example_libpng::Png::new()?;
    /// assert!(png.guest_memory().is_some_and(|bytes| bytes < 8 << 20));
    /// # Ok::<(), example_libpng::Error>(())
    /// ```
    #[must_use]
    pub fn guest_memory(&self) -> Option<u64> {
        self.sandbox.memory_size().ok().map(|bytes| bytes as u64)
    }
}
