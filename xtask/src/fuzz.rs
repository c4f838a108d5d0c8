//! `cargo xtask fuzz`.

use std::error::Error;
use std::path::Path;
use std::{env, fs};

use crate::cargo::{cargo, root};

/// The targets of `fuzz/`.
const TARGETS: [&str; 5] = ["boundary", "macro_input", "zlib", "png", "lying"];

/// What, and for how long.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Which targets, one after another; all of them without one
    #[arg(value_parser = clap::builder::PossibleValuesParser::new(TARGETS))]
    targets: Vec<String>,
    /// How long each of them runs
    #[arg(long, default_value_t = 60)]
    seconds: u32,
    /// Passed on to libFuzzer
    #[arg(last = true)]
    arguments: Vec<String>,
}

/// Builds and runs each target in one process, for so many seconds, on the stable compiler and without a sanitizer: `fuzz/instrument.sh` says why.
pub(crate) fn run(options: &Options) -> Result<(), Box<dyn Error>> {
    let fuzz = root()?.join("fuzz");
    let wrapper = fuzz.join("instrument.sh");
    // Never the folder of the main workspace: there the same crates are without instruments.
    let target_dir = env::var_os("CARGO_TARGET_DIR").map_or_else(|| fuzz.join("target"), |dir| Path::new(&dir).join("fuzz"));
    let variables = [("RUSTC_WRAPPER", wrapper.display().to_string()), ("CARGO_TARGET_DIR", target_dir.display().to_string())];
    let variables: Vec<(&str, &str)> = variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let chosen: Vec<&str> =
        if options.targets.is_empty() { TARGETS.to_vec() } else { options.targets.iter().map(String::as_str).collect() };
    for target in chosen {
        let (corpus, artifacts) = (fuzz.join("corpus").join(target), fuzz.join("artifacts").join(target));
        fs::create_dir_all(&corpus)?;
        fs::create_dir_all(&artifacts)?;
        let time = format!("-max_total_time={}", options.seconds);
        let prefix = format!("-artifact_prefix={}/", artifacts.display());
        let corpus = corpus.display().to_string();
        let mut arguments = vec!["run", "--manifest-path", "fuzz/Cargo.toml", "--bin", target, "--"];
        arguments.extend([
            &*time,
            &prefix,
            "-timeout=30",
            "-rss_limit_mb=4096",
            "-len_control=10",
            "-max_len=4096",
            "-print_final_stats=1",
        ]);
        arguments.extend(options.arguments.iter().map(String::as_str));
        arguments.push(&corpus);
        // Real inputs to begin with.
        if target == "macro_input" {
            arguments.extend(["sandbox-macros/tests/goldens", "sandbox-macros/tests/goldens/errors"]);
        }
        cargo(&arguments, &variables)?;
    }
    Ok(())
}
