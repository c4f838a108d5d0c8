//! The subcommands.

#[cfg(feature = "native")]
mod compare;
#[cfg(feature = "native")]
mod demo;
mod files;
mod netpbm;
mod scale;
mod thumbnail;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use example_libpng::{EncodeOptions, Image, Info, Limits, PixelFormat, Png};

pub(crate) type Result<T, E = Box<dyn Error>> = std::result::Result<T, E>;

/// Works on PNG images with a libpng that is kept in a sandbox.
#[derive(Debug, Parser)]
#[command(name = "example-libpng", version)]
pub(crate) enum Command {
    /// Prints what a file says about itself.
    Info { file: PathBuf },
    /// Decodes a PNG file to PAM, PPM (without alpha), PGM or raw bytes.
    Decode {
        file: PathBuf,
        /// What to write: .pam, .ppm, .pgm or .raw.
        #[arg(short, long)]
        output: PathBuf,
        /// The pixels' layout; what fits the output by default.
        #[arg(long)]
        format: Option<Format>,
        /// How many pixels an image can have.
        #[arg(long, default_value_t = Limits::default().pixels)]
        max_pixels: u64,
        /// Reads the file in pieces.
        #[arg(long)]
        progressive: bool,
    },
    /// Encodes a PAM, PPM or PGM file, or another PNG file, as PNG.
    Encode {
        file: PathBuf,
        #[arg(short, long)]
        output: PathBuf,
        /// zlib's effort, 0 to 9.
        #[arg(long, default_value_t = 6, value_parser = clap::value_parser!(u8).range(0..=9))]
        level: u8,
        /// Does not make a palette, even if 256 colours are enough.
        #[arg(long)]
        no_palette: bool,
    },
    /// Makes small pictures of all images in folders. One that cannot be decoded is reported, and costs just itself.
    Thumbnail {
        /// Folders or files.
        #[arg(required = true)]
        inputs: Vec<PathBuf>,
        /// The folder for the pictures.
        #[arg(short, long)]
        output: PathBuf,
        /// Their largest width and height in pixels.
        #[arg(long, default_value_t = 128, value_parser = clap::value_parser!(u32).range(1..=4096))]
        size: u32,
    },
    /// Compares the sandbox's pixels with those of the native libpng, which is trusted with the files.
    #[cfg(feature = "native")]
    Compare {
        /// Folders or files.
        #[arg(required = true)]
        inputs: Vec<PathBuf>,
    },
    /// Decodes the PngSuite, compares it with the native libpng, shows a broken file, and writes pictures to look at.
    #[cfg(feature = "native")]
    Demo {
        /// The folder for the pictures.
        #[arg(default_value = "out")]
        output: PathBuf,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Format {
    Rgba8,
    Rgba16,
    Gray8,
}

impl From<Format> for PixelFormat {
    fn from(format: Format) -> Self {
        match format {
            Format::Rgba8 => Self::Rgba8,
            Format::Rgba16 => Self::Rgba16,
            Format::Gray8 => Self::Gray8,
        }
    }
}

/// Runs a subcommand.
pub(crate) fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::Info { file } => print_info(&Png::new()?.info(&files::read(&file)?)?),
        Command::Decode { file, output, format, max_pixels, progressive } => {
            let format =
                format.map_or_else(|| if has_extension(&output, "pgm") { PixelFormat::Gray8 } else { PixelFormat::Rgba8 }, Into::into);
            let mut png = Png::with_limits(Limits { pixels: max_pixels, ..Limits::default() })?;
            let image = if progressive { png.decode_from(files::open(&file)?, format)? } else { png.decode(&files::read(&file)?, format)? };
            files::write(&output, &netpbm::write(&image, &output)?)?;
        }
        Command::Encode { file, output, level, no_palette } => {
            let mut png = Png::new()?;
            let bytes = files::read(&file)?;
            let image = if bytes.starts_with(b"P") { netpbm::read(&bytes)? } else { decode_any(&mut png, &bytes)? };
            files::write(&output, &png.encode_with(&image, &EncodeOptions { level, palette: !no_palette })?)?;
        }
        Command::Thumbnail { inputs, output, size } => return thumbnail::run(&inputs, &output, size),
        #[cfg(feature = "native")]
        Command::Compare { inputs } => return compare::run(&inputs),
        #[cfg(feature = "native")]
        Command::Demo { output } => return demo::run(&output),
    }
    Ok(ExitCode::SUCCESS)
}

/// Decodes to the format that loses nothing.
fn decode_any(png: &mut Png, file: &[u8]) -> Result<Image> {
    use example_libpng::ColorType;
    let info = png.info(file)?;
    let format = match (info.bit_depth, info.color_type, info.transparency) {
        (16, ..) => PixelFormat::Rgba16,
        (_, ColorType::Gray, false) => PixelFormat::Gray8,
        _ => PixelFormat::Rgba8,
    };
    Ok(png.decode(file, format)?)
}

pub(crate) fn has_extension(path: &Path, extension: &str) -> bool {
    path.extension().is_some_and(|found| found.eq_ignore_ascii_case(extension))
}

fn print_info(info: &Info) {
    let way = if info.interlaced { ", interlaced" } else { "" };
    println!("{} x {} pixels, {}, {} bits{way}", info.width, info.height, info.color_type, info.bit_depth);
    if let Some(colors) = info.palette {
        println!("palette: {colors} colours");
    }
    if info.transparency {
        println!("transparent colours");
    }
    if let Some(gamma) = info.gamma {
        println!("gamma: {gamma:.5}");
    }
    for text in &info.texts {
        println!("{}: {}", text.keyword, text.text);
    }
    if info.text_count as usize > info.texts.len() {
        println!("({} texts in all)", info.text_count);
    }
    if let Some((count, last)) = &info.warnings {
        println!("{count} warnings, the last: {last}");
    }
}
