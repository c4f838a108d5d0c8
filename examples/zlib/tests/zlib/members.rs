//! What follows a stream.

use std::io::{Cursor, Read};

use example_zlib::{Decoder, Error, Format, Level, Zlib};

use crate::pieces::Choppy;
use crate::{corpus, native};

#[test]
fn concatenated_gzip_members_are_one_stream() {
    let mut zlib = Zlib::new().unwrap();
    // Members that end before, at and behind the end of a buffer.
    let parts: Vec<_> = [0, 1, 100_000, 0, 70_000, 300_000].into_iter().map(|count| corpus::noise(count, 5)).collect();
    let packed: Vec<u8> = parts.iter().flat_map(|part| zlib.compress(part, Format::Gzip, Level::FAST).unwrap()).collect();
    assert!(zlib.decompress(&packed, Format::Gzip, u64::MAX).unwrap() == parts.concat());
    let mut theirs = Vec::new();
    flate2::read::MultiGzDecoder::new(&packed[..]).read_to_end(&mut theirs).unwrap();
    assert!(theirs == parts.concat());
}

#[test]
fn a_truncated_second_member_is_an_error() {
    let member = native::compress(b"member", Format::Gzip, 6);
    let two = [&member[..], &member[..]].concat();
    for end in member.len() + 1..two.len() {
        let result = Zlib::new().unwrap().decompress(&two[..end], Format::Gzip, 100);
        assert!(matches!(result, Err(Error::Truncated { .. })), "{end}: {result:?}");
    }
}

#[test]
fn the_limit_is_for_all_members_together() {
    let member = native::compress(b"member", Format::Gzip, 6);
    let result = Zlib::new().unwrap().decompress(&[&member[..], &member[..]].concat(), Format::Gzip, 11);
    assert!(matches!(result, Err(Error::TooLarge { limit: 11 })), "{result:?}");
}

#[test]
fn anything_else_behind_the_end_is_an_error_that_says_where() {
    let mut zlib = Zlib::new().unwrap();
    for format in Format::ALL {
        let packed = native::compress(b"content", format, 6);
        let zeros: &[u8] = if format == Format::Gzip { b"\0\0x" } else { b"\0" };
        for garbage in [zeros, b"garbage", b"\x1f\x1f\x1f", b"\x1f\x8c"] {
            let result = zlib.decompress(&[&packed[..], garbage].concat(), format, 100);
            assert!(matches!(result, Err(Error::TrailingData { offset, .. }) if offset == packed.len() as u64), "{format}: {result:?}");
        }
    }
}

#[test]
fn a_single_stream_leaves_what_follows() {
    let mut zlib = Zlib::new().unwrap();
    for format in Format::ALL {
        let packed = native::compress(b"content", format, 6);
        let data = [&packed[..], &packed[..], &vec![b'x'; 100_000]].concat();
        let mut decoder = Decoder::with(&mut zlib, Cursor::new(&data), format, 100).unwrap().single();
        let mut content = Vec::new();
        decoder.read_to_end(&mut content).unwrap();
        assert_eq!(content, b"content");
        assert_eq!(decoder.total_in(), packed.len() as u64);
        let (mut reader, mut rest) = decoder.into_parts();
        reader.read_to_end(&mut rest).unwrap();
        assert!(rest == data[packed.len()..], "{format}");
    }
}

#[test]
fn no_input_at_all_is_truncated() {
    let mut zlib = Zlib::new().unwrap();
    for format in Format::ALL {
        assert!(matches!(zlib.decompress(b"", format, 100), Err(Error::Truncated { offset: 0, .. })));
    }
}

#[test]
fn zeros_behind_gzip_are_no_error_wherever_they_begin_and_end() {
    let mut zlib = Zlib::new().unwrap();
    let packed = native::compress(b"content", Format::Gzip, 6);
    for count in [1, 2, 511, 512 - packed.len(), 65_536 - 2 * packed.len(), 65_536, 200_000] {
        for pieces in [[7, 0], [1000, 0], [100_000, 65_536]] {
            let tape = [&packed[..], &packed[..], &vec![0; count]].concat();
            // Some of them with interruptions, at which reading goes on.
            let reader = Choppy::new(&tape[..], &pieces);
            let mut content = Vec::new();
            let mut decoder = Decoder::with(&mut zlib, reader, Format::Gzip, 100).unwrap();
            decoder.read_to_end(&mut content).unwrap();
            assert_eq!(content, b"contentcontent", "{count} {pieces:?}");
            assert_eq!(decoder.total_in(), 2 * packed.len() as u64);
        }
        let tape = [&packed[..], &vec![0; count], b"x"].concat();
        let result = zlib.decompress(&tape, Format::Gzip, 100);
        assert!(matches!(result, Err(Error::TrailingData { offset, .. }) if offset == packed.len() as u64), "{count}: {result:?}");
    }
    // Zeros between two members are none of gzip's either: what follows them is ignored by it.
    let between = [&packed[..], &[0; 10], &packed[..]].concat();
    assert!(matches!(zlib.decompress(&between, Format::Gzip, 100), Err(Error::TrailingData { .. })));
    // Zeros alone are no gzip.
    assert!(matches!(zlib.decompress(&[0; 100], Format::Gzip, 100), Err(Error::WrongFormat { .. })));
}
