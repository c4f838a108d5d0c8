//! Arbitrary bytes through the API of the zlib example, with the real zlib.
#![no_main]

use std::cell::RefCell;
use std::io::{Read, Write};

use arbitrary::Unstructured;
use example_zlib::{Decoder, Encoder, Error, Format, Level, Zlib};
use libfuzzer_sys::fuzz_target;

thread_local!(static ZLIB: RefCell<Zlib> = RefCell::new(Zlib::new().expect("a sandbox")));

fuzz_target!(|bytes: &[u8]| {
    let _ = ZLIB.with_borrow_mut(|zlib| one(zlib, bytes));
});

fn one(zlib: &mut Zlib, data: &[u8]) -> arbitrary::Result<()> {
    // The last bytes choose as well, so that a file is an input as it is.
    let u = &mut Unstructured::new(data.last_chunk::<12>().map_or(data, |last| last));
    let format = *u.choose(&Format::ALL)?;
    let level = Level::new(u.int_in_range(0..=9)?).expect("a level");
    let most = *u.choose(&[0, 1, 1000, 100_000])?;
    let (pieces, single, way) = (u.int_in_range(1..=300)?, u.arbitrary()?, u.int_in_range(0..=2_u8)?);
    if way == 0 {
        // Whatever it is, it comes back; also in pieces.
        let mut encoder = Encoder::with(&mut *zlib, Vec::new(), format, level).expect("an encoder");
        for piece in data.chunks(pieces) {
            encoder.write_all(piece).expect("writing");
            if single {
                encoder.flush().expect("flushing");
            }
        }
        let packed = encoder.finish().expect("finishing");
        let back = zlib.decompress(&packed, format, data.len() as u64).expect("what was just packed");
        assert_eq!(back, data);
        return Ok(());
    }
    let whole = zlib.decompress(data, format, most);
    let mut decoder = Decoder::with(&mut *zlib, Pieces(data, pieces), format, most).expect("a decoder");
    if way == 2 {
        decoder = decoder.single();
    }
    let mut output = Vec::new();
    let result = decoder.read_to_end(&mut output);
    assert!(output.len() as u64 <= most);
    match &whole {
        Ok(whole) => assert_eq!((whole, result.map_err(Error::from).ok()), (&output, Some(whole.len()))),
        Err(Error::Implausible { .. } | Error::Sandbox(_) | Error::Failed) => panic!("zlib misbehaves: {whole:?}"),
        Err(_) => {}
    }
    Ok(())
}

/// Gives a few bytes at a time.
struct Pieces<'a>(&'a [u8], usize);

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let most = self.1.min(buffer.len());
        self.0.read(&mut buffer[..most])
    }
}
