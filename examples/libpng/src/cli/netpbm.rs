//! Images without compression, which other programs read: PAM with alpha, PPM and PGM without, or just the bytes.

use std::path::Path;

use example_libpng::{Image, PixelFormat};

use super::{Result, has_extension};

/// Formats an image for a file of that name.
pub(crate) fn write(image: &Image, path: &Path) -> Result<Vec<u8>> {
    let (width, height) = (image.width(), image.height());
    let most = if image.format().depth() == 16 { 65_535 } else { 255 };
    let (channels, kind) = if image.format() == PixelFormat::Gray8 { (1, "GRAYSCALE") } else { (4, "RGB_ALPHA") };
    if has_extension(path, "raw") {
        return Ok(image.pixels().to_vec());
    }
    let (mut file, kept) = if has_extension(path, "pam") {
        (format!("P7\nWIDTH {width}\nHEIGHT {height}\nDEPTH {channels}\nMAXVAL {most}\nTUPLTYPE {kind}\nENDHDR\n"), channels)
    } else if has_extension(path, "ppm") && channels == 4 {
        (format!("P6\n{width} {height}\n{most}\n"), 3)
    } else if has_extension(path, "pgm") && channels == 1 {
        (format!("P5\n{width} {height}\n{most}\n"), 1)
    } else {
        return Err(
            format!("{} cannot hold these pixels; name it .pam (anything), .ppm (colour), .pgm (gray) or .raw", path.display()).into()
        );
    };
    let mut bytes = std::mem::take(&mut file).into_bytes();
    let pixel = image.format().bytes_per_pixel() as usize;
    for pixel in image.pixels().chunks_exact(pixel) {
        bytes.extend(pixel.iter().take(kept * pixel.len() / channels));
    }
    Ok(bytes)
}

/// Reads a PAM, PPM or PGM file with at most 8 bits, or 16 bits of colour.
pub(crate) fn read(bytes: &[u8]) -> Result<Image> {
    let mut header = Header { rest: bytes };
    let (width, height, channels, most) = match header.word()? {
        "P7" => header.pam()?,
        "P6" => (header.number()?, header.number()?, 3, header.number()?),
        "P5" => (header.number()?, header.number()?, 1, header.number()?),
        _ => return Err("neither PNG nor binary PAM, PPM or PGM".into()),
    };
    let (format, sample) = match (channels, most) {
        (1, 255) => (PixelFormat::Gray8, 1),
        (3 | 4, 255) => (PixelFormat::Rgba8, 1),
        (3 | 4, 65_535) => (PixelFormat::Rgba16, 2),
        _ => return Err(format!("{channels} channels with a maximum of {most} are not supported; use 255, or 65535 for colour").into()),
    };
    let pixel = channels as usize * sample;
    let wanted = u64::from(width).saturating_mul(height.into()).saturating_mul(pixel as u64);
    if header.rest.len() as u64 != wanted {
        return Err(format!("{width} x {height} pixels are {wanted} bytes, but the file has {} after its header", header.rest.len()).into());
    }
    let pixels = if channels == 3 {
        header.rest.chunks_exact(pixel).flat_map(|rgb| rgb.iter().copied().chain(std::iter::repeat_n(255, sample))).collect()
    } else {
        header.rest.to_vec()
    };
    Image::new(width, height, format, pixels).ok_or_else(|| "an image without pixels".into())
}

struct Header<'a> {
    rest: &'a [u8],
}

impl<'a> Header<'a> {
    /// Takes a word and the one space behind it; skips space and comments before it.
    fn word(&mut self) -> Result<&'a str> {
        loop {
            let rest = self.rest.trim_ascii_start();
            let Some(comment) = rest.strip_prefix(b"#") else {
                let end = rest.iter().position(u8::is_ascii_whitespace).ok_or("the header ends early")?;
                let (word, behind) = rest.split_at(end);
                self.rest = behind.get(1..).unwrap_or_default();
                return Ok(std::str::from_utf8(word).map_err(|_| "the header is not text")?);
            };
            let end = comment.iter().position(|byte| *byte == b'\n').ok_or("the header ends early")?;
            self.rest = comment.get(end..).unwrap_or_default();
        }
    }

    fn number(&mut self) -> Result<u32> {
        let word = self.word()?;
        word.parse().map_err(|_| format!("{word:?} is no size").into())
    }

    fn pam(&mut self) -> Result<(u32, u32, u32, u32)> {
        let (mut width, mut height, mut depth, mut most) = (0, 0, 0, 0);
        loop {
            match self.word()? {
                "WIDTH" => width = self.number()?,
                "HEIGHT" => height = self.number()?,
                "DEPTH" => depth = self.number()?,
                "MAXVAL" => most = self.number()?,
                "TUPLTYPE" => drop(self.word()?),
                "ENDHDR" => return Ok((width, height, depth, most)),
                other => return Err(format!("{other:?} in the header is not known").into()),
            }
        }
    }
}
