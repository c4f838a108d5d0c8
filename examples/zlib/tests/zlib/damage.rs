//! Bad input is an error, never a panic, and the next input is not affected.

use std::io::Read;

use example_zlib::{Decoder, Error, Format, Level, Zlib};
use proptest::prelude::*;

use crate::{corpus, native};

/// Checks that a context works, whatever was done with it.
fn still_works(zlib: &mut Zlib) {
    let packed = zlib.compress(b"still here", Format::Gzip, Level::DEFAULT).unwrap();
    assert_eq!(zlib.decompress(&packed, Format::Gzip, 100).unwrap(), b"still here");
}

#[test]
fn every_truncation_is_an_error() {
    let data = corpus::text(3_000);
    let mut zlib = Zlib::new().unwrap();
    for format in Format::ALL {
        let packed = native::compress(&data, format, 6);
        for end in 0..packed.len() {
            let result = zlib.decompress(&packed[..end], format, 1 << 20);
            assert!(matches!(result, Err(Error::Truncated { offset, .. }) if offset == end as u64), "{format} {end}: {result:?}");
        }
    }
    still_works(&mut zlib);
}

#[test]
fn every_damaged_byte_is_an_error_or_does_not_matter() {
    let data = corpus::text(2_000);
    let mut zlib = Zlib::new().unwrap();
    for format in Format::ALL {
        let packed = native::compress(&data, format, 9);
        for at in 0..packed.len() {
            for flip in [0x01, 0x80, 0xff] {
                let mut damaged = packed.clone();
                damaged[at] ^= flip;
                let result = zlib.decompress(&damaged, format, 1 << 20);
                let (what, oracle) = (format!("{format}, byte {at}, {flip:#x}"), native::decompress(&damaged, format, 1 << 20));
                match (&result, oracle) {
                    // Nothing protects raw deflate; what comes out then is at least what native zlib makes of it.
                    (Ok(output), Some(oracle)) => assert!(*output == oracle && (format == Format::Raw || *output == data), "{what}"),
                    // Native zlib stops at the end of the stream.
                    (Err(Error::TrailingData { .. }), Some(_)) | (Err(_), None) => {}
                    (ours, oracle) => panic!("{what}: {ours:?}, native: {}", oracle.is_some()),
                }
            }
        }
    }
    still_works(&mut zlib);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn made_up_data_is_treated_as_native_zlib_does(data in prop::collection::vec(any::<u8>(), 0..300), start in 0..4_usize) {
        let mut zlib = Zlib::new().unwrap();
        let header: &[u8] = [&[][..], &[0x78, 0x9c], &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3], &[0x1f, 0x8b, 8, 0x1e]][start];
        let data = [header, &data].concat();
        for format in Format::ALL {
            let ours = zlib.decompress(&data, format, 1 << 20);
            match native::decompress(&data, format, 1 << 20) {
                Some(theirs) => prop_assert!(matches!(&ours, Ok(ours) if *ours == theirs) || matches!(ours, Err(Error::TrailingData { .. })), "{format}"),
                None => prop_assert!(ours.is_err()),
            }
        }
        still_works(&mut zlib);
    }
}

#[test]
fn data_of_another_kind_is_called_so() {
    let mut zlib = Zlib::new().unwrap();
    let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
    for format in [Format::Gzip, Format::Zlib] {
        assert!(matches!(zlib.decompress(png, format, 100), Err(Error::WrongFormat { format: named }) if named == format));
    }
    let gzip = native::compress(b"data", Format::Gzip, 6);
    assert!(matches!(zlib.decompress(&gzip, Format::Zlib, 100), Err(Error::WrongFormat { format: Format::Zlib })));
}

#[test]
fn a_wrong_checksum_is_named() {
    let mut packed = native::compress(b"data", Format::Zlib, 6);
    *packed.last_mut().unwrap() ^= 1;
    let error = Zlib::new().unwrap().decompress(&packed, Format::Zlib, 100).unwrap_err();
    assert_eq!(error.to_string(), format!("the zlib data is damaged before byte {}: incorrect data check", packed.len()));
}

#[test]
fn a_preset_dictionary_is_an_error_of_its_own() {
    let needs_one = [0x78, 0xbb, 1, 2, 3, 4, 3, 0];
    assert!(matches!(Zlib::new().unwrap().decompress(&needs_one, Format::Zlib, 100), Err(Error::NeedsDictionary)));
}

#[test]
fn a_bomb_stops_at_the_limit_and_not_before() {
    let mut zlib = Zlib::new().unwrap();
    let packed = native::compress(&vec![0; 5_000_000], Format::Gzip, 9);
    for limit in [0, 1, 65_535, 65_536, 65_537, 4_999_999] {
        assert!(
            matches!(zlib.decompress(&packed, Format::Gzip, limit), Err(Error::TooLarge { limit: named }) if named == limit),
            "{limit}"
        );
    }
    for limit in [5_000_000, 5_000_001, u64::MAX] {
        assert_eq!(zlib.decompress(&packed, Format::Gzip, limit).unwrap().len(), 5_000_000, "{limit}");
    }
}

#[test]
fn an_error_is_of_the_fitting_kind_of_io_error() {
    use std::io::ErrorKind as Kind;
    let gzip = native::compress(&[7; 1000], Format::Gzip, 6);
    let cases: [(&[u8], u64, Kind); 4] = [
        (b"text, not gzip", 100, Kind::InvalidData),
        (&gzip[..gzip.len() - 1], 1000, Kind::UnexpectedEof),
        (&gzip, 999, Kind::FileTooLarge),
        (&[&gzip[..], b"rest"].concat(), 1000, Kind::InvalidData),
    ];
    for (data, limit, kind) in cases {
        let error = Decoder::new(data, Format::Gzip, limit).unwrap().read_to_end(&mut Vec::new()).unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
    }
}

#[test]
fn a_stream_that_failed_stays_failed() {
    let mut decoder = Decoder::new(&b"text, not gzip"[..], Format::Gzip, 100).unwrap();
    assert!(decoder.read(&mut [0; 10]).is_err());
    let again = Error::from(decoder.read(&mut [0; 10]).unwrap_err());
    assert!(matches!(again, Error::Failed), "{again:?}");
}

#[test]
fn a_stream_that_was_given_up_leaves_nothing_behind() {
    let mut zlib = Zlib::new().unwrap();
    still_works(&mut zlib);
    let memory = zlib.guest_memory().unwrap();
    let packed = native::compress(&corpus::noise(200_000, 1), Format::Gzip, 6);
    for _ in 0..100 {
        let mut decoder = Decoder::with(&mut zlib, &packed[..], Format::Gzip, u64::MAX).unwrap();
        decoder.read_exact(&mut [0; 10]).unwrap();
        drop(decoder);
        still_works(&mut zlib);
    }
    assert_eq!(zlib.guest_memory().unwrap(), memory);
}
