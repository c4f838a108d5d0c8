//! The same bytes as native snappy gives, both ways.

use example_snappy::{Error, MAX_BLOCK, Snappy};
use proptest::prelude::*;

use crate::{corpus, native};

#[test]
fn blocks_are_those_of_native_snappy() {
    let mut snappy = Snappy::new().unwrap();
    for (name, data) in corpus::all() {
        let packed = snappy.compress(&data).unwrap();
        assert!(packed == native::compress(&data), "{name}");
        assert!(native::decompress(&packed, data.len()).as_ref() == Some(&data), "{name}");
        assert!(snappy.decompress(&packed, MAX_BLOCK).unwrap() == data, "{name}");
    }
}

#[test]
fn the_largest_block_and_no_larger_one() {
    let mut snappy = Snappy::new().unwrap();
    let largest = usize::try_from(MAX_BLOCK).unwrap();
    let mut data = corpus::text(largest);
    let packed = snappy.compress(&data).unwrap();
    assert!(packed == native::compress(&data));
    assert!(snappy.decompress(&packed, MAX_BLOCK).unwrap() == data);
    // The worst case for memory: noise does not shrink.
    let noise = corpus::noise(largest, 5);
    let packed = snappy.compress(&noise).unwrap();
    assert!(snappy.decompress(&packed, u32::MAX).unwrap() == noise);

    data.push(0);
    assert!(matches!(snappy.compress(&data), Err(Error::InputTooLarge { limit: MAX_BLOCK })));
    assert!(matches!(snappy.decompress(&native::compress(&data), u32::MAX), Err(Error::TooLarge { limit: MAX_BLOCK })));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_become_the_block_that_native_snappy_makes(data in prop::collection::vec(0..8_u8, 0..5_000)) {
        let mut snappy = Snappy::new().unwrap();
        let packed = snappy.compress(&data).unwrap();
        prop_assert_eq!(&packed, &native::compress(&data));
        prop_assert_eq!(snappy.decompress(&packed, 5_000).unwrap(), data);
    }
}
