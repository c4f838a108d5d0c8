//! What can go wrong in an audit.

use std::fmt;
use std::io;
use std::path::PathBuf;

/// An audit failed, or found what is never allowed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuditError {
    /// The packages are not known.
    #[error(
        "could not list the packages: {0}\nrun it in the folder of a package or workspace, or name its Cargo.toml with --manifest-path"
    )]
    Packages(#[from] cargo_metadata::Error),
    /// There is no such package.
    #[error("this workspace has no package {name}; it has {known}")]
    NoSuchPackage {
        /// The name that was asked for.
        name: String,
        /// Those that are there.
        known: String,
    },
    /// A folder could not be found.
    #[error("could not open {}: {source}; check that it exists and can be read", .path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// The operating system's reason.
        source: io::Error,
    },
    /// The list is complete, but it cannot be accepted.
    #[error("{}", all(.problems))]
    Refused {
        /// Why, in the order of the list.
        problems: Vec<Problem>,
    },
    /// The list could not be written.
    #[error("could not write the list: {0}")]
    Terminal(#[from] io::Error),
}

/// A reason why the list cannot be accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Problem {
    /// A site, or a file that could not be searched.
    At {
        /// `file`, `file:line` or `file:line:column`.
        place: String,
        /// What is wrong, and what to do.
        message: String,
    },
    /// There are too many sites.
    TooMany {
        /// How many there are.
        found: usize,
        /// How many are allowed.
        max: usize,
    },
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At { place, message } => write!(f, "{place}: {message}"),
            Self::TooMany { found, max } => {
                let sites = if *found == 1 { "site" } else { "sites" };
                write!(f, "{found} {sites}, and at most {max} are allowed; verify some, or raise --max")
            }
        }
    }
}

fn all(problems: &[Problem]) -> String {
    match problems {
        [only] => only.to_string(),
        _ => problems.iter().fold(format!("{} problems", problems.len()), |text, problem| format!("{text}\n  {problem}")),
    }
}
