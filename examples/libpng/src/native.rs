//! The native libpng of the same version, to compare with: the same shim, the same transformations, no sandbox.
//!
//! Only for images that are trusted: this is what the sandbox is there to avoid.
#![allow(unsafe_code, reason = "a C library without a sandbox")]

use std::ffi::{c_char, c_int, c_uint};
use std::ops::ControlFlow;

use libpng_sys::ffi::{self, png_info, png_struct};

use crate::PixelFormat;

/// `shim_png` of `shim.h`, in the host's ABI.
#[repr(C)]
struct ShimPng {
    png: *mut png_struct,
    info: *mut png_info,
    have_info: c_int,
    finished: c_int,
    out: *mut u8,
    out_len: usize,
    warnings: c_uint,
    message: [c_char; 256],
    warning: [c_char; 256],
    header: Header,
}

/// `shim_header`.
#[repr(C)]
struct Header {
    width: c_uint,
    height: c_uint,
    bit_depth: u8,
    color_type: u8,
    interlace: u8,
    transparency: u8,
    gamma: c_int,
    colors: c_int,
    texts: *mut ffi::png_text,
    text_count: c_int,
    passes: c_int,
    out_channels: u8,
    out_depth: u8,
    out_row_bytes: usize,
}

// SAFETY: these are the declarations of `shim.h`, which build.rs compiled for the host.
unsafe extern "C" {
    safe fn shim_size() -> usize;
    fn shim_read_new() -> *mut ShimPng;
    fn shim_free(shim: *mut ShimPng);
    fn shim_read_info(shim: *mut ShimPng, data: *const u8, len: usize) -> c_int;
    fn shim_read_start(shim: *mut ShimPng, pixels: c_int) -> c_int;
    fn shim_read_rows(shim: *mut ShimPng, rows: *mut u8, stride: usize, count: c_uint, passes: c_int) -> c_int;
    fn shim_read_end(shim: *mut ShimPng) -> c_int;
}

/// An image that is being read, freed when dropped.
struct Reader(*mut ShimPng);

impl Drop for Reader {
    fn drop(&mut self) {
        // SAFETY: made by `shim_read_new`, and freed only here; the function accepts null.
        unsafe { shim_free(self.0) }
    }
}

impl Reader {
    fn succeeded(&self, result: c_int) -> Result<(), String> {
        if result != 0 {
            return Ok(());
        }
        // SAFETY: the pointer is valid while `self` is, and nothing else refers to the struct.
        let message = unsafe { (*self.0).message };
        let message: Vec<u8> = message.iter().map(|byte| *byte as u8).take_while(|byte| *byte != 0).collect();
        Err(String::from_utf8_lossy(&message).into_owned())
    }
}

/// Decodes a trusted file with the native libpng: width, height and pixels.
///
/// # Errors
///
/// libpng's message.
///
/// # Examples
///
/// ```
/// use example_libpng::{PixelFormat, native};
///
/// assert_eq!(native::decode(b"GIF89a..", PixelFormat::Rgba8).unwrap_err(), "Not a PNG file");
/// ```
pub fn decode(file: &[u8], format: PixelFormat) -> Result<(u32, u32, Vec<u8>), String> {
    let mut pixels = Vec::new();
    let (width, height) = rows(file, format, |row| {
        pixels.extend_from_slice(row);
        ControlFlow::Continue(())
    })?;
    Ok((width, height, pixels))
}

/// Decodes a trusted file and hands out each row, as long as they are wanted. Rows of an interlaced image all come at the end.
///
/// # Errors
///
/// libpng's message.
///
/// # Panics
///
/// If the declarations here are not those of `shim.h`: a mistake in this crate.
///
/// # Examples
///
/// ```no_run
/// use std::ops::ControlFlow;
/// use example_libpng::{PixelFormat, native};
///
/// let size = native::rows(&std::fs::read("photo.png")?, PixelFormat::Gray8, |row| {
///     println!("{} bytes", row.len());
///     ControlFlow::Continue(())
/// });
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn rows(file: &[u8], format: PixelFormat, mut each_row: impl FnMut(&[u8]) -> ControlFlow<()>) -> Result<(u32, u32), String> {
    assert_eq!(shim_size(), size_of::<ShimPng>(), "`ShimPng` is not the struct of `shim.h`");
    // SAFETY: no preconditions.
    let reader = Reader(unsafe { shim_read_new() });
    if reader.0.is_null() {
        return Err("no memory".into());
    }
    // SAFETY: `shim_read_new` made the struct, which is valid in the calls below too; the data outlives the reader.
    reader.succeeded(unsafe { shim_read_info(reader.0, file.as_ptr(), file.len()) })?;
    // The constants of `shim.h`.
    let pixels = match format {
        PixelFormat::Rgba8 => 0,
        PixelFormat::Rgba16 => 1,
        PixelFormat::Gray8 => 2,
    };
    // SAFETY: as above.
    reader.succeeded(unsafe { shim_read_start(reader.0, pixels) })?;
    // SAFETY: the struct is valid, and nothing else refers to it.
    let header = unsafe { &(*reader.0).header };
    let (width, height, passes, stride) = (header.width, header.height, header.passes, header.out_row_bytes);
    let batch = if passes > 1 { height } else { (65_536 / stride.max(1) as u32).clamp(1, height.max(1)) };
    let mut buffer = vec![0; stride * batch as usize];
    let mut done = 0;
    while done < height {
        let count = batch.min(height - done);
        // SAFETY: the buffer has room for `batch` rows of the length that libpng just gave, and `count` is at most that.
        reader.succeeded(unsafe { shim_read_rows(reader.0, buffer.as_mut_ptr(), stride, count, passes) })?;
        for row in buffer.chunks_exact(stride).take(count as usize) {
            if each_row(row).is_break() {
                return Ok((width, height));
            }
        }
        done += count;
    }
    // SAFETY: as above.
    reader.succeeded(unsafe { shim_read_end(reader.0) })?;
    Ok((width, height))
}

/// Returns the version of the native libpng, such as `1.6.50`.
///
/// # Examples
///
/// ```
/// assert_eq!(example_libpng::native::version(), "1.6.50");
/// ```
#[must_use]
pub fn version() -> String {
    // SAFETY: no preconditions.
    let number = unsafe { ffi::png_access_version_number() };
    format!("{}.{}.{}", number / 10_000, number / 100 % 100, number % 100)
}
