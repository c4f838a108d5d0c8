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
const WIDTH: usize = 1;
const INTERLACED: usize = 2;
const ROW: usize = 3;
const ROWS: usize = 4;
const HEIGHT: usize = 5;
const STREAMED: usize = 6;

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

/// Where `header` lies in `shim_png`.
const HEADER: u32 = 540;

const fn header(offset: u32, value: Value) -> Effect {
    Effect::Store(Place::Argument(0, HEADER + offset), value)
}

/// What `shim_header` says of a file: width and height, four bytes (depth, colour type, interlaced, transparency), gamma, colours, texts.
const SAYS: &[Effect] = &[
    Effect::Keep(WIDTH, Value::Within(1, 9)),
    header(0, Value::Kept(WIDTH)),
    Effect::Keep(HEIGHT, Value::Within(1, 6)),
    header(4, Value::Kept(HEIGHT)),
    Effect::Keep(INTERLACED, words(&[0, 0, 0, 1])),
    Effect::Keep(STREAMED, Value::Affine(INTERLACED, -1, 1)),
    header(8, Value::Either(&[Value::Affine(INTERLACED, 1 << 16, 8 | 6 << 8), Value::Affine(INTERLACED, 1 << 16, 4 | 3 << 8 | 1 << 24)])),
    header(12, Value::Either(&[words(&[0]), Value::Within(1, 100_000)])),
    header(16, Value::Within(0, 256)),
    header(20, TEXT),
    header(24, words(&[0, 0, 0, 1, 1, 1, 2, 17, i32::MAX])),
];

/// And what the pixels become, by how they are asked for: `SHIM_RGBA8`, `SHIM_RGBA16`, `SHIM_GRAY8`.
const STARTS: &[Effect] = &[
    Effect::Keep(PIXEL, Value::ByArgument(1, &[4, 8, 1])),
    header(28, Value::Affine(INTERLACED, 6, 1)),
    header(32, Value::ByArgument(1, &[4 | 8 << 8, 4 | 16 << 8, 1 | 8 << 8])),
    header(36, Value::Product(PIXEL, WIDTH)),
];

/// Answers that libpng's host believes. `shim_png` has `have_info` at 8, `finished` at 12, `out` at 16 and `out_len` at 20.
pub const PLAUSIBLE: &[Function] = &[
    Function { name: "shim_read_new", answer: Value::Block(580), effects: SESSION },
    Function { name: "shim_write_new", answer: Value::Block(580), effects: SESSION },
    done("shim_read_info", SAYS),
    done("shim_read_start", STARTS),
    done("shim_read_rows", &[]),
    done("shim_read_end", &[]),
    done("shim_push_begin", SAYS),
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
