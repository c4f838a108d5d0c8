//! What can go wrong while surveying.

use std::io;
use std::path::PathBuf;

/// A survey failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SurveyError {
    /// Cargo cannot read the workspace.
    #[error(transparent)]
    Cargo(#[from] cargo_metadata::Error),
    /// No package has this name.
    #[error(
        "`{name}` is neither a folder nor a package that the workspace here depends on; fetch a crate with C sources without building it: \
         [target.'cfg(any())'.dependencies] {name} = \"…\""
    )]
    NoSuchPackage {
        /// What was asked for.
        name: String,
    },
    /// There are packages, but none here.
    #[error("no package is here; name one of the workspace: {}", members.join(", "))]
    NoPackage {
        /// The packages of the workspace.
        members: Vec<String>,
    },
    /// The build failed before its headers were read.
    #[error("the build of `{package}` fails before anything can be surveyed; cargo says why, above")]
    Build {
        /// The package.
        package: String,
    },
    /// The build script makes no library.
    #[error("the build script of `{package}` builds no library with build-support")]
    NoLibrary {
        /// The package.
        package: String,
    },
    /// There is no header.
    #[error("{} has no header; name one: --header include/some.h", .folder.display())]
    NoHeader {
        /// The folder that was searched.
        folder: PathBuf,
    },
    /// What was given is a file.
    #[error("{} is a file; give its folder, and name it: --header {}", .file.display(), .file.file_name().unwrap_or_default().display())]
    File {
        /// The file.
        file: PathBuf,
    },
    /// An option is no pattern.
    #[error("`{pattern}` is no pattern of files: {error}")]
    Pattern {
        /// The option.
        pattern: String,
        /// What is wrong with it.
        error: glob::PatternError,
    },
    /// The headers cannot be read.
    #[error(
        "{error}\nthe headers were looked for in {}; if the library lies elsewhere, give its folder; name its public headers in the order in which a \
         program includes them: --header first.h --header second.h",
        .folder.display()
    )]
    Headers {
        /// The folder that was chosen.
        folder: PathBuf,
        /// What is wrong with them.
        error: Box<build_support::Error>,
    },
    /// Nothing can be surveyed for another reason.
    #[error(transparent)]
    Survey(#[from] Box<build_support::Error>),
    /// A program or file cannot be used.
    #[error("could not {action}: {source}")]
    Io {
        /// What was being done.
        action: String,
        /// The operating system's reason.
        source: io::Error,
    },
    /// The terminal could not be written.
    #[error("could not write the table: {0}")]
    Terminal(#[from] io::Error),
}
