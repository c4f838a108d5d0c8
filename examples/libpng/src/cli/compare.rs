//! `compare`: sandboxed and native libpng, pixel by pixel.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use example_libpng::{PixelFormat, Png, native};

use super::{Result, files};

/// What came of one image.
pub(crate) enum Outcome {
    /// Both decoded it, to the same pixels.
    Same,
    /// Neither decoded it.
    BothRefuse(String),
    /// One decoded it, or they decoded it to other pixels.
    Different(String),
}

/// Time that was spent on each side.
#[derive(Default)]
pub(crate) struct Times {
    pub(crate) sandboxed: Duration,
    pub(crate) native: Duration,
}

/// Compares files, and fails if one differs.
pub(crate) fn run(inputs: &[PathBuf]) -> Result<ExitCode> {
    let mut png = Png::new()?;
    let mut times = Times::default();
    let (mut same, mut refused, mut different) = (0, 0, 0);
    for path in files::images(inputs)? {
        let file = files::read(&path)?;
        for (format, name) in [(PixelFormat::Rgba8, "rgba8"), (PixelFormat::Rgba16, "rgba16"), (PixelFormat::Gray8, "gray8")] {
            match one(&mut png, &file, format, &mut times) {
                Outcome::Same => same += 1,
                Outcome::BothRefuse(reason) => {
                    refused += 1;
                    println!("{} ({name}): both refuse: {reason}", path.display());
                }
                Outcome::Different(how) => {
                    different += 1;
                    println!("{} ({name}): DIFFERENT: {how}", path.display());
                }
            }
        }
    }
    println!("{same} decodings identical, {refused} refused by both, {different} different; libpng {}", native::version());
    println!("time: {:.1?} sandboxed, {:.1?} native", times.sandboxed, times.native);
    Ok(if different == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Decodes an image both ways.
pub(crate) fn one(png: &mut Png, file: &[u8], format: PixelFormat, times: &mut Times) -> Outcome {
    let start = Instant::now();
    let ours = png.decode(file, format);
    times.sandboxed += start.elapsed();
    let start = Instant::now();
    let theirs = native::decode(file, format);
    times.native += start.elapsed();
    match (ours, theirs) {
        (Ok(ours), Ok((width, height, pixels))) => {
            if (ours.width(), ours.height()) != (width, height) {
                return Outcome::Different(format!("{} x {} and {width} x {height} pixels", ours.width(), ours.height()));
            }
            let size = format.bytes_per_pixel() as usize;
            let differ = ours.pixels().chunks(size).zip(pixels.chunks(size)).filter(|(a, b)| a != b).count();
            if differ == 0 && ours.pixels().len() == pixels.len() { Outcome::Same } else { Outcome::Different(format!("{differ} pixels")) }
        }
        (Err(error), Err(_)) => Outcome::BothRefuse(error.to_string()),
        (Ok(_), Err(error)) => Outcome::Different(format!("only native refuses: {error}")),
        (Err(error), Ok(_)) => Outcome::Different(format!("only the sandbox refuses: {error}")),
    }
}
