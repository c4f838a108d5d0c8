//! What can go wrong while setting up.

use std::io;
use std::path::PathBuf;

use sandbox_toolchain::{ExecError, ToolchainError};

/// Setting up a toolchain failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SetupError {
    /// Finding or probing failed.
    #[error(transparent)]
    Toolchain(#[from] ToolchainError),
    /// A program of the system failed.
    #[error(transparent)]
    Exec(#[from] ExecError),
    /// Nobody can be asked.
    #[error("there is no terminal to ask on; add --yes to go on without a question, or --dry-run to see what would be done")]
    NotConfirmed,
    /// The user said no.
    #[error("stopped, as you asked; nothing was done")]
    Declined,
    /// This program cannot download.
    #[error("this program was built without the feature `download` of cargo-sandbox")]
    NoDownload,
    /// There is no apt.
    #[error("this system has no apt-get; use --method download")]
    NoApt,
    /// Packages cannot be installed.
    #[error("installing packages needs root, and there is no sudo; run it as root: {command}")]
    NotRoot {
        /// What root would have to run.
        command: String,
    },
    /// apt's lists were never fetched, or hold next to nothing.
    #[error("apt's lists name no clang at all; refresh them with `apt-get update`, or use --method download")]
    NoAptLists,
    /// The distribution is too old.
    #[error("apt offers no clang {oldest} or later with all it needs ({looked}); use --method download")]
    NoPackages {
        /// The oldest version that would do.
        oldest: u32,
        /// What was offered, and what was missing.
        looked: String,
    },
    /// There is no release for this machine.
    #[error("wasi-sdk has no release for {host}; build one from its sources and set WASI_SDK_PATH to its folder")]
    NoRelease {
        /// The operating system and processor.
        host: String,
    },
    /// There is no place for the download.
    #[error("this user has no cache folder; set CARGO_SANDBOX_CACHE to a folder for the download")]
    NoCache,
    /// The download failed.
    #[error(
        "could not download {url}: {reason}\ncheck the connection, name a mirror with --base-url, or unpack a wasi-sdk yourself and set WASI_SDK_PATH to its folder"
    )]
    Download {
        /// The address.
        url: String,
        /// What happened.
        reason: String,
    },
    /// The archive is not what it should be.
    #[error(
        "{url} has the SHA-256 {found}, but {expected} was expected; nothing was unpacked. Somebody changed the file, or --sha256 is wrong"
    )]
    WrongDigest {
        /// The address.
        url: String,
        /// The digest that was wanted.
        expected: String,
        /// The digest of what came.
        found: String,
    },
    /// The archive has the right digest but cannot be unpacked safely.
    #[error("refused to unpack the archive: {reason}; nothing was installed")]
    Archive {
        /// What is wrong with it.
        reason: String,
    },
    /// What was installed is not usable.
    #[error("set up, but it does not work completely:\n{report}")]
    DoesNotWork {
        /// What works and what does not.
        report: String,
    },
    /// A file could not be read or written.
    #[error("could not {action} {}: {source}", .path.display())]
    File {
        /// What was being done.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The operating system's reason.
        source: io::Error,
    },
    /// The terminal could not be read or written.
    #[error("could not read or write the terminal: {0}")]
    Terminal(#[from] io::Error),
}
