//! What can go wrong when looking for a toolchain.

use std::fmt::Write as _;
use std::path::PathBuf;

use crate::{ExecError, Version};

/// One place that was looked at, and why it did not do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Looked {
    /// The place, in words a user knows: a folder, a variable, a program.
    pub place: String,
    /// What was found there.
    pub found: String,
}

impl Looked {
    pub(crate) fn new(place: impl Into<String>, found: impl Into<String>) -> Self {
        Self { place: place.into(), found: found.into() }
    }
}

/// No usable toolchain, or one that lacks what was asked of it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ToolchainError {
    /// Nothing was found anywhere.
    #[error("no C compiler for WebAssembly was found{}\n{SETUP}", list(.looked))]
    NotFound {
        /// Everything that was looked at, in the order of the search.
        looked: Vec<Looked>,
    },
    /// A place that the user named explicitly holds no toolchain; nothing else is tried then.
    #[error("{origin} names {}, which is no usable toolchain: {reason}\ncorrect it, or remove it to let the search go on", .path.display())]
    Unusable {
        /// Who named the place: a variable, or the build script.
        origin: String,
        /// The place.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// There is no libclang for the bindings.
    #[error("no libclang was found for clang {wanted} (bindings need the same version or a newer one){}\nset LIBCLANG_PATH to the folder that holds it, or install it: {}", list(.looked), libclang_advice(.wanted))]
    NoLibclang {
        /// The version of the toolchain's clang.
        wanted: Version,
        /// Everything that was looked at, in the order of the search.
        looked: Vec<Looked>,
    },
    /// The toolchain cannot do setjmp and longjmp.
    #[error("the toolchain at {} has no setjmp: {reason}\nturn it off with `.setjmp(false)` if the library does not need it, or take a newer toolchain: {SETUP}", .toolchain.display())]
    NoSetjmp {
        /// The toolchain's folder.
        toolchain: PathBuf,
        /// What is missing.
        reason: String,
    },
    /// A program of the toolchain failed.
    #[error(transparent)]
    Exec(#[from] ExecError),
    /// A file could not be read or written.
    #[error("could not {action} {}: {source}", .path.display())]
    Io {
        /// What was being done.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The operating system's reason.
        source: std::io::Error,
    },
}

/// The one command that fixes it.
const SETUP: &str = "set one up with `cargo sandbox setup` (inside this project's own repository: `cargo xtask setup`)";

fn list(looked: &[Looked]) -> String {
    let mut text = String::from("; looked at:");
    for Looked { place, found } in looked {
        let _ = write!(text, "\n  - {place}: {found}");
    }
    text
}

fn libclang_advice(wanted: &Version) -> String {
    if cfg!(target_os = "linux") {
        format!("`apt-get install libclang-{}-dev` on Debian, Ubuntu", wanted.major)
    } else if cfg!(target_os = "macos") {
        "`brew install llvm`".into()
    } else {
        "`winget install LLVM.LLVM`".into()
    }
}
