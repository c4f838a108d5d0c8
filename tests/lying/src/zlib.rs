//! zlib, as `examples/zlib` uses it.

use std::io::{self, BufRead as _, Cursor, Read, Write};

use example_zlib::{Algorithm, Checksum, Decoder, Encoder, Error, Format, Level, Library, Zlib};
use sandbox::Limits;

use crate::run::DEADLINE;
use crate::{Effect, Function, Guest, Outcome, Place, Random, Run, Value};

const OK: Value = Value::Either(&[Value::OneOf(&[0]), Value::OneOf(&[0, 0, 0, 0, 0, 0, 0, -4])]);

/// Answers that zlib's host believes. `z_stream` has `avail_in` at 4, `avail_out` at 16 and `msg` at 24.
pub const PLAUSIBLE: &[Function] = &[
    Function { name: "deflateInit2_", answer: OK, effects: &[] },
    Function { name: "inflateInit2_", answer: OK, effects: &[] },
    Function { name: "inflateReset", answer: OK, effects: &[] },
    Function { name: "deflateEnd", answer: OK, effects: &[] },
    Function { name: "inflateEnd", answer: OK, effects: &[] },
    Function {
        name: "deflate",
        answer: Value::OneOf(&[0, 0, 1, 1, 1, -5]),
        effects: &[Effect::Shrink(Place::Argument(0, 4)), Effect::Take(Place::Argument(0, 16), 0, 64)],
    },
    Function {
        name: "inflate",
        answer: Value::OneOf(&[0, 0, 0, 0, 1, 1, 1, -3, -5, 2]),
        effects: &[
            Effect::Shrink(Place::Argument(0, 4)),
            Effect::Shrink(Place::Argument(0, 16)),
            // "incorrect header check" or what is there.
            Effect::Store(
                Place::Argument(0, 24),
                Value::Words(&[
                    Value::OneOf(&[0x6f63_6e69]),
                    Value::OneOf(&[0x6365_7272]),
                    Value::OneOf(&[0x6568_2074, 0x4141_4141]),
                    Value::OneOf(&[0x7265_6461]),
                    Value::OneOf(&[0x6568_6320]),
                    Value::OneOf(&[0x6b63, 0x4141_4141]),
                ]),
            ),
        ],
    },
    Function { name: "crc32", answer: Value::Within(0, i32::MAX - 1), effects: &[] },
    Function { name: "adler32", answer: Value::OneOf(&[1, 0x11e6_0398, 0x0001_0001, 65_521]), effects: &[] },
];

const fn slow(name: &'static str, effects: &'static [Effect]) -> Function {
    Function { name, answer: Value::OneOf(&[0]), effects }
}

const BEGIN: [Function; 2] = [slow("deflateInit2_", &[]), slow("inflateInit2_", &[])];

/// A fraction of a millisecond.
const SPIN: Effect = Effect::Spin(100_000);

/// Answers of a zlib that makes progress, and as little of it as it can: a byte of input in a call.
pub const SLOTH_IN: &[Function] = &[
    BEGIN[0],
    BEGIN[1],
    slow("deflate", &[SPIN, Effect::Take(Place::Argument(0, 4), 1, 1)]),
    slow("inflate", &[SPIN, Effect::Take(Place::Argument(0, 4), 1, 1)]),
];

/// Answers of one that makes a byte of output in a call.
pub const SLOTH_OUT: &[Function] = &[
    BEGIN[0],
    BEGIN[1],
    // It takes what it gets, or would be found out before it is told to finish.
    slow("deflate", &[SPIN, Effect::Store(Place::Argument(0, 4), Value::OneOf(&[0])), Effect::Take(Place::Argument(0, 16), 1, 1)]),
    slow("inflate", &[SPIN, Effect::Take(Place::Argument(0, 4), 1, 1), Effect::Take(Place::Argument(0, 16), 1, 1)]),
];

/// Makes the guest of a seed: a liar, or in one of sixteen cases a sloth.
#[must_use]
pub fn guest(seed: u64) -> Guest {
    match seed % 32 {
        15 => Guest::new(seed, SLOTH_IN).honest(),
        31 => Guest::new(seed, SLOTH_OUT).honest(),
        _ => Guest::new(seed, PLAUSIBLE),
    }
}

/// What honest zlib made of some data, before the lies begin.
#[derive(Debug)]
pub struct Inputs(Vec<(Format, Vec<u8>)>);

impl Inputs {
    /// Compresses with the library that is in use.
    #[must_use]
    pub fn new() -> Self {
        let mut random = Random::new(1);
        let mut zlib = Zlib::new().expect("honest zlib");
        let mut inputs = Vec::new();
        for format in Format::ALL {
            for size in [0, 1, 100, 3000, 150_000] {
                let packed = zlib.compress(&random.bytes(size), format, Level::DEFAULT).expect("honest zlib");
                inputs.push((format, packed));
            }
        }
        Self(inputs)
    }
}

impl Default for Inputs {
    fn default() -> Self {
        Self::new()
    }
}

/// Puts a guest in zlib's place: whatever makes a `Zlib` from now on gets it.
///
/// # Panics
///
/// If the runtime does not accept it.
pub fn install(guest: &Guest) {
    let module = guest.module::<Library>().unwrap_or_else(|error| panic!("{error}"));
    module.with_limits(Limits::new().deadline(DEADLINE)).make_default();
}

/// Uses the public operations of the example on a guest, in an order that the seed chooses.
pub fn exercise(run: &mut Run, seed: u64, guest: &Guest, inputs: &Inputs, operations: usize) {
    install(guest);
    run.guest();
    let mut random = Random::new(!seed);
    let mut kept = None;
    for _ in 0..operations {
        let name = *random.pick(&OPERATIONS);
        run.operation(seed, name, || outcome(one(name, &mut kept, inputs, &mut random), name));
        let memory = kept.as_ref().and_then(|zlib| zlib.guest_memory().ok()).unwrap_or_default();
        assert!(memory <= 8 << 20, "seed {seed}: {memory} bytes");
    }
}

/// The operations, by name.
const OPERATIONS: [&str; 9] = ["compress", "decompress", "garbage", "checksums", "encoder", "decoder", "lines", "single", "reset"];

fn outcome(result: Result<(), Error>, name: &str) -> Outcome {
    match result {
        Ok(()) => Outcome::Ok,
        Err(Error::Implausible { .. }) => Outcome::Verify,
        Err(Error::Sandbox(error)) => Outcome::from(&error),
        Err(Error::OutOfMemory) => Outcome::Limit,
        Err(Error::Failed) => Outcome::Poisoned,
        // The test's own writer takes nothing at times.
        Err(Error::Io(error)) if name == "encoder" && error.kind() == io::ErrorKind::WriteZero => Outcome::Refused,
        Err(Error::Io(error)) => panic!("no error of the example's: {error:?}"),
        Err(_) => Outcome::Refused,
    }
}

/// One operation, on a context that others used before it or on a new one.
///
/// # Errors
///
/// The example's.
fn one(name: &str, kept: &mut Option<Zlib>, inputs: &Inputs, random: &mut Random) -> Result<(), Error> {
    if random.below(3) == 0 {
        *kept = None;
    }
    let zlib = match kept {
        Some(zlib) => zlib,
        None => kept.insert(Zlib::new()?),
    };
    let (format, level) = (*random.pick(&Format::ALL), Level::new(random.below(10) as u8).unwrap_or_default());
    let size = *random.pick(&[0, 1, 100, 3000, 3000, 150_000]);
    let most = *random.pick(&[0, 1, 100, 65_535, 65_536, 1 << 20]);
    let (packed_as, packed) = random.pick(&inputs.0);
    match name {
        "compress" => drop(zlib.compress(&random.bytes(size), format, level)?),
        "decompress" => drop(zlib.decompress(packed, *packed_as, most)?),
        "garbage" => drop(zlib.decompress(&random.bytes(size), format, most)?),
        "checksums" => {
            zlib.crc32(&random.bytes(size))?;
            zlib.adler32(&random.bytes(size))?;
            let mut sum = Checksum::with(zlib, *random.pick(&[Algorithm::Crc32, Algorithm::Adler32]));
            sum.update(&random.bytes(10))?;
            sum.update(&random.bytes(size))?;
        }
        "encoder" => {
            let mut encoder = Encoder::with(zlib, Fussy(random.clone()), format, level)?;
            for _ in 0..random.below(6) {
                encoder.write_all(&random.bytes(size))?;
                if random.below(3) == 0 {
                    encoder.flush()?;
                }
            }
            encoder.try_finish()?;
            // Finished, and used on.
            let _ = encoder.write(b"more").map_err(Error::from);
            encoder.flush()?;
        }
        "decoder" => {
            let mut decoder = Decoder::with(zlib, Pieces(Cursor::new(packed), random.clone()), *packed_as, most)?;
            let mut buffer = vec![0; 1 + random.below(100_000)];
            // After an error it is tried on: that must not go on for ever either.
            let mut errors = 0;
            loop {
                match decoder.read(&mut buffer) {
                    Ok(0) => break,
                    Ok(_) => {}
                    Err(_) if errors < 2 => errors += 1,
                    Err(error) => return Err(error.into()),
                }
            }
            let _ = (decoder.total_in(), decoder.total_out());
        }
        "lines" => {
            let decoder = Decoder::with(zlib, &packed[..], *packed_as, most)?;
            for line in decoder.split(b'\n') {
                line?;
            }
        }
        "single" => {
            let twice = [&packed[..], &packed[..]].concat();
            let mut decoder = Decoder::with(zlib, &twice[..], *packed_as, most)?.single();
            let result = decoder.read_to_end(&mut Vec::new());
            let (rest, unused) = decoder.into_parts();
            assert!(rest.len() + unused.len() <= twice.len(), "input came out of nothing");
            result?;
        }
        _ => zlib.reset()?,
    }
    Ok(())
}

/// Takes some of what it gets, is interrupted, and at times takes nothing.
struct Fussy(Random);

impl Write for Fussy {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        match self.0.below(64) {
            0 => Ok(0),
            1..8 => Err(io::ErrorKind::Interrupted.into()),
            8..16 => Ok(data.len().div_ceil(2)),
            _ => Ok(data.len()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Gives less than it is asked for.
struct Pieces<'a>(Cursor<&'a Vec<u8>>, Random);

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = 1 + self.1.below(buffer.len().clamp(1, 20_000));
        let most = most.min(buffer.len());
        self.0.read(&mut buffer[..most])
    }
}
