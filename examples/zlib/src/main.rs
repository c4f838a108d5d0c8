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
                eprintln!("{}: {failure}", if failure.only_a_warning { "warning" } else { "error" });
            }
            if failure.only_a_warning { ExitCode::from(2) } else { ExitCode::FAILURE }
        }
    }
}
