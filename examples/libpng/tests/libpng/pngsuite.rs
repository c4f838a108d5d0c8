//! Every image of PngSuite: the right ones identical to native libpng, the broken ones refused.

use example_libpng::{Error, PixelFormat, Png, native};

use crate::support::{crashers, suite, valid};

fn identical(format: PixelFormat) {
    let mut png = Png::new().unwrap();
    let files = valid();
    assert_eq!(files.len(), 161);
    for file in files {
        let ours = png.decode(&file.bytes, format).unwrap_or_else(|error| panic!("{}: {error}", file.name));
        let (width, height, pixels) = native::decode(&file.bytes, format).unwrap_or_else(|error| panic!("{} natively: {error}", file.name));
        assert_eq!((ours.width(), ours.height()), (width, height), "{}", file.name);
        assert!(ours.pixels() == pixels, "{}: other pixels than native libpng", file.name);
    }
}

#[test]
fn valid_images_are_identical_to_native_in_rgba8() {
    identical(PixelFormat::Rgba8);
}

#[test]
fn valid_images_are_identical_to_native_in_rgba16() {
    identical(PixelFormat::Rgba16);
}

#[test]
fn valid_images_are_identical_to_native_in_gray8() {
    identical(PixelFormat::Gray8);
}

#[test]
fn native_and_sandboxed_libpng_are_of_one_version() {
    assert_eq!(native::version(), "1.6.50");
}

#[test]
fn each_broken_image_is_refused_and_the_next_one_decodes() {
    let mut png = Png::new().unwrap();
    let good = crate::support::image("basn6a08.png");
    let (_, _, expected) = native::decode(&good, PixelFormat::Rgba8).unwrap();
    let broken: Vec<_> = suite().into_iter().filter(|file| file.is_broken()).collect();
    assert_eq!(broken.len(), 14);
    for file in broken {
        match png.decode(&file.bytes, PixelFormat::Rgba8) {
            Err(Error::Refused { message }) => assert!(!message.is_empty(), "{}: no message", file.name),
            other => panic!("{}: {other:?}", file.name),
        }
        assert!(png.decode(&good, PixelFormat::Rgba8).unwrap().pixels() == expected, "after {}", file.name);
    }
}

#[test]
fn metadata_is_what_the_file_name_says() {
    let mut png = Png::new().unwrap();
    for file in valid().iter().filter(|file| file.name.starts_with("bas")) {
        let info = png.info(&file.bytes).unwrap();
        assert_eq!((info.width, info.height), (32, 32), "{}", file.name);
        assert_eq!(info.interlaced, &file.name[3..4] == "i", "{}", file.name);
        assert_eq!(info.bit_depth, file.name[6..8].parse().unwrap(), "{}", file.name);
        assert_eq!(info.palette.is_some(), &file.name[4..6] == "3p", "{}", file.name);
    }
    let info = png.info(&crate::support::image("g05n2c08.png")).unwrap();
    assert_eq!(info.gamma, Some(0.55));
    let info = png.info(&crate::support::image("ct1n0g04.png")).unwrap();
    assert_eq!(info.texts[0].keyword, "Title");
    assert_eq!(info.texts[0].text, "PngSuite");
}

#[test]
fn files_that_crashed_other_decoders_do_no_harm() {
    let mut png = Png::new().unwrap();
    let good = crate::support::image("basn6a08.png");
    for file in crashers() {
        for format in [PixelFormat::Rgba8, PixelFormat::Rgba16, PixelFormat::Gray8] {
            let _ = png.decode(&file.bytes, format);
            let _ = png.decode_from(file.bytes.as_slice(), format);
        }
        let _ = png.info(&file.bytes);
        png.decode(&good, PixelFormat::Rgba8).unwrap_or_else(|error| panic!("after {}: {error}", file.name));
    }
}
