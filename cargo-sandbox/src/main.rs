//! The program `cargo-sandbox`, which cargo runs as `cargo sandbox`.

use std::process::ExitCode;

fn main() -> ExitCode {
    cargo_sandbox::main(std::env::args_os())
}
