//! Encoding.

use std::collections::{HashMap, HashSet};

use sandbox::Sandbox;

use crate::error::{Error, Result, at_most};
use crate::guest::{Library, Ptr, png};
use crate::read::succeeded;
use crate::{Image, PixelFormat};

/// How many bytes of rows go into the guest at a time, roughly.
const BATCH: usize = 64 << 10;
const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

/// How an image is written.
///
/// # Examples
///
/// ```
/// use example_libpng::EncodeOptions;
///
/// let quick = EncodeOptions { level: 1, palette: false };
/// # let _ = quick;
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EncodeOptions {
    /// zlib's effort, 0 (none) to 9. The default is 6.
    pub level: u8,
    /// Whether an `Rgba8` image of at most 256 colours is written with a palette. On by default; nothing is lost by it.
    pub palette: bool,
}

impl Default for EncodeOptions {
    fn default() -> Self {
        Self { level: 6, palette: true }
    }
}

/// What the pixels become in the file. An opaque image is written without alpha.
struct Layout {
    color_type: i32,
    depth: i32,
    /// Bytes of a pixel as given to libpng.
    pixel: usize,
    palette: Palette,
}

#[derive(Default)]
struct Palette {
    index: HashMap<[u8; 4], u8>,
    colors: Vec<u8>,
    alphas: Vec<u8>,
}

impl Palette {
    /// Makes a palette of all colours of the image, the transparent ones first; none if there are too many.
    fn of(pixels: &[u8]) -> Option<Self> {
        let mut seen = HashSet::new();
        // A colour is looked up once for all pixels of it that follow each other.
        for run in pixels.as_chunks::<4>().0.chunk_by(|a, b| a == b) {
            seen.extend(run.first());
            if seen.len() > 256 {
                return None;
            }
        }
        let mut colors: Vec<[u8; 4]> = seen.into_iter().collect();
        colors.sort_by_key(|[r, g, b, a]| [*a, *r, *g, *b]);
        Some(Self {
            colors: colors.iter().flat_map(|[r, g, b, _]| [*r, *g, *b]).collect(),
            alphas: colors.iter().map(|[_, _, _, a]| *a).filter(|a| *a < 255).collect(),
            index: colors.into_iter().zip(0..=255).collect(),
        })
    }
}

impl Layout {
    fn of(image: &Image, options: &EncodeOptions) -> Self {
        let plain = |color_type, depth, pixel| Self { color_type, depth, pixel, palette: Palette::default() };
        match image.format() {
            PixelFormat::Gray8 => plain(png::PNG_COLOR_TYPE_GRAY, 8, 1),
            PixelFormat::Rgba8 => match options.palette.then(|| Palette::of(image.pixels())).flatten() {
                Some(palette) => {
                    let depth = match palette.index.len() {
                        0..=2 => 1,
                        3..=4 => 2,
                        5..=16 => 4,
                        _ => 8,
                    };
                    Self { color_type: png::PNG_COLOR_TYPE_PALETTE, depth, pixel: 1, palette }
                }
                None if image.pixels().as_chunks::<4>().0.iter().all(|[.., a]| *a == 255) => plain(png::PNG_COLOR_TYPE_RGB, 8, 3),
                None => plain(png::PNG_COLOR_TYPE_RGB_ALPHA, 8, 4),
            },
            PixelFormat::Rgba16 if image.pixels().as_chunks::<8>().0.iter().all(|[.., a, b]| [*a, *b] == [255, 255]) => {
                plain(png::PNG_COLOR_TYPE_RGB, 16, 6)
            }
            PixelFormat::Rgba16 => plain(png::PNG_COLOR_TYPE_RGB_ALPHA, 16, 8),
        }
    }

    /// Appends a row as libpng is to get it.
    fn convert(&self, image: &Image, row: &[u8], to: &mut Vec<u8>) {
        let from = image.format().bytes_per_pixel() as usize;
        if self.color_type == png::PNG_COLOR_TYPE_PALETTE {
            for run in row.as_chunks::<4>().0.chunk_by(|a, b| a == b) {
                let index = run.first().and_then(|color| self.palette.index.get(color)).copied().unwrap_or_default();
                to.extend(std::iter::repeat_n(index, run.len()));
            }
        } else if from == self.pixel {
            to.extend_from_slice(row);
        } else if from == 4 {
            drop_alpha::<4, 3>(row, to);
        } else {
            drop_alpha::<8, 6>(row, to);
        }
    }
}

/// Appends the first `TO` bytes of each `FROM`.
fn drop_alpha<const FROM: usize, const TO: usize>(row: &[u8], to: &mut Vec<u8>) {
    let (pixels, begin) = (row.as_chunks::<FROM>().0, to.len());
    to.resize(begin + pixels.len() * TO, 0);
    for (place, pixel) in to.split_at_mut(begin).1.as_chunks_mut::<TO>().0.iter_mut().zip(pixels) {
        if let Some(kept) = pixel.first_chunk() {
            *place = *kept;
        }
    }
}

/// Encodes an image, batch by batch.
pub(crate) fn encode(sb: &mut Sandbox<Library>, image: &Image, options: &EncodeOptions) -> Result<Vec<u8>> {
    if options.level > 9 {
        return Err(Error::Unencodable("the level is 0 to 9"));
    }
    let layout = Layout::of(image, options);
    let row_bytes = image.width() as usize * layout.pixel;
    let stride = u32::try_from(row_bytes).map_err(|_| Error::Unencodable("a row does not fit into the sandbox"))?;

    let shim = png::shim_write_new(sb)?;
    let (handle, info) = (sb.read(shim.png())?, sb.read(shim.info())?);
    png::png_set_compression_level(sb, handle, i32::from(options.level))?;
    if let Some(gamma) = image.info().and_then(|info| info.gamma) {
        png::png_set_gAMA_fixed(sb, handle, info, (gamma * 100_000.0).round() as i32)?;
    }
    let colors = sb.copy_in(&layout.palette.colors)?;
    let alphas = sb.copy_in(&layout.palette.alphas)?;
    let count = layout.palette.index.len() as i32;
    let done = png::shim_write_header(
        sb,
        shim,
        image.width(),
        image.height(),
        layout.depth,
        layout.color_type,
        &colors,
        count,
        &alphas,
        layout.palette.alphas.len() as i32,
    )?;
    succeeded(sb, shim, done)?;

    let batch = (BATCH / row_bytes).max(1);
    let rows = sb.alloc::<u8>(stride.checked_mul(batch as u32).ok_or(Error::Unencodable("a row does not fit into the sandbox"))?)?;
    let mut file = Output { bytes: Vec::new(), limit: most_bytes(image.height() as usize * (row_bytes + 1)) };
    let mut converted = Vec::with_capacity(batch * row_bytes);
    for group in image.pixels().chunks(batch * image.row_bytes()) {
        converted.clear();
        group.chunks_exact(image.row_bytes()).for_each(|row| layout.convert(image, row, &mut converted));
        sb.write_bytes(rows.as_ptr(), &converted)?;
        let done = png::shim_write_rows(sb, shim, &rows, stride, (group.len() / image.row_bytes()) as u32)?;
        succeeded(sb, shim, done)?;
        file.take(sb, shim)?;
    }
    let done = png::shim_write_end(sb, shim)?;
    succeeded(sb, shim, done)?;
    file.take(sb, shim)?;
    if file.bytes.starts_with(SIGNATURE) { Ok(file.bytes) } else { Err(Error::Lied { what: "file" }) }
}

/// Returns more bytes than a PNG file with this much data before compression can have: libpng writes a chunk header for every
/// 8 KiB, deflate five bytes for every block, and there is a palette.
fn most_bytes(data: usize) -> usize {
    data + data / 64 + 8192
}

/// The file so far.
struct Output {
    bytes: Vec<u8>,
    limit: usize,
}

impl Output {
    /// Takes what libpng has written since the last time.
    fn take(&mut self, sb: &mut Sandbox<Library>, shim: Ptr<png::shim_png>) -> Result<()> {
        let room = u32::try_from(self.limit - self.bytes.len()).unwrap_or(u32::MAX);
        let len = at_most(sb.read(shim.out_len())?, room, "length of a file")?;
        if len > 0 {
            let out = sb.read(shim.out())?;
            let piece =
                sb.view(out, len)?.unverified_because("a compressed file can have any bytes; its start is checked when it is complete");
            self.bytes.extend_from_slice(piece);
            sb.write(shim.out_len(), 0)?;
        }
        Ok(())
    }
}
