//! Compresses or decompresses standard input with snappy in a sandbox.
//!
//! ```sh
//! cargo run --release -p example-snappy -- compress < Cargo.lock > Cargo.lock.snappy
//! ```

use std::error::Error;
use std::io::{Read as _, Write as _, stdin, stdout};
use std::process::ExitCode;

use example_snappy::{MAX_BLOCK, Snappy};

fn main() -> ExitCode {
    match run(std::env::args().nth(1).as_deref()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Option<&str>) -> Result<(), Box<dyn Error>> {
    let compress = match command {
        Some("compress") => true,
        Some("decompress") => false,
        _ => return Err("say `compress` or `decompress`; data comes from standard input and goes to standard output".into()),
    };
    let mut data = Vec::new();
    // More than any block has room for: what is larger is refused, and need not be read.
    stdin().take(2 * u64::from(MAX_BLOCK)).read_to_end(&mut data)?;
    let mut snappy = Snappy::new()?;
    let output = if compress { snappy.compress(&data)? } else { snappy.decompress(&data, MAX_BLOCK)? };
    stdout().write_all(&output)?;
    Ok(())
}
