//! `cargo xtask variants`.

use std::error::Error;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::cargo::{cargo, clang, target_folder};

/// Which, and how often.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Rounds, in each of which every variant has its turn
    #[arg(long, default_value_t = 11)]
    rounds: usize,
    /// Only the variants whose name has this in it, or one of several, with commas between
    #[arg(long, default_value = "")]
    only: String,
    /// Flags for the native code, such as `-march=x86-64-v3`
    #[arg(long, default_value = "", allow_hyphen_values = true)]
    native: String,
    /// A folder that gets each variant's Wasm and machine code, for `objdump --disassemble`
    #[arg(long)]
    keep: Option<PathBuf>,
}

/// Prints what each way to compile a guest makes of zlib and libpng, by native.
pub(crate) fn run(options: &Options) -> Result<(), Box<dyn Error>> {
    let variables = [("CC", &*clang()?.display().to_string()), ("VARIANTS_NATIVE", &options.native)];
    // All packages are selected, so that the engine is built only once.
    cargo(&["build", "--quiet", "--workspace", "--bin", "variants"], &variables)?;
    let mut child = Command::new(target_folder()?.join("debug/variants"))
        .arg(options.rounds.to_string())
        .arg(&options.only)
        .args(&options.keep)
        .stdout(Stdio::piped())
        .spawn()?;
    // build-support tells cargo what it has read; here is no cargo that listens.
    for line in BufReader::new(child.stdout.take().ok_or("no output")?).lines() {
        let line = line?;
        if !line.starts_with("cargo::") {
            println!("{line}");
        }
    }
    let status = child.wait()?;
    if status.success() { Ok(()) } else { Err(format!("variants failed ({status})").into()) }
}
