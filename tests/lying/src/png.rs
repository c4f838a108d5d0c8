//! libpng with the shim, as `examples/libpng` uses it.

use std::io::Read;
use std::ops::ControlFlow;

use example_libpng::{EncodeOptions, Error, Image, Library, Limits, PixelFormat, Png};

use crate::run::DEADLINE;
use crate::{Effect, Function, Guest, Outcome, Place, Random, Run, Value};

/// What the images may ask for.
const LIMITS: Limits = Limits { pixels: 1 << 16, guest_memory: 4 << 20 };

const fn words(of: &'static [i32]) -> Value {
    Value::OneOf(of)
}

/// Whatever is not 0 is "done".
const DONE: Value = Value::Within(0, 40);

// What is kept: how the pixels were asked for, and what the header says.
const PIXEL: usize = 0;
const DEPTH: usize = 1;
const CHANNELS: usize = 2;
const WIDTH: usize = 3;
const INTERLACED: usize = 4;
const ROW: usize = 5;
const ROWS: usize = 6;
const HEIGHT: usize = 7;
const STREAMED: usize = 8;

/// A `png_text`, whose text may be longer than it is.
const TEXT: Value = Value::Words(&[
    words(&[-1, 0, 1]),
    Value::Words(&[words(&[0x6c74_6954, 0x4141_4141]), words(&[0x65, 0])]),
    Value::Words(&[words(&[0x6c74_6954]), words(&[0x1b65]), words(&[-1])]),
    Value::Within(0, 12),
    words(&[0, 0, 0, 5, -1]),
    words(&[0]),
    words(&[0]),
    // The next one, of which there is half.
    words(&[0]),
    Value::Words(&[words(&[0])]),
    words(&[0]),
    Value::Within(0, 12),
]);

const SESSION: &[Effect] = &[
    Effect::Store(Place::Answer(0), Value::Block(64)),
    Effect::Store(Place::Answer(4), Value::Block(64)),
    Effect::Store(Place::Answer(8), words(&[0])),
    Effect::Store(Place::Answer(12), words(&[0])),
    Effect::Store(Place::Answer(20), words(&[0])),
];

/// The signature of a PNG file and a little more, as what was written.
const WRITES: &[Effect] = &[
    Effect::Store(
        Place::Argument(0, 16),
        Value::Words(&[words(&[0x474e_5089]), words(&[0x0a1a_0a0d]), words(&[0x0d00_0000]), words(&[0x5244_4849])]),
    ),
    Effect::Store(Place::Argument(0, 20), words(&[0, 8, 16, 16, 16])),
];

const fn done(name: &'static str, effects: &'static [Effect]) -> Function {
    Function { name, answer: DONE, effects }
}

const fn says(name: &'static str, answer: Value) -> Function {
    Function { name, answer, effects: &[] }
}

/// Remembers how the pixels are asked for.
const fn asks(name: &'static str, effects: &'static [Effect]) -> Function {
    Function { name, answer: words(&[0]), effects }
}

/// Answers that libpng's host believes. `shim_png` has `have_info` at 8, `finished` at 12, `out` at 16 and `out_len` at 20.
pub const PLAUSIBLE: &[Function] = &[
    Function { name: "shim_read_new", answer: Value::Block(540), effects: SESSION },
    Function { name: "shim_write_new", answer: Value::Block(540), effects: SESSION },
    done("shim_read_info", &[]),
    done("shim_read_start", &[]),
    done("shim_read_rows", &[]),
    done("shim_read_end", &[]),
    done("shim_push_begin", &[]),
    done(
        "shim_push",
        &[
            Effect::Store(Place::Argument(0, 8), words(&[1, 1, 1, 0])),
            Effect::Store(Place::Argument(0, 12), words(&[0, 0, 1])),
            Effect::Store(Place::Argument(0, 16), Value::Block(2048)),
            Effect::Keep(ROW, Value::Product(PIXEL, WIDTH)),
            // An interlaced image does not come row by row.
            Effect::Keep(ROWS, Value::Either(&[words(&[0, 1]), Value::Kept(HEIGHT)])),
            Effect::Keep(ROWS, Value::Product(ROWS, STREAMED)),
            Effect::Store(Place::Argument(0, 20), Value::Product(ROW, ROWS)),
        ],
    ),
    done("shim_write_header", WRITES),
    done("shim_write_rows", WRITES),
    done("shim_write_end", WRITES),
    asks("png_set_scale_16", &[Effect::Keep(PIXEL, words(&[4])), Effect::Keep(DEPTH, words(&[8])), Effect::Keep(CHANNELS, words(&[4]))]),
    asks("png_set_expand_16", &[Effect::Keep(PIXEL, words(&[8])), Effect::Keep(DEPTH, words(&[16])), Effect::Keep(CHANNELS, words(&[4]))]),
    asks("png_set_rgb_to_gray_fixed", &[Effect::Keep(PIXEL, words(&[1])), Effect::Keep(CHANNELS, words(&[1]))]),
    Function { name: "png_get_image_width", answer: Value::Within(1, 9), effects: &[Effect::Keep(WIDTH, Value::Answer)] },
    Function { name: "png_get_image_height", answer: Value::Within(1, 6), effects: &[Effect::Keep(HEIGHT, Value::Answer)] },
    says("png_get_bit_depth", Value::Kept(DEPTH)),
    says("png_get_color_type", words(&[0, 2, 3, 4, 6])),
    Function {
        name: "png_get_interlace_type",
        answer: words(&[0, 0, 0, 1]),
        effects: &[Effect::Keep(INTERLACED, Value::Answer), Effect::Keep(STREAMED, Value::Affine(INTERLACED, -1, 1))],
    },
    says("png_set_interlace_handling", Value::Affine(INTERLACED, 6, 1)),
    says("png_get_channels", Value::Kept(CHANNELS)),
    says("png_get_rowbytes", Value::Product(PIXEL, WIDTH)),
    Function {
        name: "png_get_gAMA_fixed",
        answer: words(&[0, 8]),
        effects: &[Effect::Store(Place::Argument(2, 0), Value::Within(1, 100_000))],
    },
    says("png_get_valid", words(&[0, 16])),
    Function { name: "png_get_PLTE", answer: words(&[0, 8]), effects: &[Effect::Store(Place::Argument(3, 0), Value::Within(1, 256))] },
    Function {
        name: "png_get_text",
        answer: Value::Within(0, 2),
        effects: &[
            Effect::Store(Place::Argument(2, 0), TEXT),
            Effect::Store(Place::Argument(3, 0), words(&[0, 0, 0, 1, 1, 1, 2, 17, i32::MAX])),
        ],
    },
];

/// What honest libpng made of some images, before the lies begin.
#[derive(Debug)]
pub struct Inputs {
    images: Vec<Image>,
    files: Vec<Vec<u8>>,
}

impl Inputs {
    /// Encodes with the library that is in use.
    #[must_use]
    pub fn new() -> Self {
        let mut random = Random::new(2);
        let mut png = Png::new().expect("honest libpng");
        let (mut images, mut files) = (Vec::new(), Vec::new());
        for format in [PixelFormat::Gray8, PixelFormat::Rgba8, PixelFormat::Rgba16] {
            for (width, height) in [(1, 1), (8, 5), (64, 64), (200, 150)] {
                let pixels = random.bytes(width * height * format.bytes_per_pixel() as usize);
                let image = Image::new(width as u32, height as u32, format, pixels).expect("an image");
                files.push(png.encode(&image).expect("honest libpng"));
                images.push(image);
            }
        }
        Self { images, files }
    }
}

impl Default for Inputs {
    fn default() -> Self {
        Self::new()
    }
}

/// Puts a guest in libpng's place: whatever makes a `Png` from now on gets it.
///
/// # Panics
///
/// If the runtime does not accept it.
pub fn install(guest: &Guest) {
    let module = guest.module::<Library>().unwrap_or_else(|error| panic!("{error}"));
    module.with_limits(sandbox::Limits::new().deadline(DEADLINE)).make_default();
}

/// Uses the public operations of the example on a guest, in an order that the seed chooses.
pub fn exercise(run: &mut Run, seed: u64, guest: &Guest, inputs: &Inputs, operations: usize) {
    install(guest);
    run.guest();
    let mut random = Random::new(!seed);
    let mut kept = None;
    for _ in 0..operations {
        let name = *random.pick(&OPERATIONS);
        run.operation(seed, name, || outcome(one(name, &mut kept, inputs, &mut random)));
        let memory = kept.as_ref().and_then(Png::guest_memory).unwrap_or_default();
        assert!(memory <= LIMITS.guest_memory, "seed {seed}: {memory} bytes");
    }
}

/// The operations, by name.
const OPERATIONS: [&str; 7] = ["info", "decode", "decode_from", "rows_from", "stopped", "encode", "thumbnail"];

fn outcome(result: Result<(), Error>) -> Outcome {
    match result {
        Ok(()) => Outcome::Ok,
        Err(Error::Lied { .. }) => Outcome::Verify,
        Err(Error::Refused { .. } | Error::TooLarge { .. }) => Outcome::Refused,
        Err(Error::OutOfMemory(error) | Error::Trapped(error) | Error::Sandbox(error)) => Outcome::from(&error),
        Err(error) => panic!("the images can be encoded and the source can be read: {error:?}"),
    }
}

/// One operation, on a context that others used before it or on a new one.
fn one(name: &str, kept: &mut Option<Png>, inputs: &Inputs, random: &mut Random) -> Result<(), Error> {
    if random.below(8) == 0 {
        *kept = None;
    }
    let png = match kept {
        Some(png) => png,
        None => kept.insert(Png::with_limits(LIMITS)?),
    };
    let format = *random.pick(&[PixelFormat::Gray8, PixelFormat::Rgba8, PixelFormat::Rgba16]);
    let garbage = random.bytes(300);
    let file = if random.below(8) == 0 { &garbage } else { random.pick(&inputs.files) };
    let mut pieces = random.clone();
    let source = Pieces(file, &mut pieces);
    match name {
        "info" => drop(png.info(file)?),
        "decode" => check(&png.decode(file, format)?, format),
        "decode_from" => check(&png.decode_from(source, format)?, format),
        "rows_from" | "stopped" => {
            let stop = if name == "stopped" { random.below(4) as u32 } else { u32::MAX };
            let mut next = 0;
            let info = png.rows_from(source, format, |y, row| {
                assert_eq!(y, next, "rows come one after the other");
                assert!(row.len().is_multiple_of(format.bytes_per_pixel() as usize) && !row.is_empty());
                next += 1;
                if y >= stop { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            })?;
            assert!(next == info.height || stop < u32::MAX, "{next} rows of {}", info.height);
        }
        "encode" => {
            let options = EncodeOptions { level: random.below(10) as u8, palette: random.below(2) == 0 };
            let image = random.pick(&inputs.images);
            let file = png.encode_with(image, &options)?;
            assert!(file.starts_with(b"\x89PNG") && file.len() <= image.pixels().len() * 2 + 10_000);
        }
        _ => {
            // What the thumbnailer does, with a picture that stays as large as it is.
            let image = png.decode_from(source, PixelFormat::Rgba8)?;
            let _ = png.guest_memory();
            png.encode(&image)?;
        }
    }
    Ok(())
}

/// An image is what it says, whoever said it.
fn check(image: &Image, format: PixelFormat) {
    let bytes = u64::from(image.width()) * u64::from(image.height()) * u64::from(format.bytes_per_pixel());
    assert_eq!(image.pixels().len() as u64, bytes);
    assert!(u64::from(image.width()) * u64::from(image.height()) <= LIMITS.pixels);
    let text: String = image.info().map(|info| format!("{info:?}")).unwrap_or_default();
    assert!(text.chars().all(|c| !c.is_control()) && text.len() < 1_000_000, "text of the guest is shown as it is");
}

/// Gives less than it is asked for.
struct Pieces<'a>(&'a [u8], &'a mut Random);

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let most = (1 + self.1.below(20_000)).min(buffer.len());
        self.0.read(&mut buffer[..most])
    }
}
