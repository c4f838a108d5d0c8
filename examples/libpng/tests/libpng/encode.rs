//! What the sandbox writes, native libpng and the sandbox read.

use example_libpng::{ColorType, EncodeOptions, Error, Image, PixelFormat, Png, native};

use crate::support::{Random, image, valid};

fn round_trip(png: &mut Png, image: &Image, options: &EncodeOptions) -> Vec<u8> {
    let file = png.encode_with(image, options).unwrap();
    let (width, height, pixels) = native::decode(&file, image.format()).unwrap();
    assert_eq!((width, height), (image.width(), image.height()));
    assert!(pixels == image.pixels(), "native libpng reads other pixels");
    assert!(png.decode(&file, image.format()).unwrap().pixels() == image.pixels(), "the sandbox reads other pixels");
    file
}

fn noise(width: u32, height: u32, format: PixelFormat) -> Image {
    let mut random = Random(u64::from(width) << 32 | u64::from(height));
    let pixels = (0..width * height * format.bytes_per_pixel()).map(|_| random.below(256) as u8).collect();
    Image::new(width, height, format, pixels).unwrap()
}

#[test]
fn the_suite_survives_reencoding_in_every_format() {
    let mut png = Png::new().unwrap();
    for file in valid() {
        for format in [PixelFormat::Rgba8, PixelFormat::Rgba16, PixelFormat::Gray8] {
            let image = png.decode(&file.bytes, format).unwrap();
            round_trip(&mut png, &image, &EncodeOptions::default());
        }
    }
}

#[test]
fn noise_of_odd_sizes_survives_at_every_level() {
    let mut png = Png::new().unwrap();
    for format in [PixelFormat::Rgba8, PixelFormat::Rgba16, PixelFormat::Gray8] {
        for (width, height) in [(1, 1), (1, 300), (300, 1), (7, 5), (257, 129), (4000, 30)] {
            for level in [0, 1, 6, 9] {
                round_trip(&mut png, &noise(width, height, format), &EncodeOptions { level, palette: false });
            }
        }
    }
}

#[test]
fn few_colours_become_a_palette_of_few_bits() {
    let mut png = Png::new().unwrap();
    for (colors, depth) in [(1, 1), (2, 1), (3, 2), (4, 2), (5, 4), (16, 4), (17, 8), (256, 8)] {
        // Half of them transparent to some degree.
        let color = |n: usize| [n as u8, 0, 255, if n.is_multiple_of(2) { 255 } else { n as u8 }];
        let pixels = (0..40 * 40).flat_map(|at| color(at % colors)).collect();
        let image = Image::new(40, 40, PixelFormat::Rgba8, pixels).unwrap();
        let file = round_trip(&mut png, &image, &EncodeOptions::default());
        let info = png.info(&file).unwrap();
        assert_eq!((info.color_type, info.bit_depth), (ColorType::Palette, depth), "{colors} colours");
        assert_eq!(info.palette, Some(colors as u16));
        assert_eq!(info.transparency, colors > 1);
    }
}

#[test]
fn opaque_images_are_written_without_alpha() {
    let mut png = Png::new().unwrap();
    let mut options = EncodeOptions { palette: false, ..EncodeOptions::default() };
    let pixels = (0..100u8).flat_map(|n| [n, n, 0, 255]).collect();
    let file = round_trip(&mut png, &Image::new(10, 10, PixelFormat::Rgba8, pixels).unwrap(), &options);
    assert_eq!(png.info(&file).unwrap().color_type, ColorType::Rgb);
    let pixels = (0..100u8).flat_map(|n| [n, n, 0, n, 7, 7, 255, 255]).collect();
    let file = round_trip(&mut png, &Image::new(10, 10, PixelFormat::Rgba16, pixels).unwrap(), &options);
    assert_eq!(png.info(&file).unwrap().color_type, ColorType::Rgb);
    options.level = 10;
    assert!(matches!(png.encode_with(&noise(2, 2, PixelFormat::Gray8), &options), Err(Error::Unencodable(_))));
}

#[test]
fn gamma_is_kept() {
    let mut png = Png::new().unwrap();
    let decoded = png.decode(&image("g05n2c08.png"), PixelFormat::Rgba8).unwrap();
    let file = round_trip(&mut png, &decoded, &EncodeOptions::default());
    assert_eq!(png.info(&file).unwrap().gamma, Some(0.55));
}
