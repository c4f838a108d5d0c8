//! What the sandbox makes, others read; what others make, the sandbox reads.

use std::io::{Read, Write};

use example_zlib::{Format, Level, Zlib};
use flate2::Compression;

use crate::{corpus, native};

fn levels() -> impl Iterator<Item = Level> {
    (0..=9).map(|level| Level::new(level).unwrap())
}

/// Runs `check` on each kind of data, in each format, at each level.
fn each(mut check: impl FnMut(&mut Zlib, &str, &[u8], Format, Level)) {
    let mut zlib = Zlib::new().unwrap();
    for (name, data) in corpus::all() {
        for format in Format::ALL {
            for level in levels() {
                check(&mut zlib, &format!("{name}, {format}, level {}", level.get()), &data, format, level);
            }
        }
    }
}

#[test]
fn the_oracle_is_of_the_same_version() {
    assert_eq!(native::version(), "1.3.2");
}

#[test]
fn compresses_to_the_very_bytes_of_native_zlib() {
    each(|zlib, what, data, format, level| {
        let ours = zlib.compress(data, format, level).unwrap();
        // Stored blocks are cut where the output buffer ends, and the oracle's is larger.
        if level != Level::NONE {
            assert!(ours == native::compress(data, format, level.get()), "{what}");
        }
        assert!(native::decompress(&ours, format, data.len()).unwrap() == data, "{what}");
    });
}

#[test]
fn decompresses_what_native_zlib_makes() {
    each(|zlib, what, data, format, level| {
        let theirs = native::compress(data, format, level.get());
        assert!(zlib.decompress(&theirs, format, data.len() as u64).unwrap() == data, "{what}");
    });
}

#[test]
fn pure_rust_reads_what_the_sandbox_makes() {
    each(|zlib, what, data, format, level| {
        let ours = zlib.compress(data, format, level).unwrap();
        let mut back = Vec::new();
        match format {
            Format::Zlib => flate2::read::ZlibDecoder::new(&ours[..]).read_to_end(&mut back),
            Format::Gzip => flate2::read::MultiGzDecoder::new(&ours[..]).read_to_end(&mut back),
            Format::Raw => flate2::read::DeflateDecoder::new(&ours[..]).read_to_end(&mut back),
        }
        .unwrap();
        assert!(back == data, "{what}");
    });
}

#[test]
fn the_sandbox_reads_what_pure_rust_makes() {
    fn finish(data: &[u8], format: Format, level: Compression) -> std::io::Result<Vec<u8>> {
        match format {
            Format::Zlib => {
                let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), level);
                encoder.write_all(data)?;
                encoder.finish()
            }
            Format::Gzip => {
                let mut encoder = flate2::GzBuilder::new().filename("name").comment("comment").extra([7; 300]).write(Vec::new(), level);
                encoder.write_all(data)?;
                encoder.finish()
            }
            Format::Raw => {
                let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), level);
                encoder.write_all(data)?;
                encoder.finish()
            }
        }
    }
    each(|zlib, what, data, format, level| {
        let theirs = finish(data, format, Compression::new(level.get().into())).unwrap();
        assert!(zlib.decompress(&theirs, format, data.len() as u64).unwrap() == data, "{what}");
    });
}

#[test]
fn checksums_are_those_of_native_zlib() {
    let mut zlib = Zlib::new().unwrap();
    for (name, data) in corpus::all() {
        assert_eq!(zlib.crc32(&data).unwrap(), native::crc32(&data), "{name}");
        assert_eq!(zlib.adler32(&data).unwrap(), native::adler32(&data), "{name}");
    }
}
