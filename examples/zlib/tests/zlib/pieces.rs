//! However the data is cut into pieces, it is the same data.

use std::io::{self, BufRead, ErrorKind, Read, Write};

use example_zlib::{Algorithm, Checksum, Decoder, Encoder, Format, Level, Zlib};
use proptest::prelude::*;

use crate::{corpus, native};

/// A reader and writer that takes as much at a time as the list says, and is interrupted or busy in between.
pub(crate) struct Choppy<T> {
    inner: T,
    sizes: Vec<usize>,
    calls: usize,
}

impl<T> Choppy<T> {
    pub(crate) fn new(inner: T, sizes: &[usize]) -> Self {
        Self { inner, sizes: sizes.into(), calls: 0 }
    }

    fn next(&mut self) -> io::Result<usize> {
        self.calls += 1;
        match self.sizes.get(self.calls % self.sizes.len()) {
            None | Some(0) => Err(ErrorKind::Interrupted.into()),
            Some(size) => Ok(*size),
        }
    }
}

impl<T: Read> Read for Choppy<T> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.next()?.min(buffer.len());
        self.inner.read(&mut buffer[..count])
    }
}

impl<T: Write> Write for Choppy<T> {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        let count = self.next()?.min(data.len());
        self.inner.write(&data[..count])
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// Data that compresses well in some places and not at all in others.
fn data() -> impl Strategy<Value = Vec<u8>> {
    let part = prop_oneof![
        (0..40_000_usize, any::<u64>()).prop_map(|(count, seed)| corpus::noise(count, seed)),
        (0..200_000_usize, any::<u8>()).prop_map(|(count, byte)| vec![byte; count]),
        (0..40_000_usize).prop_map(corpus::text),
        prop::collection::vec(any::<u8>(), 0..20),
    ];
    prop::collection::vec(part, 0..5).prop_map(|parts| parts.concat())
}

/// Sizes of pieces; 0 stands for an interruption. One of them is not 0.
fn sizes() -> impl Strategy<Value = Vec<usize>> {
    (prop::collection::vec(prop_oneof![Just(0), 1..10_usize, 1..5_000_usize, 1..200_000_usize], 0..6), 1000..100_000_usize).prop_map(
        |(mut sizes, last)| {
            sizes.push(last);
            sizes
        },
    )
}

fn format() -> impl Strategy<Value = Format> {
    prop::sample::select(&Format::ALL[..])
}

fn level() -> impl Strategy<Value = Level> {
    (0..=9_u8).prop_map(|level| Level::new(level).unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn encoder_and_decoder_take_any_pieces(
        data in data(), written in sizes(), taken in sizes(), given in sizes(), format in format(), level in level()
    ) {
        let mut zlib = Zlib::new().unwrap();
        let mut encoder = Encoder::with(&mut zlib, Choppy::new(Vec::new(), &taken), format, level).unwrap();
        let mut rest = &data[..];
        for size in written.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (piece, after) = rest.split_at(rest.len().min(*size));
            encoder.write_all(piece).unwrap();
            rest = after;
        }
        let packed = encoder.finish().unwrap().inner;
        prop_assert!(native::decompress(&packed, format, data.len()).unwrap() == data, "native zlib reads it otherwise");
        if level != Level::NONE {
            prop_assert!(packed == native::compress(&data, format, level.get()), "the pieces show in the compressed data");
        }
        let mut back = Vec::new();
        Decoder::with(&mut zlib, Choppy::new(&packed[..], &given), format, data.len() as u64).unwrap().read_to_end(&mut back).unwrap();
        prop_assert!(back == data, "something else came back");
    }

    #[test]
    fn what_was_flushed_can_be_read(first in data(), second in data(), format in format(), level in level()) {
        let mut zlib = Zlib::new().unwrap();
        let mut encoder = Encoder::with(&mut zlib, Vec::new(), format, level).unwrap();
        encoder.write_all(&first).unwrap();
        encoder.flush().unwrap();
        let so_far = encoder.get_ref().clone();
        encoder.write_all(&second).unwrap();
        encoder.flush().unwrap();
        encoder.flush().unwrap();
        let packed = encoder.finish().unwrap();
        let mut back = vec![0; first.len()];
        Decoder::with(&mut zlib, &so_far[..], format, u64::MAX).unwrap().read_exact(&mut back).unwrap();
        prop_assert!(back == first, "the flushed part");
        prop_assert!(zlib.decompress(&packed, format, u64::MAX).unwrap() == [first, second].concat(), "all of it");
    }

    #[test]
    fn checksums_take_any_pieces(data in data(), sizes in sizes()) {
        let mut zlib = Zlib::new().unwrap();
        for (algorithm, expected) in [(Algorithm::Crc32, native::crc32(&data)), (Algorithm::Adler32, native::adler32(&data))] {
            let mut sum = Checksum::with(&mut zlib, algorithm);
            io::copy(&mut Choppy::new(&data[..], &sizes), &mut sum).unwrap();
            prop_assert_eq!(sum.value(), expected);
        }
    }
}

/// A writer that refuses every second time.
struct Busy {
    inner: Vec<u8>,
    refuse: bool,
}

impl Write for Busy {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        self.refuse = !self.refuse;
        if self.refuse { Err(ErrorKind::WouldBlock.into()) } else { self.inner.write(&data[..data.len().min(1000)]) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn nothing_is_lost_or_doubled_when_the_writer_fails_and_the_call_is_repeated() {
    let data = corpus::noise(300_000, 9);
    let mut encoder = Encoder::new(Busy { inner: Vec::new(), refuse: false }, Format::Gzip, Level::DEFAULT).unwrap();
    let mut rest = &data[..];
    while !rest.is_empty() {
        match encoder.write(rest) {
            Ok(count) => rest = &rest[count..],
            Err(error) => assert_eq!(error.kind(), ErrorKind::WouldBlock),
        }
    }
    while encoder.try_finish().is_err() {}
    assert!(native::decompress(&encoder.get_ref().inner, Format::Gzip, data.len()).unwrap() == data);
}

#[test]
fn a_decoder_goes_on_after_its_reader_was_not_ready() {
    let data = corpus::text(100_000);
    let packed = native::compress(&data, Format::Zlib, 6);
    let mut decoder = Decoder::new(Choppy::new(&packed[..], &[0, 100]), Format::Zlib, u64::MAX).unwrap();
    let (mut back, mut interruptions) = (Vec::new(), 0);
    loop {
        match decoder.fill_buf() {
            Ok([]) => break,
            Ok(piece) => {
                back.extend_from_slice(piece);
                let count = piece.len();
                decoder.consume(count);
            }
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Interrupted);
                interruptions += 1;
            }
        }
    }
    assert!(back == data);
    assert!(interruptions > 100);
}

/// The host holds zlib to it: whatever is left of the input, the output was full. Level 0 copies, and fills it as it can.
#[test]
fn no_call_of_zlib_leaves_input_for_which_it_had_room() {
    let mut zlib = Zlib::new().unwrap();
    for (name, data) in corpus::all() {
        for (format, level) in Format::ALL.into_iter().flat_map(|format| (0..=9).map(move |level| (format, level))) {
            for piece in [1_021, 65_531, 65_536, usize::MAX] {
                let mut encoder = Encoder::with(&mut zlib, Vec::new(), format, Level::new(level).unwrap()).unwrap();
                for (number, piece) in data.chunks(piece.min(data.len().max(1))).enumerate() {
                    encoder.write_all(piece).unwrap();
                    if number % 3 == 2 {
                        encoder.flush().unwrap();
                    }
                }
                let packed = encoder.finish().unwrap();
                assert!(zlib.decompress(&packed, format, data.len() as u64).unwrap() == data, "{name}, {format}, level {level}");
            }
        }
    }
}
