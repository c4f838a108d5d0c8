//! `cargo sandbox audit`: every place where a tainted value is released without a check, with its reason.
//!
//! The sources are read as tokens and not as a syntax tree. So a site in the argument of a macro, in the body of a macro or in a file that
//! is only included is found like any other, and a file that the compiler accepts is never too new or too deep to be searched. A file that
//! is included and cannot be told from the source, and a name that is put together from parts, are problems.
//!
//! # What it cannot see
//!
//! - A check that checks nothing: `verify(Ok)`, or a rule that is always true.
//! - Code that is generated into `OUT_DIR`, and the bindings that `sandbox::include_library!` includes.
//! - Code that procedural macros, or macros of packages outside the workspace, make, and a macro that is given `include` as an argument.
//!
//! So an empty list is no proof that every value is checked: it tells a reviewer where to look first.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;

mod attributes;
mod error;
mod hidden;
mod literal;
mod receiver;
mod references;
mod report;
mod scan;
mod site;
mod sources;
mod text;
mod walk;
mod workspace;

pub use error::{AuditError, Problem};
pub use report::{Report, Site};
pub use site::{Kind, Release};

/// The arguments of `cargo sandbox audit`.
#[derive(Args, Clone, Debug, Default)]
pub struct Options {
    /// The Cargo.toml of the package or workspace
    #[arg(long, value_name = "PATH")]
    pub manifest_path: Option<PathBuf>,
    /// Only this package of the workspace (can be repeated)
    #[arg(long, short, value_name = "NAME")]
    pub package: Vec<String>,
    /// Write JSON, for other programs
    #[arg(long)]
    pub json: bool,
    /// Fail if there are more sites than this
    #[arg(long, value_name = "N")]
    pub max: Option<usize>,
    /// Leave out tests, benches and examples, and what is under #[cfg(test)]
    #[arg(long)]
    pub no_tests: bool,
}

/// Lists the sites in the packages of the workspace that `folder` is in; files are named relative to `folder`.
///
/// The list is written even if it has problems.
///
/// # Errors
/// [`AuditError::Refused`] if a reason is not a literal or says nothing, if a file cannot be searched or cannot be told, or if there are more
/// sites than `options.max`; others if there is no list at all.
pub fn run(options: &Options, folder: &Path, out: &mut dyn Write) -> Result<Report, AuditError> {
    let workspace = workspace::load(options, folder)?;
    let report = Report::new(sources::collect(&workspace), folder, options);
    if options.json {
        report.write_json(out)?;
    } else {
        report.write_text(out)?;
    }
    if report.problems.is_empty() { Ok(report) } else { Err(AuditError::Refused { problems: report.problems }) }
}
