//! `cargo xtask lying`.

use std::error::Error;

use crate::cargo::cargo_output;

/// How much, and how cargo is to find the test.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Operations of each library, a hundred on each guest
    #[arg(long, default_value_t = 200_000)]
    operations: u64,
    /// The seed of the first guest
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Passed on to `cargo test --test lying`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

/// Runs the examples on lying libraries, and prints a line for each.
pub(crate) fn run(options: &Options) -> Result<(), Box<dyn Error>> {
    let mut arguments = vec!["test", "--quiet", "--test", "lying"];
    arguments.extend(options.arguments.iter().map(String::as_str));
    arguments.extend(["--", "--nocapture"]);
    let (operations, seed) = (options.operations.to_string(), options.seed.to_string());
    let (output, result) = cargo_output(&arguments, &[("LYING_OPERATIONS", &operations), ("LYING_SEED", &seed)])?;
    println!(
        "| library | guests | operations | ok | verify | refused | pointer | trap | exit | time | limit | failed before | slowest | failures | peak RSS | time |"
    );
    println!("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|");
    // What `tests/lying` prints when a library is done, behind a dot of the test before it.
    for (_, line) in output.lines().filter_map(|line| line.split_once("lying: ")) {
        println!("{line}");
    }
    if result.is_err() {
        eprintln!("{output}");
    }
    result
}
