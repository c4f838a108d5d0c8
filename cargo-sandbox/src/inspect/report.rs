//! What an inspection has found, for people and for programs.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::names::printable;
use super::{Comparison, Found, Module, Options};

mod json;
mod text;

/// What an inspection has found.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Report {
    /// The libraries that were built.
    Libraries(Vec<Found>),
    /// What a module can do.
    Module(Box<Subject>),
    /// How two modules differ.
    Comparison(Box<Comparison>),
}

/// A module, and how it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Subject {
    /// The file.
    pub path: PathBuf,
    /// The library that was asked for by name.
    pub library: Option<Found>,
    /// Libraries of the same name that other packages have built, and that are older.
    pub others: Vec<Found>,
    /// What the file says.
    pub module: Module,
}

impl Report {
    pub(super) fn write(&self, options: &Options, folder: &Path, out: &mut dyn Write) -> io::Result<()> {
        match (self, options.json) {
            (Self::Libraries(libraries), true) => json::libraries(libraries, out),
            (Self::Libraries(libraries), false) => text::libraries(libraries, folder, out),
            (Self::Module(subject), true) => json::module(subject, out),
            (Self::Module(subject), false) => text::module(subject, options.top, folder, out),
            (Self::Comparison(comparison), true) => json::comparison(comparison, out),
            (Self::Comparison(comparison), false) => text::comparison(comparison, options.top, folder, out),
        }?;
        out.flush()
    }
}

/// Names a file as seen from the current folder.
fn relative(path: &Path, folder: &Path) -> String {
    printable(&path.strip_prefix(folder).unwrap_or(path).to_string_lossy())
}
