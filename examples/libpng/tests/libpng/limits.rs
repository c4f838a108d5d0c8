//! Images that ask for too much.

use example_libpng::{Error, Limits, PixelFormat, Png};

use crate::support::{file_of, header, image};

#[test]
fn an_absurd_size_is_refused_before_anything_is_allocated() {
    let mut png = Png::new().unwrap();
    for interlace in [0, 1] {
        let file = file_of(&[(b"IHDR", &header(0x7fff_ffff, 0x7fff_ffff, 8, 6, interlace)), (b"IDAT", b""), (b"IEND", b"")]);
        for result in [png.decode(&file, PixelFormat::Rgba8), png.decode_from(file.as_slice(), PixelFormat::Rgba8)] {
            assert!(matches!(result, Err(Error::TooLarge { .. } | Error::Refused { .. })), "{result:?}");
        }
        assert!(png.guest_memory().unwrap() < 4 << 20);
    }
}

#[test]
fn more_pixels_than_the_limit_are_too_large() {
    let mut png = Png::with_limits(Limits { pixels: 32 * 32 - 1, ..Limits::default() }).unwrap();
    let result = png.decode(&image("basn6a08.png"), PixelFormat::Rgba8);
    assert!(matches!(result, Err(Error::TooLarge { value: 1024, limit: 1023, .. })), "{result:?}");
    // Its information is still there.
    assert_eq!(png.info(&image("basn6a08.png")).unwrap().width, 32);
}

#[test]
fn a_header_without_pixels_allocates_little() {
    // 7,000 x 7,000 pixels are within the limit, but there are none.
    let file = file_of(&[(b"IHDR", &header(7000, 7000, 8, 6, 0)), (b"IDAT", b""), (b"IEND", b"")]);
    let mut png = Png::new().unwrap();
    assert!(matches!(png.decode(&file, PixelFormat::Rgba8), Err(Error::Refused { .. })));
    assert!(png.guest_memory().unwrap() < 4 << 20);
}

#[test]
fn an_interlaced_image_larger_than_the_sandbox_is_an_error() {
    let file = file_of(&[(b"IHDR", &header(7000, 7000, 8, 6, 1)), (b"IDAT", b""), (b"IEND", b"")]);
    let mut png = Png::with_limits(Limits { guest_memory: 16 << 20, ..Limits::default() }).unwrap();
    assert!(matches!(png.decode(&file, PixelFormat::Rgba8), Err(Error::OutOfMemory(_))));
    assert!(matches!(png.decode_from(file.as_slice(), PixelFormat::Rgba8), Err(Error::OutOfMemory(_))));
    assert!(png.decode(&image("basi6a16.png"), PixelFormat::Rgba16).is_ok());
}
