//! Files and folders, with errors that name them.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use super::{Result, has_extension};

pub(crate) fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).map_err(|error| format!("cannot read {}: {error}", path.display()).into())
}

pub(crate) fn open(path: &Path) -> Result<File> {
    File::open(path).map_err(|error| format!("cannot open {}: {error}", path.display()).into())
}

pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    fs::write(path, bytes).map_err(|error| format!("cannot write {}: {error}", path.display()).into())
}

pub(crate) fn make_folder(path: &Path) -> Result<()> {
    fs::create_dir_all(path).map_err(|error| format!("cannot make the folder {}: {error}", path.display()).into())
}

/// Returns the files, and the PNG files of the folders, sorted.
pub(crate) fn images(inputs: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for input in inputs {
        if !input.is_dir() {
            found.push(input.clone());
            continue;
        }
        let entries = fs::read_dir(input).map_err(|error| format!("cannot read the folder {}: {error}", input.display()))?;
        let mut files = entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>()?;
        files.retain(|file| has_extension(file, "png"));
        files.sort();
        found.append(&mut files);
    }
    Ok(found)
}
