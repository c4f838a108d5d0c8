//! Arbitrary bytes through the API of the libpng example, with the real libpng.
#![no_main]

use std::cell::RefCell;
use std::io::Read;

use arbitrary::Unstructured;
use example_libpng::{EncodeOptions, Error, Image, Limits, PixelFormat, Png};
use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};

const LIMITS: Limits = Limits { pixels: 1 << 18, guest_memory: 16 << 20 };

thread_local!(static PNG: RefCell<Png> = RefCell::new(Png::with_limits(LIMITS).expect("a sandbox")));

fuzz_target!(|bytes: &[u8]| {
    let _ = PNG.with_borrow_mut(|png| one(png, bytes));
});

// Without right checksums nothing gets past a chunk's header.
fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    let mut size = size;
    if size < 45 && max_size >= 200 {
        let format = if seed & 1 == 0 { PixelFormat::Rgba8 } else { PixelFormat::Gray8 };
        let pixels = (0..4 * format.bytes_per_pixel()).map(|at| (seed >> (at % 24)) as u8).collect();
        let image = Image::new(2, 2, format, pixels).expect("an image");
        let file = PNG.with_borrow_mut(|png| png.encode(&image)).expect("an image can be encoded");
        size = file.len().min(max_size);
        data[..size].copy_from_slice(&file[..size]);
    }
    let size = fuzzer_mutate(data, size, max_size);
    if seed % 8 != 0 {
        correct(&mut data[..size]);
    }
    size
});

/// Corrects the checksum of each chunk.
fn correct(file: &mut [u8]) {
    let mut at = 8;
    while let Some(&[a, b, c, d]) = file.get(at..).and_then(<[u8]>::first_chunk::<4>) {
        let length = u32::from_be_bytes([a, b, c, d]) as usize;
        let (from, to) = (at + 4, at.saturating_add(8).saturating_add(length));
        let Some(covered) = file.get(from..to) else { return };
        let crc = !covered.iter().fold(u32::MAX, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 0 { crc >> 1 } else { crc >> 1 ^ 0xedb8_8320 })
        });
        let Some(place) = file.get_mut(to..).and_then(|rest| rest.first_chunk_mut()) else { return };
        *place = crc.to_be_bytes();
        at = to + 4;
    }
}

fn one(png: &mut Png, data: &[u8]) -> arbitrary::Result<()> {
    // The last bytes choose as well, so that a file is an input as it is.
    let u = &mut Unstructured::new(data.last_chunk::<12>().map_or(data, |last| last));
    let format = *u.choose(&[PixelFormat::Gray8, PixelFormat::Rgba8, PixelFormat::Rgba16])?;
    let (way, pieces, level, palette) = (u.int_in_range(0..=3_u8)?, u.int_in_range(1..=500)?, u.int_in_range(0..=9)?, u.arbitrary()?);
    if way == 0 {
        // Whatever the pixels are, they come back.
        let width = u.int_in_range(1..=64_u32)?;
        let pixels = data;
        let row = (width * format.bytes_per_pixel()) as usize;
        let height = pixels.len() / row;
        let Some(image) = Image::new(width, height as u32, format, pixels[..height * row].to_vec()) else { return Ok(()) };
        let file = png.encode_with(&image, &EncodeOptions { level, palette }).expect("an image can be encoded");
        assert_eq!(png.decode(&file, format).expect("what was just encoded").pixels(), image.pixels());
        return Ok(());
    }
    let whole = plausible(png.decode(data, format));
    if way == 1 {
        plausible(png.info(data).map(drop));
        return Ok(());
    }
    let progressive = plausible(png.decode_from(Pieces(data, pieces), format));
    if let (Some(whole), Some(progressive)) = (whole, progressive) {
        assert_eq!(whole.pixels(), progressive.pixels(), "the two ways of reading differ");
    }
    Ok(())
}

/// The real libpng neither lies nor crashes.
fn plausible<T>(result: Result<T, Error>) -> Option<T> {
    match result {
        Ok(value) => Some(value),
        Err(Error::Refused { .. } | Error::TooLarge { .. } | Error::OutOfMemory(_)) => None,
        Err(error) => panic!("libpng misbehaves: {error:?}"),
    }
}

/// Gives a few bytes at a time.
struct Pieces<'a>(&'a [u8], usize);

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let most = self.1.min(buffer.len());
        self.0.read(&mut buffer[..most])
    }
}
