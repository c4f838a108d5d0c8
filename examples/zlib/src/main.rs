//! Compresses, decompresses and sums up files with zlib in a sandbox.
//!
//! ```sh
//! cargo run --release -p example-zlib -- compress Cargo.lock -o Cargo.lock.gz
//! ```

mod cli;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    match cli::run(cli::Command::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            if !failure.silent {
                eprintln!("error: {failure}");
            }
            ExitCode::FAILURE
        }
    }
}
