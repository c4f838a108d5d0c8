//! `cargo sandbox inspect`: what a module can do, as its file says it.
//!
//! A WebAssembly module reaches nothing but its own memory and what it imports. So its imports are a complete list of its powers.
//!
//! # Trust
//!
//! The file may come from anybody. It is validated before anything of it is believed, no count in it reserves memory, and what is
//! shown of it is one printable line.

use std::io::{BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

use clap::Args;

mod compare;
mod error;
mod features;
mod file;
mod find;
mod module;
mod names;
mod powers;
mod report;
mod stack;
mod table;

pub use compare::{Changed, Comparison, Resized};
pub use error::InspectError;
pub use find::Found;
pub use module::{Export, Function, Import, Kind, Limits, Module, Sizes};
pub use powers::Access;
pub use report::{Report, Subject};

/// The arguments of `cargo sandbox inspect`.
#[derive(Args, Clone, Debug)]
pub struct Options {
    /// A .wasm file, or the name of a library; without it, the libraries that were built are listed
    #[arg(value_name = "MODULE")]
    pub module: Option<PathBuf>,
    /// Say what has changed since this module (a file or a name)
    #[arg(long, value_name = "OLD", requires = "module")]
    pub against: Option<PathBuf>,
    /// Fail if MODULE imports what OLD does not
    #[arg(long, requires = "against")]
    pub deny_new_imports: bool,
    /// How many functions are shown, the largest first (JSON has them all)
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub top: usize,
    /// Write JSON, for other programs
    #[arg(long)]
    pub json: bool,
    /// The Cargo.toml of the package or workspace whose target folder is searched
    #[arg(long, value_name = "PATH")]
    pub manifest_path: Option<PathBuf>,
    /// Only libraries that this package has built
    #[arg(long, short, value_name = "NAME")]
    pub package: Option<String>,
}

/// Writes what a module can do, how two differ, or which libraries there are.
///
/// # Errors
/// [`InspectError::NewImports`], after the comparison was written, if `options.deny_new_imports` forbids what it says; others if there is nothing
/// to write: no such file or library, or a file that is no valid module.
pub fn run(options: &Options, folder: &Path, out: &mut dyn Write) -> Result<Report, InspectError> {
    let report = match (&options.module, &options.against) {
        (None, _) => Report::Libraries(find::libraries(options, folder)?),
        (Some(new), None) => Report::Module(Box::new(subject(new, options, folder)?)),
        (Some(new), Some(old)) => {
            Report::Comparison(Box::new(Comparison::new(subject(old, options, folder)?, subject(new, options, folder)?)))
        }
    };
    match report.write(options, folder, &mut BufWriter::new(out)) {
        // Whoever reads it has seen enough, as `head` has.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => {}
        written => written?,
    }
    if let (Report::Comparison(comparison), true) = (&report, options.deny_new_imports) {
        comparison.deny_new_imports()?;
    }
    Ok(report)
}

/// Reads the module that the user means.
fn subject(name: &Path, options: &Options, folder: &Path) -> Result<Subject, InspectError> {
    if let Some(path) = file::named(name, folder) {
        return Ok(Subject { path: path.clone(), library: None, others: Vec::new(), module: file::read(&path)? });
    }
    let mut others = find::library(&name.to_string_lossy(), options, folder)?;
    let newest = others.remove(0);
    Ok(Subject { path: newest.path.clone(), module: file::read(&newest.path)?, library: Some(newest), others })
}
