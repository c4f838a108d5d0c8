//! This repository's tasks: `cargo xtask --help`.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod bench;
mod cargo;
mod conformance;
mod cve;
mod demo;
mod fuzz;
mod headers;
mod instructions;
#[cfg(unix)]
mod leftovers;
mod lint;
mod lying;
mod second_toolchain;
mod setup;
mod test;
mod variants;

#[derive(Parser)]
#[command(name = "xtask", bin_name = "cargo xtask", about = "This repository's tasks")]
struct CommandLine {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Sets up the C toolchain for WebAssembly, unless one is there (the users' `cargo sandbox setup`)
    Setup(cargo_sandbox::setup::Options),
    /// Sets up if needed, then decodes real PNG files in the sandbox and shows what happens to a hostile one
    Demo {
        /// Passed on to the demo
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Sets up if needed, then runs all tests but those of the benchmarks
    Test {
        /// Passed on to `cargo test`
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Calls 10,000 C functions of random signatures, and lets each call back, in chunks (15 to 40 minutes; see docs/conformance.md)
    Conformance(conformance::Options),
    /// Runs the benchmarks and writes docs/performance.md (some 15 minutes on two idle cores)
    Bench(bench::Options),
    /// Counts the instructions of calls, zlib and libpng under callgrind, and compares them with benches/instructions.tsv
    Instructions(instructions::Options),
    /// Compiles zlib and libpng in some fifty ways, and times each beside native code (docs/guest-code.md)
    Variants(variants::Options),
    /// Sets up if needed, then replays published bugs of old C libraries, natively and in the sandbox (see docs/cve.md)
    Cve,
    /// Lets guests come and go while the system splits, swaps, moves and merges their memory, and
    /// looks for what they leave to the next (half an hour; see docs/security.md)
    #[cfg(unix)]
    Leftovers(leftovers::Options),
    /// Lays out a second toolchain in the shape of a wasi-sdk (200 MB of downloads, some minutes),
    /// and runs tests with it (docs/toolchains.md)
    SecondToolchain(second_toolchain::Options),
    /// Binds the headers of Debian's libraries, and asks the C compiler about the bindings (5
    /// minutes after the downloads; see docs/headers.md)
    Headers(headers::Options),
    /// Runs the zlib and libpng examples on thousands of libraries that lie (15 to 40 minutes; see docs/hostile.md)
    Lying(lying::Options),
    /// Fuzzes the runtime, the macros and the examples with libFuzzer, a minute each (see docs/hostile.md)
    Fuzz(fuzz::Options),
    /// Checks formatting, clippy and the docs, all without warnings (needs rustfmt and clippy)
    Lint,
}

fn main() -> ExitCode {
    let result = match CommandLine::parse().task {
        Task::Setup(options) => setup::setup(&options),
        Task::Demo { arguments } => setup::if_needed().and_then(|()| demo::run(&arguments)),
        Task::Test { arguments } => setup::if_needed().and_then(|()| test::run(&arguments)),
        Task::Conformance(options) => setup::if_needed().and_then(|()| conformance::run(&options)),
        Task::Bench(options) => setup::if_needed().and_then(|()| bench::run(&options)),
        Task::Instructions(options) => setup::if_needed().and_then(|()| instructions::run(&options)),
        Task::Variants(options) => setup::if_needed().and_then(|()| variants::run(&options)),
        Task::Cve => setup::if_needed().and_then(|()| cve::run()),
        #[cfg(unix)]
        Task::Leftovers(options) => setup::if_needed().and_then(|()| leftovers::run(&options)),
        Task::SecondToolchain(options) => setup::if_needed().and_then(|()| second_toolchain::run(&options)),
        Task::Headers(options) => setup::if_needed().and_then(|()| headers::run(&options)),
        Task::Lying(options) => setup::if_needed().and_then(|()| lying::run(&options)),
        Task::Fuzz(options) => setup::if_needed().and_then(|()| fuzz::run(&options)),
        Task::Lint => setup::if_needed().and_then(|()| lint::run()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent() {
        CommandLine::command().debug_assert();
    }

    #[test]
    fn a_tasks_own_arguments_are_passed_on() {
        let line =
            CommandLine::try_parse_from(["xtask", "test", "--package", "tests", "--", "--nocapture"]).unwrap_or_else(|e| panic!("{e}"));
        assert!(matches!(line.task, Task::Test { arguments } if arguments == ["--package", "tests", "--", "--nocapture"]));
    }
}
