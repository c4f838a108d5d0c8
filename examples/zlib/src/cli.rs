//! The command line: what can be asked for, and doing it.

mod failure;
mod input;
mod output;

use std::io::{BufRead as _, Read as _, Write as _};
use std::path::PathBuf;

use clap::Parser;
use example_zlib::{Algorithm, Checksum, Decoder, Encoder, Error, Format, Level, Zlib};

use failure::{Failure, Result};
use input::Input;
use output::Output;

/// Compress, decompress and sum up files with zlib in a sandbox.
#[derive(Debug, Parser)]
#[command(name = "example-zlib", version)]
pub(crate) enum Command {
    /// Compress a file
    Compress {
        #[command(flatten)]
        files: Files,
        /// How hard to try, from 0 (not at all) to 9 (smallest)
        #[arg(short, long, default_value_t = Level::DEFAULT.get(), value_parser = clap::value_parser!(u8).range(0..=9))]
        level: u8,
    },
    /// Decompress a file
    Decompress {
        #[command(flatten)]
        files: Files,
        /// Stop with an error at more output than this, such as 64M or 2G
        #[arg(long, value_name = "BYTES", value_parser = size)]
        max_output: Option<u64>,
    },
    /// Print the CRC-32 of files
    Crc32(Sums),
    /// Print the Adler-32 of files
    Adler32(Sums),
}

#[derive(Debug, clap::Args)]
pub(crate) struct Files {
    /// The file to read; standard input without one, or as `-`
    input: Option<PathBuf>,
    /// The file to write, which appears when it is complete; standard output without one, or as `-`
    #[arg(short, long)]
    output: Option<PathBuf>,
    /// How the compressed data is wrapped
    #[arg(long, value_enum, default_value_t = Wrapper::Gzip)]
    format: Wrapper,
    /// Replace the output file if there is one; write compressed data to a terminal
    #[arg(short, long)]
    force: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Sums {
    /// The files to read; standard input without one, or as `-`
    inputs: Vec<PathBuf>,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Wrapper {
    Gzip,
    Zlib,
    Raw,
}

impl From<Wrapper> for Format {
    fn from(wrapper: Wrapper) -> Self {
        match wrapper {
            Wrapper::Gzip => Self::Gzip,
            Wrapper::Zlib => Self::Zlib,
            Wrapper::Raw => Self::Raw,
        }
    }
}

/// Reads a number of bytes with an optional binary unit.
fn size(text: &str) -> Result<u64, &'static str> {
    let (digits, shift) = match text.char_indices().last() {
        Some((at, 'K' | 'k')) => (&text[..at], 10),
        Some((at, 'M' | 'm')) => (&text[..at], 20),
        Some((at, 'G' | 'g')) => (&text[..at], 30),
        Some((at, 'T' | 't')) => (&text[..at], 40),
        _ => (text, 0),
    };
    let number: u64 = digits.parse().map_err(|_| "write a number of bytes, such as 1000, 64K, 10M, 2G or 1T")?;
    number.checked_mul(1 << shift).ok_or("more than a file can have")
}

/// Does what the command says.
pub(crate) fn run(command: Command) -> Result<()> {
    match command {
        Command::Compress { files, level } => compress(&files, Level::new(level).unwrap_or_default()),
        Command::Decompress { files, max_output } => decompress(&files, max_output.unwrap_or(u64::MAX)),
        Command::Crc32(sums) => sum_up(&sums.inputs, Algorithm::Crc32),
        Command::Adler32(sums) => sum_up(&sums.inputs, Algorithm::Adler32),
    }
}

fn compress(files: &Files, level: Level) -> Result<()> {
    let mut input = Input::open(files.input.as_deref())?;
    let mut output = Output::create(files.output.as_deref(), files.force)?;
    if output.is_terminal() && !files.force {
        return Err(Failure::new("compressed data is nothing for a terminal; name a file with `-o`, or insist with `--force`"));
    }
    let mut encoder = Encoder::new(&mut output, files.format.into(), level)?;
    let mut buffer = vec![0; 64 << 10];
    loop {
        let count = input.read(&mut buffer).map_err(|error| input.failed(error))?;
        if count == 0 {
            break;
        }
        encoder.write_all(&buffer[..count])?;
    }
    encoder.finish()?;
    input.done();
    output.keep()
}

fn decompress(files: &Files, max_output: u64) -> Result<()> {
    let input = Input::open(files.input.as_deref())?;
    let mut output = Output::create(files.output.as_deref(), files.force)?;
    let name = input.name();
    let mut decoder = Decoder::new(input, files.format.into(), max_output)?;
    let mut ignored = None;
    loop {
        let data = match decoder.fill_buf().map_err(Error::from) {
            // As gzip does: all data is there, and its checksum was right.
            Err(error @ Error::TrailingData { format: Format::Gzip, .. }) => {
                ignored = Some(error);
                break;
            }
            data => data.map_err(|error| Failure::about(&name, error))?,
        };
        if data.is_empty() {
            break;
        }
        output.write_all(data)?;
        let count = data.len();
        decoder.consume(count);
    }
    decoder.get_ref().done();
    output.keep()?;
    ignored.map_or(Ok(()), |error| Err(Failure::warning(&name, error)))
}

/// Prints the sums as `sha256sum` does. A file that cannot be read does not keep the others from being summed up.
fn sum_up(inputs: &[PathBuf], algorithm: Algorithm) -> Result<()> {
    let mut zlib = Zlib::new()?;
    let stdin = [PathBuf::from("-")];
    let inputs = if inputs.is_empty() { &stdin } else { inputs };
    let mut failed = 0;
    for path in inputs {
        match sum(&mut zlib, path, algorithm) {
            Ok(sum) => writeln!(std::io::stdout(), "{sum:08x}  {}", path.display())?,
            Err(failure) => {
                eprintln!("error: {failure}");
                failed += 1;
            }
        }
    }
    if failed > 0 { Err(Failure::new(format!("{failed} of {} files could not be summed up", inputs.len()))) } else { Ok(()) }
}

fn sum(zlib: &mut Zlib, path: &std::path::Path, algorithm: Algorithm) -> Result<u32> {
    let mut input = Input::open(Some(path))?;
    let mut checksum = Checksum::with(zlib, algorithm);
    let mut buffer = vec![0; 64 << 10];
    loop {
        let count = input.read(&mut buffer).map_err(|error| input.failed(error))?;
        if count == 0 {
            input.done();
            return Ok(checksum.value());
        }
        checksum.update(&buffer[..count])?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        <Command as clap::CommandFactory>::command().debug_assert();
    }

    #[test]
    fn sizes_have_binary_units() {
        assert_eq!(size("1000"), Ok(1000));
        assert_eq!(size("2G"), Ok(2 << 30));
        for wrong in ["", "M", "-1", "1.5G", "10MB", "99999999T", "1é"] {
            assert!(size(wrong).is_err(), "{wrong}");
        }
    }
}
