//! Libraries of C functions that know which values they are called with, and Rust code that calls them.
//!
//! For each signature there is a function, a callback type, and a function that calls such a callback. All three take the values of an argument
//! from the same tables, at an index that follows from the number of the signature, the row of values and the position.

mod c;
mod kinds;
mod rust;
mod signatures;
mod tables;

use std::fmt::Write as _;
use std::io::Result;
use std::path::Path;
use std::{fs, io};

use signatures::Signature;

/// Signatures in a random chunk.
const CHUNK: usize = 500;
/// Those of the first chunk that each build has.
const SAMPLE: usize = 50;
const WIDE_SAMPLE: usize = 10;

/// The library with every kind in every position.
const SYSTEMATIC: &str = "systematic";

/// A C library.
pub(crate) struct Library {
    pub(crate) name: &'static str,
    signatures: Vec<Signature>,
}

impl Library {
    /// Has every kind in every position of every number of parameters.
    pub(crate) fn systematic() -> Self {
        Self { name: SYSTEMATIC, signatures: signatures::systematic() }
    }

    /// Has the random signatures of one seed.
    pub(crate) fn chunk(seed: u64) -> Self {
        Self { name: "random", signatures: signatures::random(seed, CHUNK) }
    }

    /// Has the first of the random signatures.
    pub(crate) fn sample() -> Self {
        Self { name: "random", signatures: signatures::random(0, SAMPLE) }
    }

    /// Has the first of those with more parameters than are passed one by one.
    pub(crate) fn wide() -> Self {
        Self { name: "wide", signatures: signatures::random(signatures::WIDE, WIDE_SAMPLE) }
    }

    /// Writes the C files into a folder.
    pub(crate) fn write(&self, folder: &Path) -> Result<()> {
        fs::write(folder.join(format!("{}.h", self.name)), c::header(&self.signatures).map_err(io::Error::other)?)?;
        fs::write(folder.join(format!("{}.c", self.name)), c::source(self.name, &self.signatures).map_err(io::Error::other)?)
    }

    /// The Rust half.
    pub(crate) fn test(&self) -> String {
        let test = rust::library(self.name, &self.signatures);
        if self.name == SYSTEMATIC { test + &rust::coverage() } else { test }
    }
}

/// Writes the values of a seed for C, and returns them for Rust.
pub(crate) fn values(seed: u64, folder: &Path) -> Result<String> {
    let mut rust = String::new();
    let mut c = String::new();
    for table in tables::tables(seed) {
        writeln!(rust, "{}", table.rust()).map_err(io::Error::other)?;
        writeln!(c, "{}", table.c()).map_err(io::Error::other)?;
    }
    fs::write(folder.join("tables.h"), c)?;
    Ok(rust)
}
