//! `demo`: the PngSuite through the sandbox and through native libpng.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use example_libpng::{Image, PixelFormat, Png, native};

use super::compare::{Outcome, Times, one};
use super::scale::Canvas;
use super::{Result, files};

/// Where the test images are: in a package that cargo fetched for the build.
const IMAGES: &str = env!("EXAMPLE_LIBPNG_IMAGES");
const COLUMNS: usize = 16;
const CELL: usize = 80;

/// Runs the demo and writes its pictures.
pub(crate) fn run(output: &Path) -> Result<ExitCode> {
    let images = files::images(&[PathBuf::from(IMAGES).join("images")])?;
    files::make_folder(output)?;
    let start = Instant::now();
    let mut png = Png::new()?;
    println!("libpng {} in a sandbox, ready after {:.1?}; the same version runs natively beside it", native::version(), start.elapsed());

    let (mut same, mut different, mut refused) = (0, 0, Vec::new());
    let mut times = Times::default();
    let mut sheet = Canvas::new(COLUMNS * CELL, images.len().div_ceil(COLUMNS) * CELL);
    for (index, path) in images.iter().enumerate() {
        let file = files::read(path)?;
        let (left, top) = (index % COLUMNS * CELL + 8, index / COLUMNS * CELL + 8);
        match one(&mut png, &file, PixelFormat::Rgba8, &mut times) {
            Outcome::Same => {
                same += 1;
                sheet.put(&png.decode(&file, PixelFormat::Rgba8)?, left, top, if fits_twice(&mut png, &file) { 2 } else { 1 });
            }
            Outcome::BothRefuse(reason) => {
                refused.push((path, reason));
                sheet.cross(left, top, CELL - 16);
            }
            Outcome::Different(how) => {
                different += 1;
                println!("  {} DIFFERS: {how}", path.display());
            }
        }
    }
    println!("PngSuite: {same} of {} images decode to the very pixels of native libpng, {different} differ", images.len());
    println!(
        "          {} broken ones are refused by both; time {:.1?} sandboxed, {:.1?} native",
        refused.len(),
        times.sandboxed,
        times.native
    );
    for (path, reason) in &refused {
        println!("          {}: {reason}", name(path));
    }

    broken_then_next(&mut png)?;
    pictures(&mut png, output, sheet.into_image())?;
    Ok(if different == 0 && same > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Shows one broken file, and the next one decoding in the same context.
fn broken_then_next(png: &mut Png) -> Result<()> {
    let folder = PathBuf::from(IMAGES).join("images");
    let good = files::read(&folder.join("basn6a08.png"))?;
    let mut broken = good.clone();
    // A bit of the compressed pixels.
    if let Some(byte) = broken.get_mut(100) {
        *byte ^= 0x10;
    }
    println!("basn6a08.png with one bit flipped:");
    match png.decode(&broken, PixelFormat::Rgba8) {
        Ok(_) => return Err("the broken image was decoded".into()),
        Err(error) => println!("          {error}"),
    }
    let start = Instant::now();
    let image = png.decode(&good, PixelFormat::Rgba8)?;
    let (width, height) = (image.width(), image.height());
    println!(
        "          the next image decodes in the same context: {width} x {height} pixels in {:.1?}, with a fresh sandbox",
        start.elapsed()
    );
    Ok(())
}

/// Writes the contact sheet and some images enlarged, with the sandbox's own encoder.
fn pictures(png: &mut Png, output: &Path, sheet: Option<Image>) -> Result<()> {
    let mut written = Vec::new();
    if let Some(sheet) = sheet {
        let path = output.join("contact-sheet.png");
        files::write(&path, &png.encode(&sheet)?)?;
        written.push(path);
    }
    for name in ["basn6a16", "basi3p08", "tbbn3p08"] {
        let file = files::read(&PathBuf::from(IMAGES).join("images").join(name).with_extension("png"))?;
        let image = png.decode(&file, PixelFormat::Rgba8)?;
        let mut canvas = Canvas::new(image.width() as usize * 8, image.height() as usize * 8);
        canvas.put(&image, 0, 0, 8);
        if let Some(large) = canvas.into_image() {
            let path = output.join(name).with_extension("png");
            files::write(&path, &png.encode(&large)?)?;
            written.push(path);
        }
    }
    println!("pictures, written by the sandboxed libpng:");
    for path in &written {
        println!("          {}", path.display());
    }
    Ok(())
}

/// Tells whether an image can be shown at twice its size.
fn fits_twice(png: &mut Png, file: &[u8]) -> bool {
    png.info(file).is_ok_and(|info| info.width.max(info.height) as usize * 2 <= CELL - 16)
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
