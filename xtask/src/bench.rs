//! `cargo xtask bench`.

use std::error::Error;
use std::path::Path;

use crate::cargo::{cargo, cargo_output, clang, target_folder};

/// What is measured.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Only the benchmarks whose name matches; the report has what was measured before of the others
    #[arg(long)]
    only: Option<String>,
    /// Only writes the report, of what was measured before
    #[arg(long, conflicts_with = "only")]
    report: bool,
}

/// Runs all benchmarks, and writes `docs/performance.md`.
pub(crate) fn run(options: &Options) -> Result<(), Box<dyn Error>> {
    let clang = clang()?;
    let compiler = clang.display().to_string();
    // A backtrace would be taken for each C exception.
    let variables = [("CC", compiler.as_str()), ("RUST_BACKTRACE", "0")];
    let criterion = target_folder()?.join("criterion");
    if !options.report {
        // Of what is measured no more, nothing is to be left.
        if options.only.is_none() && criterion.exists() {
            std::fs::remove_dir_all(&criterion)?;
        }
        let mut arguments = vec!["bench", "--package", "benches", "--benches"];
        if let Some(only) = &options.only {
            arguments.extend(["--", only]);
        }
        cargo(&arguments, &variables)?;
    }
    let (criterion, compiler, versions) = (criterion.display().to_string(), version(&clang)?, versions()?);
    let described = [variables[0], ("BENCH_COMPILER", &compiler), ("BENCH_VERSIONS", &versions)];
    cargo(&["run", "--release", "--package", "benches", "--bin", "report", "--", &criterion, "docs"], &described)
}

/// Returns the first line of what a compiler says of itself.
fn version(clang: &Path) -> Result<String, Box<dyn Error>> {
    let output = std::process::Command::new(clang).arg("--version").output()?;
    Ok(String::from_utf8_lossy(&output.stdout).lines().next().unwrap_or_default().to_owned())
}

/// Returns the versions of what was measured.
fn versions() -> Result<String, Box<dyn Error>> {
    let (tree, done) = cargo_output(&["tree", "--package", "benches", "--depth", "1", "--edges", "normal", "--prefix", "none"], &[])?;
    done?;
    let wanted = ["wasmtime", "libz-sys", "rusqlite", "flate2", "png"];
    let lines = tree.lines().filter_map(|line| line.split_once(" v"));
    let found = lines
        .filter(|(name, _)| wanted.contains(name))
        .map(|(name, rest)| format!("{name} {}", rest.split(' ').next().unwrap_or_default()));
    Ok(found.collect::<Vec<_>>().join(", "))
}
