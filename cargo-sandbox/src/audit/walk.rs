//! The Rust files below a package's folder.

use std::fs;
use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

use super::workspace::Workspace;

/// What is below a folder.
#[derive(Default)]
pub(super) struct Found {
    /// Every `.rs` file, whether or not a target names it: it may be included.
    pub files: Vec<PathBuf>,
    /// Packages that do not belong to the workspace.
    pub foreign: Vec<PathBuf>,
    /// What could not be looked at, and why.
    pub failed: Vec<(PathBuf, String)>,
}

/// Walks a package's folder. Hidden folders, what cargo has built, and other packages are left out.
pub(super) fn walk(folder: &Path, workspace: &Workspace) -> Found {
    let mut found = Found::default();
    let mut entries = WalkDir::new(folder).sort_by_file_name().into_iter();
    while let Some(entry) = entries.next() {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                found.failed.push((error.path().unwrap_or(folder).to_owned(), error.to_string()));
                continue;
            }
        };
        if entry.depth() > 0 && entry.file_type().is_dir() {
            if is_hidden(&entry) || is_output(entry.path(), workspace) {
                entries.skip_current_dir();
            } else if entry.path().join("Cargo.toml").is_file() {
                if !workspace.members.iter().any(|member| member == entry.path()) {
                    found.foreign.push(entry.path().to_owned());
                }
                entries.skip_current_dir();
            }
        } else if entry.path().extension().is_some_and(|extension| extension == "rs") && !is_hidden(&entry) {
            match fs::metadata(entry.path()) {
                Ok(metadata) if metadata.is_file() => found.files.push(entry.into_path()),
                // A folder behind a link: its modules are found where a `mod` names them.
                Ok(_) => {}
                Err(error) => found.failed.push((entry.into_path(), error.to_string())),
            }
        }
    }
    found
}

fn is_hidden(entry: &DirEntry) -> bool {
    entry.file_name().to_string_lossy().starts_with('.')
}

/// Finds the folder that cargo builds in now, and one that it has built in with other settings.
fn is_output(path: &Path, workspace: &Workspace) -> bool {
    workspace.output.iter().any(|output| output == path) || (path.ends_with("target") && path.join("CACHEDIR.TAG").is_file())
}
