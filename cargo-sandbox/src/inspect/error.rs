//! What can go wrong in an inspection.

use std::io;
use std::path::PathBuf;

use super::find::Found;
use super::names::printable;

/// An inspection failed, or found what was forbidden.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InspectError {
    /// The target folder is not known.
    #[error(
        "could not find the target folder: {0}\nrun it in the folder of a package or workspace, name its Cargo.toml with \
         --manifest-path, or give the path of a .wasm file"
    )]
    Workspace(#[from] cargo_metadata::Error),
    /// No library of that name was built.
    #[error("{}", no_such_library(.name, .target, .known))]
    NoSuchLibrary {
        /// The name that was asked for.
        name: String,
        /// The folder that was searched.
        target: PathBuf,
        /// What was found there.
        known: Vec<Found>,
    },
    /// A file could not be read.
    #[error("could not read {}: {source}", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The operating system's reason.
        source: io::Error,
    },
    /// A file is no WebAssembly module.
    #[error("{} is no WebAssembly module: {what}", .path.display())]
    NoModule {
        /// The file.
        path: PathBuf,
        /// What it is, and what to name instead.
        what: String,
    },
    /// The new module imports what the old one does not.
    #[error("{}", new_imports(.imports))]
    NewImports {
        /// The imports, as `module.name`.
        imports: Vec<String>,
    },
    /// The list could not be written.
    #[error("could not write the list: {0}")]
    Terminal(#[from] io::Error),
}

fn no_such_library(name: &str, target: &std::path::Path, known: &[Found]) -> String {
    let mut names: Vec<_> = known.iter().map(|found| printable(&found.library)).collect();
    names.sort_unstable();
    names.dedup();
    let known = if names.is_empty() {
        "nor any other; build the package that builds it first".to_owned()
    } else {
        format!("there are: {}", names.join(", "))
    };
    format!("no library `{}` was built below {}, {known}", printable(name), target.display())
}

fn new_imports(imports: &[String]) -> String {
    let count = imports.len();
    let imports: Vec<_> = imports.iter().map(|import| printable(import)).collect();
    format!(
        "{count} new import{}, which --deny-new-imports forbids: {}; find out what needs {}, or accept the new module as the one to compare with",
        if count == 1 { "" } else { "s" },
        imports.join(", "),
        if count == 1 { "it" } else { "them" },
    )
}
