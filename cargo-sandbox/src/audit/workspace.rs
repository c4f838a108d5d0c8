//! The packages to audit.

use std::path::{Path, PathBuf};

use cargo_metadata::{MetadataCommand, TargetKind};

use super::{AuditError, Options};

/// What cargo says of the workspace.
pub(super) struct Workspace {
    /// The selected packages, by name.
    pub packages: Vec<Package>,
    /// The folders of all members, selected or not.
    pub members: Vec<PathBuf>,
    /// Where cargo puts what it builds.
    pub output: Vec<PathBuf>,
}

pub(super) struct Package {
    pub name: String,
    pub folder: PathBuf,
    pub roots: Vec<Root>,
}

/// The first file of a target.
pub(super) struct Root {
    pub path: PathBuf,
    /// It is a test, a bench or an example.
    pub test: bool,
}

/// Asks cargo, without resolving or fetching a dependency.
pub(super) fn load(options: &Options, folder: &Path) -> Result<Workspace, AuditError> {
    let mut command = MetadataCommand::new();
    command.current_dir(folder).no_deps();
    if let Some(path) = &options.manifest_path {
        command.manifest_path(path);
    }
    let metadata = command.exec()?;
    let mut packages = Vec::new();
    for package in metadata.workspace_packages() {
        let folder = package.manifest_path.parent().map_or_else(PathBuf::new, |folder| folder.as_std_path().to_owned());
        let roots = package.targets.iter().map(|target| Root {
            path: target.src_path.as_std_path().to_owned(),
            test: [TargetKind::Test, TargetKind::Bench, TargetKind::Example].into_iter().any(|kind| target.is_kind(kind)),
        });
        packages.push(Package { name: package.name.to_string(), folder: canonical(&folder)?, roots: roots.collect() });
    }
    packages.sort_by(|a, b| a.name.cmp(&b.name));
    let members = packages.iter().map(|package| package.folder.clone()).collect();
    for name in &options.package {
        if !packages.iter().any(|package| package.name == *name) {
            let known: Vec<_> = packages.iter().map(|package| package.name.as_str()).collect();
            return Err(AuditError::NoSuchPackage { name: name.clone(), known: known.join(", ") });
        }
    }
    if !options.package.is_empty() {
        packages.retain(|package| options.package.contains(&package.name));
    }
    let output = [Some(metadata.target_directory), metadata.build_directory];
    // A folder that is not there yet holds nothing to leave out.
    let output = output.into_iter().flatten().filter_map(|path| path.as_std_path().canonicalize().ok()).collect();
    Ok(Workspace { packages, members, output })
}

/// Gives the one name of a folder, whatever links lead to it.
pub(super) fn canonical(path: &Path) -> Result<PathBuf, AuditError> {
    path.canonicalize().map_err(|source| AuditError::Folder { path: path.to_owned(), source })
}
