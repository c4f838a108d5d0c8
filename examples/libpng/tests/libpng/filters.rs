//! Rows of noise with each filter, in each size of a pixel: the filters are those of build-support, native libpng has its own.

use example_libpng::{PixelFormat, Png, native};

use crate::support::{Random, file_of, header};

/// Colour type, bits of a channel, channels.
const KINDS: [(u8, u8, usize); 13] = [
    (0, 1, 1),
    (0, 8, 1),
    (0, 16, 1),
    (2, 8, 3),
    (2, 16, 3),
    (3, 1, 1),
    (3, 2, 1),
    (3, 4, 1),
    (3, 8, 1),
    (4, 8, 2),
    (4, 16, 2),
    (6, 8, 4),
    (6, 16, 4),
];

/// First column and row, and steps, of the passes of an interlaced image. (PNG specification, section 8.)
const PASSES: [(usize, usize, usize, usize); 7] =
    [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];

/// Makes rows of noise: a filter from 0 to 4 before each.
fn rows(random: &mut Random, width: usize, height: usize, bits: usize) -> Vec<u8> {
    let mut rows = Vec::new();
    for _ in 0..if width == 0 { 0 } else { height } {
        rows.push(random.below(5) as u8);
        // Steps are small or large, so that each neighbour is the nearest at times.
        let limit = [256, 8][random.below(2)];
        rows.extend((0..(width * bits).div_ceil(8)).map(|_| random.below(limit) as u8));
    }
    rows
}

/// Makes a zlib stream that is not compressed. (RFC 1950, RFC 1951.)
fn stored(data: &[u8]) -> Vec<u8> {
    let mut stream = vec![0x78, 1];
    let mut blocks = data.chunks(65_535).peekable();
    while let Some(block) = blocks.next() {
        let length = block.len() as u16;
        stream.push(u8::from(blocks.peek().is_none()));
        stream.extend(length.to_le_bytes());
        stream.extend((!length).to_le_bytes());
        stream.extend(block);
    }
    let (a, b) = data.iter().fold((1_u32, 0_u32), |(a, b), byte| {
        let a = (a + u32::from(*byte)) % 65_521;
        (a, (a + b) % 65_521)
    });
    stream.extend((b << 16 | a).to_be_bytes());
    stream
}

#[test]
fn each_filter_gives_the_pixels_of_native_libpng() {
    let (mut png, mut random) = (Png::new().unwrap(), Random(6));
    let palette: Vec<u8> = (0..768).map(|_| random.below(256) as u8).collect();
    for (color_type, depth, channels) in KINDS {
        let bits = channels * usize::from(depth);
        for width in (1..=20).chain([63, 300]) {
            for interlaced in [false, true] {
                let height = 15;
                let data: Vec<u8> = if interlaced {
                    let size = |length: usize, first: usize, step: usize| (length + step - 1 - first) / step;
                    PASSES
                        .iter()
                        .flat_map(|(x, y, across, down)| rows(&mut random, size(width, *x, *across), size(height, *y, *down), bits))
                        .collect()
                } else {
                    rows(&mut random, width, height, bits)
                };
                let header = header(width as u32, height as u32, depth, color_type, interlaced.into());
                let data = stored(&data);
                let mut chunks: Vec<(&[u8; 4], &[u8])> = vec![(b"IHDR", &header)];
                if color_type == 3 {
                    chunks.push((b"PLTE", &palette[..3 << depth]));
                    // Opacities for none, some or all of the colours.
                    let count = [0, 1 + random.below(1 << depth), 1 << depth][random.below(3)];
                    if count > 0 {
                        chunks.push((b"tRNS", &palette[..count]));
                    }
                }
                chunks.extend([(b"IDAT", &data[..]), (b"IEND", &[][..])]);
                let file = file_of(&chunks);
                let what = format!("{width} wide, type {color_type}, {depth} bits, interlaced: {interlaced}");
                for format in [PixelFormat::Rgba8, PixelFormat::Rgba16, PixelFormat::Gray8] {
                    let ours = png.decode(&file, format).unwrap_or_else(|error| panic!("{what}: {error}"));
                    let (_, _, pixels) = native::decode(&file, format).unwrap_or_else(|error| panic!("{what}, natively: {error}"));
                    assert!(ours.pixels() == pixels, "{what}, {format:?}: other pixels than native libpng");
                    let pieces = png.decode_from(&file[..], format).unwrap_or_else(|error| panic!("{what}: {error}"));
                    assert!(pieces.pixels() == pixels, "{what}, {format:?}: other pixels in pieces");
                }
            }
        }
    }
}
