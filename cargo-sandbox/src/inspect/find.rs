//! Finds the modules that build-support has written into the target folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::Serialize;

use super::{InspectError, Options};
use crate::target::{self, Output, outputs};

/// A library that was built.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Found {
    /// The name that its build script gave to it.
    pub library: String,
    /// The package whose build script built it.
    pub package: String,
    /// Its module.
    #[serde(serialize_with = "lossy")]
    pub path: PathBuf,
    /// The size of the module, in bytes.
    pub bytes: u64,
    /// How many older ones the same package has built: with other settings, or for another profile.
    pub older: usize,
    #[serde(skip)]
    modified: SystemTime,
}

/// Lists the libraries: the newest one for each package and name.
pub(super) fn libraries(options: &Options, folder: &Path) -> Result<Vec<Found>, InspectError> {
    Ok(search(&target::folders(options.manifest_path.as_deref(), folder)?, options))
}

/// Finds a library by name: the newest first, then those that other packages have built. There is at least one.
pub(super) fn library(name: &str, options: &Options, folder: &Path) -> Result<Vec<Found>, InspectError> {
    let targets = target::folders(options.manifest_path.as_deref(), folder)?;
    let all = search(&targets, options);
    let mut found: Vec<_> = all.iter().filter(|found| found.library == name).cloned().collect();
    if found.is_empty() {
        let target = targets.into_iter().next().unwrap_or_default();
        return Err(InspectError::NoSuchLibrary { name: name.to_owned(), target, known: all });
    }
    found.sort_by_key(|found| std::cmp::Reverse(found.modified));
    Ok(found)
}

fn search(targets: &[PathBuf], options: &Options) -> Vec<Found> {
    let mut all: Vec<Found> = outputs(targets).into_iter().filter_map(found).collect();
    all.retain(|found| options.package.as_ref().is_none_or(|package| *package == found.package));
    all.sort_by(|a, b| {
        let key = |found: &Found| (found.library.clone(), found.package.clone(), std::cmp::Reverse(found.modified), found.path.clone());
        key(a).cmp(&key(b))
    });
    // The same folder can be reached in two ways.
    all.dedup_by(|a, b| a.path == b.path);
    let mut newest: Vec<Found> = Vec::new();
    for found in all {
        match newest.last_mut() {
            Some(last) if last.library == found.library && last.package == found.package => last.older += 1,
            _ => newest.push(found),
        }
    }
    newest
}

fn found(output: Output) -> Option<Found> {
    let path = output.folder.join("lib.wasm");
    let metadata = fs::metadata(&path).ok().filter(fs::Metadata::is_file)?;
    let modified = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
    Some(Found { library: output.library, package: output.package, path, bytes: metadata.len(), older: 0, modified })
}

fn lossy<S: serde::Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&path.display())
}
