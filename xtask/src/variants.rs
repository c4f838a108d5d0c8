//! `cargo xtask variants`.

use std::env;
use std::error::Error;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::cargo::cargo;

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
    let package = env::var_os("CARGO_MANIFEST_DIR").ok_or("run this through cargo: `cargo xtask …`")?;
    let root = Path::new(&package).parent().ok_or("xtask is not in the repository")?;
    let clang = sandbox_toolchain::Toolchain::find()?.clang().display().to_string();
    // All packages are selected, so that the engine is built only once. The driver is compiled by the compiler that makes the guests.
    cargo(&["build", "--quiet", "--workspace", "--bin", "variants"], &[("CC", &clang), ("VARIANTS_NATIVE", &options.native)])?;
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), Into::into);
    let mut child = Command::new(target.join("debug/variants"))
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
