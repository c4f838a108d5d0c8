//! Guests that make progress in each call, within its deadline, and so little of it that the calls have no end.

use std::sync::{Mutex, PoisonError};

use example_zlib::{Error, Format, Level, Library, Zlib};
use lying_tests::{Function, Guest, zlib};
use sandbox::SandboxModule;

/// What is in zlib's place is so for the whole process.
static PLACE: Mutex<()> = Mutex::new(());

/// Does something with a guest in zlib's place.
fn with(plausible: &'static [Function], operation: impl FnOnce(&mut Zlib) -> Result<Vec<u8>, Error>) -> Error {
    let _place = PLACE.lock().unwrap_or_else(PoisonError::into_inner);
    let honest = SandboxModule::<Library>::get().unwrap();
    zlib::install(&Guest::new(0, plausible).honest());
    let result = Zlib::new().and_then(|mut zlib| operation(&mut zlib));
    honest.make_default();
    result.expect_err("a guest that dawdles gets through")
}

#[test]
fn an_inflate_that_takes_a_byte_in_a_call_is_found_out() {
    for most in [0, 1 << 20] {
        let error = with(zlib::SLOTH_IN, |zlib| zlib.decompress(&[7; 60_000], Format::Raw, most));
        assert!(matches!(error, Error::Implausible { function: "inflate", what: "input left although there was room" }), "{error}");
    }
}

#[test]
fn an_inflate_that_makes_a_byte_in_a_call_is_found_out() {
    let error = with(zlib::SLOTH_OUT, |zlib| zlib.decompress(&[7; 60_000], Format::Zlib, 1 << 20));
    assert!(matches!(error, Error::Implausible { function: "inflate", what: "input left although there was room" }), "{error}");
}

#[test]
fn a_deflate_that_takes_a_byte_in_a_call_is_found_out() {
    let error = with(zlib::SLOTH_IN, |zlib| zlib.compress(&[7; 200_000], Format::Gzip, Level::FAST));
    assert!(matches!(error, Error::Implausible { function: "deflate", what: "input left although there was room" }), "{error}");
}

#[test]
fn a_deflate_that_finishes_by_a_byte_in_a_call_is_found_out() {
    let error = with(zlib::SLOTH_OUT, |zlib| zlib.compress(&[7; 200_000], Format::Gzip, Level::FAST));
    assert!(matches!(error, Error::Implausible { function: "deflate", what: "input left although there was room" }), "{error}");
}
