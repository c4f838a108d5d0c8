//! Progressive decoding, with pieces of random sizes.

use std::io::{self, Read};
use std::ops::ControlFlow;

use example_libpng::{Error, PixelFormat, Png};

use crate::support::{Random, file_of, header, image, suite, valid};

/// Gives a file in pieces of random sizes.
struct Pieces<'a> {
    rest: &'a [u8],
    random: Random,
    most: usize,
}

impl Read for Pieces<'_> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        if self.random.below(8) == 0 {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let count = (1 + self.random.below(self.most)).min(to.len()).min(self.rest.len());
        let (now, later) = self.rest.split_at(count);
        to[..count].copy_from_slice(now);
        self.rest = later;
        Ok(count)
    }
}

#[test]
fn pieces_of_any_size_give_the_same_image() {
    let mut png = Png::new().unwrap();
    for (index, file) in valid().iter().enumerate() {
        for format in [PixelFormat::Rgba8, PixelFormat::Rgba16, PixelFormat::Gray8] {
            let whole = png.decode(&file.bytes, format).unwrap();
            for most in [1, 13, 500, 1 << 20] {
                let pieces = Pieces { rest: &file.bytes, random: Random(index as u64), most };
                let progressive =
                    png.decode_from(pieces, format).unwrap_or_else(|error| panic!("{} in pieces up to {most}: {error}", file.name));
                assert!(progressive == whole, "{} in pieces up to {most}", file.name);
            }
        }
    }
}

#[test]
fn broken_images_are_refused_in_pieces_too() {
    let mut png = Png::new().unwrap();
    for file in suite().iter().filter(|file| file.is_broken()) {
        let result = png.decode_from(Pieces { rest: &file.bytes, random: Random(1), most: 50 }, PixelFormat::Rgba8);
        assert!(matches!(result, Err(Error::Refused { .. })), "{}: {result:?}", file.name);
    }
}

#[test]
fn rows_come_in_order_and_stop_when_asked() {
    let mut png = Png::new().unwrap();
    for name in ["basn6a08.png", "basi6a08.png"] {
        let mut seen = Vec::new();
        let file = image(name);
        png.rows_from(file.as_slice(), PixelFormat::Rgba8, |y, row| {
            assert_eq!(row.len(), 32 * 4);
            seen.push(y);
            if y == 9 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })
        .unwrap();
        assert_eq!(seen, (0..10).collect::<Vec<_>>());
    }
}

#[test]
fn texts_behind_the_pixels_are_there_although_the_end_was_not_read() {
    let text = |number: u8| [b"Comment\0number ".as_slice(), &[b'a' + number]].concat();
    let texts: Vec<Vec<u8>> = (0..21).map(text).collect();
    let header = header(1, 2, 8, 0, 0);
    // A zlib stream of one stored block: two rows of no filter and one pixel.
    let data = [0x78, 1, 1, 4, 0, 0xfb, 0xff, 0, 7, 0, 9, 0, 0x22, 0, 0x11];
    let mut chunks: Vec<(&[u8; 4], &[u8])> = vec![(b"IHDR", &header), (b"tEXt", &texts[0]), (b"IDAT", &data)];
    chunks.extend(texts[1..].iter().map(|text| (b"tEXt", text.as_slice())));
    chunks.push((b"IEND", &[]));
    let mut file = file_of(&chunks);
    file.truncate(file.len() - 12);
    let mut png = Png::new().unwrap();
    let info = png.rows_from(file.as_slice(), PixelFormat::Gray8, |_, _| ControlFlow::Break(())).unwrap();
    assert_eq!(info.text_count, 21);
    let found: Vec<&str> = info.texts.iter().map(|text| text.text.as_str()).collect();
    assert_eq!(found[..3], ["number a", "number b", "number c"]);
}

#[test]
fn a_source_that_fails_is_told_apart() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("the cable was pulled"))
        }
    }
    let result = Png::new().unwrap().decode_from(Broken, PixelFormat::Gray8);
    assert!(matches!(result, Err(Error::Read(_))));
}

#[test]
fn an_image_without_pixels_is_refused() {
    let file = file_of(&[(b"IHDR", &header(4, 4, 8, 0, 0)), (b"IDAT", b""), (b"IEND", b"")]);
    let result = Png::new().unwrap().decode_from(file.as_slice(), PixelFormat::Gray8);
    assert!(matches!(result, Err(Error::Refused { .. })), "{result:?}");
}
