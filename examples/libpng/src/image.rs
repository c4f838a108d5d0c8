//! What comes out of decoding and goes into encoding.

use crate::Info;

/// How pixels are laid out.
///
/// # Examples
///
/// ```
/// use example_libpng::PixelFormat;
///
/// assert_eq!(PixelFormat::Rgba16.bytes_per_pixel(), 8);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PixelFormat {
    /// Red, green, blue, alpha (not premultiplied), a byte each.
    Rgba8,
    /// Red, green, blue, alpha (not premultiplied), two bytes each, the more significant one first, as in the file.
    Rgba16,
    /// One byte of brightness. Colour is weighed as libpng does by default, and transparency is ignored.
    Gray8,
}

impl PixelFormat {
    /// Returns the number of channels of a pixel.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(example_libpng::PixelFormat::Gray8.channels(), 1);
    /// ```
    #[must_use]
    pub const fn channels(self) -> u32 {
        match self {
            Self::Rgba8 | Self::Rgba16 => 4,
            Self::Gray8 => 1,
        }
    }

    /// Returns the number of bits of a channel.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(example_libpng::PixelFormat::Rgba16.depth(), 16);
    /// ```
    #[must_use]
    pub const fn depth(self) -> u32 {
        match self {
            Self::Rgba8 | Self::Gray8 => 8,
            Self::Rgba16 => 16,
        }
    }

    /// Returns the number of bytes of a pixel.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(example_libpng::PixelFormat::Rgba8.bytes_per_pixel(), 4);
    /// ```
    #[must_use]
    pub const fn bytes_per_pixel(self) -> u32 {
        self.channels() * self.depth() / 8
    }
}

/// A decoded image, or one to be encoded.
///
/// # Examples
///
/// ```
/// use example_libpng::{Image, PixelFormat};
///
/// let red = Image::new(2, 1, PixelFormat::Rgba8, vec![255, 0, 0, 255, 255, 0, 0, 255]).unwrap();
/// assert_eq!(red.row(0).unwrap().len(), 8);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Image {
    width: u32,
    height: u32,
    format: PixelFormat,
    pixels: Vec<u8>,
    info: Option<Info>,
}

impl Image {
    /// Makes an image of its pixels, or nothing if their number is not width × height of the format.
    ///
    /// # Examples
    ///
    /// ```
    /// use example_libpng::{Image, PixelFormat};
    ///
    /// assert!(Image::new(3, 2, PixelFormat::Gray8, vec![0; 6]).is_some());
    /// assert!(Image::new(3, 2, PixelFormat::Gray8, vec![0; 7]).is_none());
    /// ```
    #[must_use]
    pub fn new(width: u32, height: u32, format: PixelFormat, pixels: Vec<u8>) -> Option<Self> {
        let bytes = u128::from(width) * u128::from(height) * u128::from(format.bytes_per_pixel());
        (bytes > 0 && pixels.len() as u128 == bytes).then_some(Self { width, height, format, pixels, info: None })
    }

    pub(crate) fn with_info(mut self, info: Info) -> Self {
        self.info = Some(info);
        self
    }

    /// Returns the width in pixels, at least 1.
    ///
    /// # Examples
    ///
    /// ```
    /// fn is_square(image: &example_libpng::Image) -> bool { image.width() == image.height() }
    /// ```
    #[must_use]
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Returns the height in pixels, at least 1.
    ///
    /// # Examples
    ///
    /// ```
    /// fn is_landscape(image: &example_libpng::Image) -> bool { image.height() < image.width() }
    /// ```
    #[must_use]
    pub fn height(&self) -> u32 {
        self.height
    }

    /// Returns the layout of the pixels.
    ///
    /// # Examples
    ///
    /// ```
    /// use example_libpng::{Image, PixelFormat};
    /// fn is_gray(image: &Image) -> bool { image.format() == PixelFormat::Gray8 }
    /// ```
    #[must_use]
    pub fn format(&self) -> PixelFormat {
        self.format
    }

    /// Returns all rows from top to bottom, without gaps.
    ///
    /// # Examples
    ///
    /// ```
    /// fn brightest(gray: &example_libpng::Image) -> Option<u8> { gray.pixels().iter().copied().max() }
    /// ```
    #[must_use]
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// Gives up the image for its pixels.
    ///
    /// # Examples
    ///
    /// ```
    /// fn upload(image: example_libpng::Image) -> Vec<u8> { image.into_pixels() }
    /// ```
    #[must_use]
    pub fn into_pixels(self) -> Vec<u8> {
        self.pixels
    }

    /// Returns one row, if it is in the image.
    ///
    /// # Examples
    ///
    /// ```
    /// fn first_pixel(image: &example_libpng::Image) -> Option<&[u8]> {
    ///     image.row(0)?.get(..image.format().bytes_per_pixel() as usize)
    /// }
    /// ```
    #[must_use]
    pub fn row(&self, y: u32) -> Option<&[u8]> {
        if y >= self.height {
            return None;
        }
        self.pixels.chunks_exact(self.row_bytes()).nth(y as usize)
    }

    pub(crate) fn row_bytes(&self) -> usize {
        // At least one row of this length exists.
        self.width as usize * self.format.bytes_per_pixel() as usize
    }

    /// Returns what the file says about itself; nothing for an image that was not decoded.
    ///
    /// # Examples
    ///
    /// ```
    /// fn gamma(image: &example_libpng::Image) -> Option<f64> { image.info()?.gamma }
    /// ```
    #[must_use]
    pub fn info(&self) -> Option<&Info> {
        self.info.as_ref()
    }
}
