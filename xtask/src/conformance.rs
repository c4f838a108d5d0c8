//! `cargo xtask conformance`.

use std::error::Error;

use crate::cargo::cargo_output;

/// Which random signatures, and how cargo is to find their test.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// The first chunk of 500 signatures
    #[arg(long, default_value_t = 0)]
    first: u32,
    /// How many chunks
    #[arg(long, default_value_t = 20)]
    chunks: u32,
    /// Passed on to `cargo test --test conformance`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

/// Builds and runs chunk after chunk, and prints a line for each: thousands of signatures at once would not fit into a compiler.
pub(crate) fn run(options: &Options) -> Result<(), Box<dyn Error>> {
    let mut arguments = vec!["test", "--quiet", "--test", "conformance"];
    arguments.extend(options.arguments.iter().map(String::as_str));
    arguments.extend(["--", "--nocapture"]);
    let mut failed = Vec::new();
    println!("| chunk | signatures | calls into C | callbacks | failures |\n|--:|--:|--:|--:|--:|");
    for chunk in options.first..options.first.saturating_add(options.chunks) {
        let (output, result) = cargo_output(&arguments, &[("CONFORMANCE_CHUNK", &chunk.to_string())])?;
        // What `tests/conformance` prints, behind a dot of the test before it: its numbers are the columns.
        let line = output.lines().find_map(|line| line.split_once("random: ")).map_or("", |(_, line)| line);
        let numbers: Vec<&str> = line.split_whitespace().filter(|word| word.bytes().all(|byte| byte.is_ascii_digit())).collect();
        println!("| {chunk} | {} |", numbers.join(" | "));
        if result.is_err() || numbers.len() != 4 {
            eprintln!("{output}");
            failed.push(chunk);
        }
    }
    if failed.is_empty() { Ok(()) } else { Err(format!("these chunks failed: {failed:?}").into()) }
}
