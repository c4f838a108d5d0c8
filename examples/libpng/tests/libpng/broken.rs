//! Files that were cut off or damaged: an error or an image, never a panic, never more memory than allowed.

use example_libpng::{Error, Limits, PixelFormat, Png};

use crate::support::{Random, suite, valid};

const MEMORY: u64 = 16 << 20;

fn small() -> Png {
    Png::with_limits(Limits { pixels: 1 << 20, guest_memory: MEMORY }).unwrap()
}

/// Decodes both ways; a failure is an error of the kind that files cause.
fn decode(png: &mut Png, bytes: &[u8], what: &str) -> bool {
    let whole = png.decode(bytes, PixelFormat::Rgba8);
    assert!(png.guest_memory().is_none_or(|bytes| bytes <= MEMORY), "{what}");
    let pieces = png.decode_from(bytes, PixelFormat::Rgba8);
    assert!(png.guest_memory().is_none_or(|bytes| bytes <= MEMORY), "{what}");
    for error in [&whole, &pieces].into_iter().filter_map(|result| result.as_ref().err()) {
        let expected = matches!(error, Error::Refused { .. } | Error::TooLarge { .. } | Error::OutOfMemory(_));
        assert!(expected, "{what}: {error:?}");
    }
    whole.is_ok()
}

#[test]
fn truncations_are_errors() {
    let mut png = small();
    for file in suite() {
        for length in (0..file.bytes.len()).step_by(97) {
            let what = format!("the first {length} bytes of {}", file.name);
            let decoded = decode(&mut png, &file.bytes[..length], &what);
            assert!(!decoded, "{what} decoded");
        }
    }
}

#[test]
fn two_thousand_corruptions_do_no_harm() {
    let mut png = small();
    let files = valid();
    let mut random = Random(0x5eed);
    let mut decoded = 0;
    for _ in 0..2000 {
        let file = &files[random.below(files.len())];
        let mut bytes = file.bytes.clone();
        let (at, mask) = (random.below(bytes.len()), 1 + random.below(255) as u8);
        bytes[at] ^= mask;
        if decode(&mut png, &bytes, &format!("{} with byte {at} ^ {mask:#x}", file.name)) {
            decoded += 1;
        }
    }
    // Damage to the checksum of an ancillary chunk, for instance, only makes libpng warn.
    assert!(decoded < 1000, "{decoded} of 2,000 damaged files were decoded");
    for file in files.iter().take(5) {
        png.decode(&file.bytes, PixelFormat::Rgba8).unwrap();
    }
}
