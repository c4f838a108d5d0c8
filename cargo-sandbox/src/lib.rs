//! The cargo subcommand `cargo sandbox`, as a library, so that this project's own tasks call the same code.
//!
//! Each subcommand has a file: its arguments, and a function that does it.

use std::error::Error;
use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[cfg(feature = "audit")]
pub mod audit;
#[cfg(feature = "inspect")]
pub mod inspect;
pub mod setup;
#[cfg(feature = "survey")]
pub mod survey;
#[cfg(any(feature = "inspect", feature = "survey"))]
mod target;

#[derive(Debug, Parser)]
#[command(name = "cargo-sandbox", bin_name = "cargo sandbox", version, about = "Tools for C libraries in a WebAssembly sandbox")]
struct CommandLine {
    #[command(subcommand)]
    subcommand: Sub,
}

#[derive(Debug, Subcommand)]
enum Sub {
    /// Sets up the C toolchain for WebAssembly, unless one is there
    Setup(setup::Options),
    /// Lists every place where a tainted value is released without a check
    ///
    /// It finds `unverified_because` in the sources of the packages. It fails if a reason is missing or not a literal, or if it cannot tell
    /// which file is included.
    ///
    /// It cannot see a check that checks nothing (`verify(Ok)`, or a rule that is always true), code that is generated into OUT_DIR, code that
    /// procedural macros or macros of other packages make, or what a macro includes that is given `include` as an argument. Reviewers have
    /// to look at those themselves.
    #[cfg(feature = "audit")]
    Audit(audit::Options),
    /// Says what a module can do: its imports in plain words, exports, memory, features and sizes
    ///
    /// MODULE is a .wasm file, or the name of a library that build-support has built: then its newest lib.wasm in the target folder is taken.
    /// Without it, the libraries that are found there are listed.
    ///
    /// The imports are all that a module can do besides computing in its own memory. With --against it says what has changed since an older
    /// one, imports first; --deny-new-imports makes that an error if there are more of them. In a build script,
    /// `Library::only_imports` does so at build time.
    #[cfg(feature = "inspect")]
    Inspect(inspect::Options),
    /// Says what of a C library would be bound, and what not and why
    ///
    /// Of a package whose build script uses build-support, it shows what that script asks for. Of any other package, such as a `-sys` crate
    /// among the dependencies, or of a folder with C sources, it shows what there is: everything that the headers declare, and what of it no
    /// source defines.
    #[cfg(feature = "survey")]
    Survey(survey::Options),
}

/// Runs the program with its arguments, and reports an error to the user.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    match run(CommandLine::parse_from(without_cargos_own(arguments)).subcommand) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(subcommand: Sub) -> Result<(), Box<dyn Error>> {
    let out = &mut std::io::stdout();
    match subcommand {
        Sub::Setup(options) => drop(setup::run(&options, &setup::Machine::this(), out)?),
        #[cfg(feature = "audit")]
        Sub::Audit(options) => drop(audit::run(&options, &std::env::current_dir()?, out)?),
        #[cfg(feature = "inspect")]
        Sub::Inspect(options) => drop(inspect::run(&options, &std::env::current_dir()?, out)?),
        #[cfg(feature = "survey")]
        Sub::Survey(options) => survey::run(&options, &std::env::current_dir()?, out)?,
    }
    Ok(())
}

/// Cargo passes the subcommand's name as the first argument (`cargo-sandbox sandbox setup`).
fn without_cargos_own(arguments: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = arguments.into_iter().collect();
    if arguments.get(1).is_some_and(|first| first == "sandbox") {
        arguments.remove(1);
    }
    arguments
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
    fn cargo_may_or_may_not_name_the_subcommand() {
        for arguments in [["cargo-sandbox", "sandbox", "setup"].as_slice(), &["cargo-sandbox", "setup"]] {
            let arguments = arguments.iter().map(OsString::from);
            assert!(CommandLine::try_parse_from(without_cargos_own(arguments)).is_ok());
        }
    }
}
