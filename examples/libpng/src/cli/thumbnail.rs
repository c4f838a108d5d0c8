//! `thumbnail`: a folder of images, some of them hostile.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use example_libpng::{PixelFormat, Png};
use indicatif::{ProgressBar, ProgressStyle};

use super::{Result, files, scale};

/// Makes a small picture of each image. Fails only if there was none that could be shown.
pub(crate) fn run(inputs: &[PathBuf], output: &Path, size: u32) -> Result<ExitCode> {
    let images = files::images(inputs)?;
    files::make_folder(output)?;
    let mut png = Png::new()?;
    let mut names = HashSet::new();
    let mut failed = Vec::new();
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} {wide_msg}").unwrap_or_else(|_| ProgressStyle::default_bar());
    let bar = ProgressBar::new(images.len() as u64).with_style(style);
    for file in &images {
        bar.set_message(file.display().to_string());
        let name = unused_name(&mut names, file);
        if let Err(error) = one(&mut png, file, &output.join(name), size) {
            failed.push((file, error));
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    println!("{} of {} images are in {}", images.len() - failed.len(), images.len(), output.display());
    for (file, error) in &failed {
        println!("  not {}: {error}", file.display());
    }
    Ok(if failed.len() < images.len() || images.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn one(png: &mut Png, from: &Path, to: &Path, size: u32) -> Result<()> {
    let image = png.decode_from(files::open(from)?, PixelFormat::Rgba8)?;
    let small = scale::shrink(&image, size).ok_or("an image without pixels")?;
    files::write(to, &png.encode(&small)?)
}

/// Names the picture like the image; images of the same name in several folders get a number.
fn unused_name(names: &mut HashSet<String>, file: &Path) -> String {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    let mut name = format!("{stem}.png");
    for number in 2.. {
        if names.insert(name.clone()) {
            break;
        }
        name = format!("{stem}-{number}.png");
    }
    name
}
