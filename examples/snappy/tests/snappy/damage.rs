//! Bad input is an error, never a panic, and the next input is not affected.

use example_snappy::{Error, Snappy};
use proptest::prelude::*;

use crate::{corpus, native};

fn still_works(snappy: &mut Snappy) {
    let packed = snappy.compress(b"still here").unwrap();
    assert_eq!(snappy.decompress(&packed, 10).unwrap(), b"still here");
}

/// Both sides make the same of a block, or both refuse it.
fn same(snappy: &mut Snappy, block: &[u8]) -> Result<(), String> {
    match (snappy.decompress(block, 1 << 20), native::decompress(block, 1 << 20)) {
        (Ok(ours), Some(theirs)) if ours == theirs => Ok(()),
        (Err(Error::Corrupt | Error::TooLarge { .. }), None) => Ok(()),
        (ours, theirs) => Err(format!("{ours:?}, native: {theirs:?}")),
    }
}

#[test]
fn every_truncation_is_an_error() {
    let mut snappy = Snappy::new().unwrap();
    let packed = native::compress(&corpus::text(3_000));
    for end in 0..packed.len() {
        let result = snappy.decompress(&packed[..end], 1 << 20);
        assert!(matches!(result, Err(Error::Corrupt)), "{end}: {result:?}");
        assert!(native::decompress(&packed[..end], 1 << 20).is_none(), "{end}");
    }
    still_works(&mut snappy);
}

#[test]
fn every_damaged_byte_is_treated_as_native_snappy_does() {
    let mut snappy = Snappy::new().unwrap();
    let packed = native::compress(&corpus::text(2_000));
    for at in 0..packed.len() {
        for flip in [0x01, 0x80, 0xff] {
            let mut damaged = packed.clone();
            damaged[at] ^= flip;
            same(&mut snappy, &damaged).unwrap_or_else(|what| panic!("byte {at}, {flip:#x}: {what}"));
        }
    }
    still_works(&mut snappy);
}

#[test]
fn a_length_that_is_a_lie_is_refused_before_memory_is_taken() {
    let mut snappy = Snappy::new().unwrap();
    let four_gigabytes = [0xff, 0xff, 0xff, 0xff, 0x0f, 0];
    assert!(matches!(snappy.decompress(&four_gigabytes, 1000), Err(Error::TooLarge { limit: 1000 })));
    let longer_than_32_bits = [0xff; 10];
    assert!(matches!(snappy.decompress(&longer_than_32_bits, 1000), Err(Error::Corrupt)));
    still_works(&mut snappy);
}

#[test]
fn a_bomb_stops_at_the_limit_and_not_before() {
    let mut snappy = Snappy::new().unwrap();
    let packed = native::compress(&vec![0; 5_000_000]);
    for limit in [0, 1, 65_536, 4_999_999] {
        assert!(matches!(snappy.decompress(&packed, limit), Err(Error::TooLarge { limit: named }) if named == limit), "{limit}");
    }
    for limit in [5_000_000, u32::MAX] {
        assert_eq!(snappy.decompress(&packed, limit).unwrap().len(), 5_000_000, "{limit}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn made_up_blocks_are_treated_as_native_snappy_does(data in prop::collection::vec(any::<u8>(), 0..300), length in any::<u8>()) {
        let mut snappy = Snappy::new().unwrap();
        same(&mut snappy, &[&[length][..], &data].concat()).map_err(TestCaseError::fail)?;
        still_works(&mut snappy);
    }
}
