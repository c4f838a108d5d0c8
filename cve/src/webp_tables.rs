//! CVE-2023-4863: a lossless WebP image whose last prefix code is not one.
//!
//! libwebp decodes prefix codes by tables: one of 256 entries for the first eight bits, and further ones for longer codes. It allocates
//! as much as the five tables of a code can take at most if they are complete. But it fills a table while it builds it, and only then finds out whether the code
//! is complete. Four complete codes with the largest tables that there are, and an incomplete one, take more.

use sandbox::Sandbox;

use crate::bits::Bits;
use crate::failure::Result;
use crate::fence::fenced;
use crate::libraries::webp;
use crate::{Contained, Failure, Replay, contain, libraries};

/// The application decodes no larger images, in pixels each way. Neither does `native/webp_tables.c`.
const LARGEST: u32 = 64;

/// How many symbols of a prefix code have 1, 2, … 15 bits.
type Lengths = [usize; 15];

/// Complete, of 280 symbols (green, and the lengths of matches): 654 entries, the most that it can have.
const GREEN: Lengths = [1, 1, 0, 0, 0, 0, 0, 0, 3, 229, 41, 1, 1, 1, 2];

/// Complete, of 256 symbols (red, blue and alpha): 630 entries, the most that it can have.
const COLOUR: Lengths = [1, 1, 0, 0, 0, 0, 0, 0, 7, 241, 1, 1, 1, 1, 2];

/// Incomplete, of 40 symbols (distances): 512 entries, where a complete one has 410 at most.
const DISTANCE: Lengths = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 34];

/// The size of what libwebp allocates for the tables of five codes, in bytes.
const TABLES: u32 = (654 + 3 * 630 + 410) * 4;

pub(crate) fn replay() -> Replay {
    Replay {
        cve: "CVE-2023-4863",
        library: "libwebp 1.3.1 (`libwebp-sys` 0.9.2)",
        wrong: "the lossless decoder builds a table of an incomplete prefix code past the end of its allocation",
        program: "webp_tables",
        hostile,
        honest,
        version: libraries::webp_version,
        contain,
    }
}

fn contain(hostile: &[u8], honest: &[u8]) -> Result<Contained> {
    const KNOWN: [[u8; 4]; 4] = [[10, 0x55, 30, 255], [10, 0xaa, 30, 255], [10, 0xaa, 30, 255], [10, 0x55, 30, 255]];
    let request = |sb: &mut Sandbox<webp::Library>, file: &[u8]| fenced(sb, TABLES, |sb| request(sb, file));
    contain::contain(request, hostile, honest, &KNOWN.concat())
}

fn hostile() -> Vec<u8> {
    let mut bits = header(16, 16);
    for lengths in [GREEN, COLOUR, COLOUR, COLOUR, DISTANCE] {
        code(&mut bits, &lengths);
    }
    // As much as could be pixels.
    bits.number(0, 32);
    file(&bits.finish())
}

/// Makes an image of four pixels in a row, in two shades of green.
fn honest() -> Vec<u8> {
    let mut bits = header(4, 1);
    simple_code(&mut bits, &[0x55, 0xaa]);
    for symbol in [10, 30, 255, 0] {
        simple_code(&mut bits, &[symbol]);
    }
    // A bit for each pixel's green; the other colours have only one value, which takes none.
    for green in [0, 1, 1, 0] {
        bits.code(green, 1);
    }
    bits.number(0, 32);
    file(&bits.finish())
}

/// Writes what is before the prefix codes.
fn header(width: u32, height: u32) -> Bits {
    let mut bits = Bits::default();
    bits.number(0x2f, 8);
    bits.number(width - 1, 14);
    bits.number(height - 1, 14);
    // Alpha is used; version 0.
    bits.number(1, 1);
    bits.number(0, 3);
    // No transform, no cache of colours, no more than one group of codes.
    bits.number(0, 3);
    bits
}

/// Writes a prefix code by the lengths of its symbols.
fn code(bits: &mut Bits, lengths: &Lengths) {
    // The lengths are encoded themselves. Their order; of the 19, those from 16 on stand for repetitions.
    const ORDER: [u32; 19] = [17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];
    bits.number(0, 1);
    bits.number(ORDER.len() as u32 - 4, 4);
    for symbol in ORDER {
        // Sixteen lengths of four bits each, so that the code for a length is the length.
        bits.number(if symbol < 16 { 4 } else { 0 }, 3);
    }
    // All symbols have a length.
    bits.number(0, 1);
    for (length, &count) in (1..).zip(lengths) {
        for _ in 0..count {
            bits.code(length, 4);
        }
    }
}

/// Writes a code of one symbol, which takes no bits, or of two, which take one.
fn simple_code(bits: &mut Bits, symbols: &[u32]) {
    bits.number(1, 1);
    bits.number(symbols.len() as u32 - 1, 1);
    // The first has eight bits, as the second always has.
    bits.number(1, 1);
    for &symbol in symbols {
        bits.number(symbol, 8);
    }
}

/// Makes a file of a lossless image.
fn file(image: &[u8]) -> Vec<u8> {
    let mut image = image.to_vec();
    let length = image.len() as u32;
    image.resize(image.len().next_multiple_of(2), 0);
    let mut file = b"RIFF".to_vec();
    file.extend((image.len() as u32 + 12).to_le_bytes());
    file.extend(b"WEBPVP8L");
    file.extend(length.to_le_bytes());
    file.extend(image);
    file
}

/// What an application does: it asks for the size, judges it, and decodes.
fn request(sb: &mut Sandbox<webp::Library>, file: &[u8]) -> Result<Vec<u8>> {
    let (input, width, height) = (sb.copy_in(file)?, sb.alloc::<i32>(1)?, sb.alloc::<i32>(1)?);
    let known = webp::WebPGetInfo(sb, input.as_ptr(), input.len(), &width, &height)?;
    known.verify(|known| if known != 0 { Ok(()) } else { Err(Failure::BadInput { function: "WebPGetInfo", code: known }) })?;
    let side = |side: i32| match u32::try_from(side) {
        Ok(side @ 1..=LARGEST) => Ok(side),
        _ => Err(Failure::WrongAnswer("impossible or too large a size".to_owned())),
    };
    let (width, height) = (sb.read(width.as_ptr())?.verify(side)?, sb.read(height.as_ptr())?.verify(side)?);
    let stride = width * 4;
    let pixels = sb.alloc::<u8>(stride * height)?;
    let decoded = webp::WebPDecodeRGBAInto(sb, input.as_ptr(), input.len(), pixels.as_ptr(), pixels.len(), stride as i32)?;
    if decoded.is_null() {
        return Err(Failure::BadInput { function: "WebPDecodeRGBAInto", code: 0 });
    }
    Ok(sb.copy_out(pixels.as_ptr(), pixels.len())?.unverified_because("any bytes are colours"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How much of the code space is used, in units of the longest code.
    fn used(lengths: &Lengths) -> usize {
        (1..).zip(lengths).map(|(length, count): (usize, &usize)| count << (15 - length)).sum()
    }

    #[test]
    fn four_codes_are_complete_and_the_last_is_not() {
        assert_eq!([GREEN, COLOUR, DISTANCE].map(|lengths| lengths.iter().sum::<usize>()), [280, 256, 40]);
        assert_eq!([GREEN, COLOUR].map(|lengths| used(&lengths)), [1 << 15; 2]);
        assert!(used(&DISTANCE) < 1 << 15);
    }
}
