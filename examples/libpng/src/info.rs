//! What a PNG file says about itself, read from libpng as one struct, and checked value by value.

use std::borrow::Cow;
use std::fmt;

use sandbox::{Sandbox, Tainted};

use crate::error::{Error, Result, at_most, printable, shown};
use crate::guest::{Library, Ptr, png};

/// The largest width or height that PNG has.
const DIMENSION_MAX: u32 = 0x7fff_ffff;
/// How many text entries are kept of an image, and how many bytes of each.
const TEXTS: i32 = 16;
const TEXT_BYTES: u32 = 1024;
/// A keyword has at most 79 bytes.
const KEYWORD_BYTES: u32 = 79;

/// What a PNG file says about itself. Every value was checked.
///
/// # Examples
///
/// ```
/// use example_libpng::{Image, PixelFormat, Png};
///
/// let mut png = Png::new()?;
/// let file = png.encode(&Image::new(2, 3, PixelFormat::Gray8, vec![128; 6]).unwrap())?;
/// let info = png.info(&file)?;
/// assert_eq!((info.width, info.height, info.bit_depth), (2, 3, 8));
/// # Ok::<(), example_libpng::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Info {
    /// Width in pixels: 1 to 2^31 - 1.
    pub width: u32,
    /// Height in pixels: 1 to 2^31 - 1.
    pub height: u32,
    /// Bits of a channel, or of a palette index: 1, 2, 4, 8 or 16.
    pub bit_depth: u8,
    /// What a pixel of the file is.
    pub color_type: ColorType,
    /// Whether the rows come in Adam7's seven passes.
    pub interlaced: bool,
    /// The gamma of the samples (`gAMA`), such as 0.45455.
    pub gamma: Option<f64>,
    /// Number of colours in the palette (`PLTE`), 1 to 256.
    pub palette: Option<u16>,
    /// Whether a palette or a colour has transparency (`tRNS`).
    pub transparency: bool,
    /// Texts of the author (`tEXt`, `zTXt`, `iTXt`), shortened. Those behind the pixels are here only after the image was decoded.
    pub texts: Vec<Text>,
    /// How many texts there are in all; more than `texts` holds if there are very many.
    pub text_count: u32,
    /// How often libpng warned, and its last warning.
    pub warnings: Option<(u32, String)>,
}

/// What a pixel of the file is, before it is converted.
///
/// # Examples
///
/// ```
/// assert_eq!(example_libpng::ColorType::RgbAlpha.to_string(), "RGB with alpha");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ColorType {
    /// Brightness.
    Gray,
    /// Brightness and alpha.
    GrayAlpha,
    /// An index into the palette.
    Palette,
    /// Red, green, blue.
    Rgb,
    /// Red, green, blue, alpha.
    RgbAlpha,
}

impl fmt::Display for ColorType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Gray => "gray",
            Self::GrayAlpha => "gray with alpha",
            Self::Palette => "palette",
            Self::Rgb => "RGB",
            Self::RgbAlpha => "RGB with alpha",
        })
    }
}

/// A text entry of a file, in Unicode, whichever encoding the file has. Both parts are escaped:
/// nothing in them but printable characters.
///
/// # Examples
///
/// ```
/// fn author(info: &example_libpng::Info) -> Option<&str> {
///     info.texts.iter().find(|text| text.keyword == "Author").map(|text| text.text.as_str())
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// The keyword, such as `Title`.
    pub keyword: String,
    /// The text, at most its first 1,024 bytes.
    pub text: String,
}

/// Reads what libpng knows about the image.
///
/// # Trust
///
/// Width, height, bit depth and colour type may be any number; what PNG does not allow is a lie. The combination of depth and type is
/// not relied on. Gamma and texts are for people.
pub(crate) fn read_info(sb: &Sandbox<Library>, shim: Ptr<png::shim_png>) -> Result<Info> {
    let header = sb.read(shim.header())?;
    let dimension = |value: u32| if (1..=DIMENSION_MAX).contains(&value) { Ok(value) } else { Err(Error::Lied { what: "dimension" }) };
    let width = header.width.verify(dimension)?;
    let height = header.height.verify(dimension)?;
    let bit_depth = header
        .bit_depth
        .verify(|depth| if matches!(depth, 1 | 2 | 4 | 8 | 16) { Ok(depth) } else { Err(Error::Lied { what: "bit depth" }) })?;
    let color_type = header.color_type.verify(|value| match i32::from(value) {
        png::PNG_COLOR_TYPE_GRAY => Ok(ColorType::Gray),
        png::PNG_COLOR_TYPE_GRAY_ALPHA => Ok(ColorType::GrayAlpha),
        png::PNG_COLOR_TYPE_PALETTE => Ok(ColorType::Palette),
        png::PNG_COLOR_TYPE_RGB => Ok(ColorType::Rgb),
        png::PNG_COLOR_TYPE_RGB_ALPHA => Ok(ColorType::RgbAlpha),
        _ => Err(Error::Lied { what: "colour type" }),
    })?;
    let interlaced = at_most(header.interlace, 1, "interlace type")? == 1;
    let gamma = header.gamma.verify(|fixed| match fixed {
        0 => Ok(None),
        1.. => Ok(Some(f64::from(fixed) / 100_000.0)),
        _ => Err(Error::Lied { what: "gamma" }),
    })?;
    let transparency = at_most(header.transparency, 1, "transparency")? == 1;
    let palette = header.colors.verify(|count| match u16::try_from(count) {
        Ok(0) => Ok(None),
        Ok(count @ 1..=256) => Ok(Some(count)),
        _ => Err(Error::Lied { what: "palette size" }),
    })?;
    let (texts, text_count) = read_texts(sb, header.texts, header.text_count)?;
    let warnings = read_warnings(sb, shim)?;
    Ok(Info { width, height, bit_depth, color_type, interlaced, gamma, palette, transparency, texts, text_count, warnings })
}

/// Reads the texts: a bounded number of them, and a bounded part of each.
pub(crate) fn read_texts(sb: &Sandbox<Library>, entries: Ptr<png::png_text>, count: Tainted<i32, Library>) -> Result<(Vec<Text>, u32)> {
    let count = count.verify(|count| u32::try_from(count).map_err(|_| Error::Lied { what: "number of texts" }))?;
    if count == 0 {
        return Ok((Vec::new(), 0));
    }
    let mut texts = Vec::new();
    for entry in sb.read_slice(entries, count.min(TEXTS as u32))? {
        let keyword = sb.read_c_str(entry.key, KEYWORD_BYTES)?.verify(|key| Ok::<_, Error>(shown(&latin_1(key.to_bytes()))))?;
        // A number that is none of libpng's is not UTF-8, which is a matter of what is shown alone.
        let is_utf8 = entry.compression.unverified_because("either way of reading makes printable text") >= png::PNG_ITXT_COMPRESSION_NONE;
        // An iTXt entry has its length in another field; one of the two is 0.
        let length = |value: u32| Ok::<_, Error>(value.min(TEXT_BYTES));
        let length = entry.text_length.verify(length)?.max(entry.itxt_length.verify(length)?);
        let text = if length == 0 || entry.text.is_null() {
            String::new()
        } else {
            sb.view(entry.text.cast(), length)?.verify(|text| Ok::<_, Error>(shown(&if is_utf8 { utf_8(text) } else { latin_1(text) })))?
        };
        texts.push(Text { keyword, text });
    }
    Ok((texts, count))
}

/// Takes bytes for Latin-1, in which `tEXt`, `zTXt` and all keywords are (PNG specification,
/// 11.3.3).
fn latin_1(bytes: &[u8]) -> Cow<'static, str> {
    bytes.iter().take_while(|byte| **byte != 0).map(|byte| char::from(*byte)).collect()
}

/// Takes bytes for UTF-8, in which `iTXt` is. A character that the end cuts is left out.
fn utf_8(bytes: &[u8]) -> Cow<'_, str> {
    let bytes = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
    let whole = match str::from_utf8(bytes) {
        Err(error) if error.error_len().is_none() => bytes.get(..error.valid_up_to()).unwrap_or_default(),
        _ => bytes,
    };
    String::from_utf8_lossy(whole)
}

/// Reads how often libpng warned.
pub(crate) fn read_warnings(sb: &Sandbox<Library>, shim: Ptr<png::shim_png>) -> Result<Option<(u32, String)>> {
    let count = sb.read(shim.warnings())?.unverified_because("any number of warnings is possible, and it is only shown");
    Ok((count > 0).then_some((count, read_message(sb, shim.warning().cast())?)))
}

/// Reads one of the shim's message buffers, which need not be terminated.
pub(crate) fn read_message(sb: &Sandbox<Library>, text: Ptr<u8>) -> Result<String> {
    const LEN: u32 = png::SHIM_TEXT as u32;
    sb.view(text, LEN)?.verify(|text| Ok(printable(text, LEN as usize)))
}
