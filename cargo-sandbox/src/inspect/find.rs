//! Finds the modules that build-support has written into the target folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use cargo_metadata::MetadataCommand;
use serde::Serialize;

use super::{InspectError, Options};

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
    Ok(search(&targets(options, folder)?, options))
}

/// Finds a library by name: the newest first, then those that other packages have built. There is at least one.
pub(super) fn library(name: &str, options: &Options, folder: &Path) -> Result<Vec<Found>, InspectError> {
    let targets = targets(options, folder)?;
    let all = search(&targets, options);
    let mut found: Vec<_> = all.iter().filter(|found| found.library == name).cloned().collect();
    if found.is_empty() {
        let target = targets.into_iter().next().unwrap_or_default();
        return Err(InspectError::NoSuchLibrary { name: name.to_owned(), target, known: all });
    }
    found.sort_by_key(|found| std::cmp::Reverse(found.modified));
    Ok(found)
}

/// Asks cargo where it puts what it builds; it heeds CARGO_TARGET_DIR. No dependency is resolved or fetched.
fn targets(options: &Options, folder: &Path) -> Result<Vec<PathBuf>, InspectError> {
    let mut command = MetadataCommand::new();
    command.current_dir(folder).no_deps();
    if let Some(path) = &options.manifest_path {
        command.manifest_path(path);
    }
    let metadata = command.exec()?;
    let mut targets = vec![metadata.target_directory.into_std_path_buf()];
    targets.extend(metadata.build_directory.map(cargo_metadata::camino::Utf8PathBuf::into_std_path_buf));
    targets.dedup();
    Ok(targets)
}

fn search(targets: &[PathBuf], options: &Options) -> Vec<Found> {
    let mut all = Vec::new();
    for target in targets {
        // `<profile>/build`, or `<triple>/<profile>/build`.
        for profile in folders(target).into_iter().flat_map(|folder| [folders(&folder), vec![folder]].concat()) {
            for package in folders(&profile.join("build")) {
                add(&package, &mut all);
            }
        }
    }
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

/// Adds what the build script of a package wrote: to `<package>-<hash>/out`, or to `<package>/<hash>/out`.
fn add(package: &Path, all: &mut Vec<Found>) {
    let name = file_name(package);
    let (flat, nested) = (package.join("out"), folders(package).into_iter().map(|folder| folder.join("out")));
    let plain = match name.rsplit_once('-') {
        Some((plain, hash)) if hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()) => plain.to_owned(),
        _ => name,
    };
    for library in [flat].into_iter().chain(nested).flat_map(|out| folders(&out.join("sandbox"))) {
        let path = library.join("lib.wasm");
        if let Ok(metadata) = fs::metadata(&path)
            && metadata.is_file()
        {
            let modified = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
            let (library, package) = (file_name(&library), plain.clone());
            all.push(Found { library, package, path, bytes: metadata.len(), older: 0, modified });
        }
    }
}

/// Gives the folders in a folder; none if there is no such folder.
fn folders(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter(|entry| entry.file_type().is_ok_and(|ty| ty.is_dir())).map(|entry| entry.path()).collect()
}

fn lossy<S: serde::Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&path.display())
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
