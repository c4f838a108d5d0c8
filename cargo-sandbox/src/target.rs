//! Finds what build-support has written into the target folder.

use std::fs;
use std::path::{Path, PathBuf};

use cargo_metadata::MetadataCommand;

/// The folder of a library that the build script of a package has built.
pub(crate) struct Output {
    pub(crate) library: String,
    pub(crate) package: String,
    pub(crate) folder: PathBuf,
}

/// Asks cargo where it puts what it builds; it heeds CARGO_TARGET_DIR. No dependency is resolved or fetched.
pub(crate) fn folders(manifest_path: Option<&Path>, folder: &Path) -> Result<Vec<PathBuf>, cargo_metadata::Error> {
    let mut command = MetadataCommand::new();
    command.current_dir(folder).no_deps();
    if let Some(path) = manifest_path {
        command.manifest_path(path);
    }
    let metadata = command.exec()?;
    let mut targets = vec![metadata.target_directory.into_std_path_buf()];
    targets.extend(metadata.build_directory.map(cargo_metadata::camino::Utf8PathBuf::into_std_path_buf));
    targets.dedup();
    Ok(targets)
}

/// Lists the libraries, in no order; one of several profiles or settings has several folders.
pub(crate) fn outputs(targets: &[PathBuf]) -> Vec<Output> {
    let mut all = Vec::new();
    for target in targets {
        // `<profile>/build`, or `<triple>/<profile>/build`.
        for profile in below(target).into_iter().flat_map(|folder| [below(&folder), vec![folder]].concat()) {
            for package in below(&profile.join("build")) {
                add(&package, &mut all);
            }
        }
    }
    all
}

/// Adds what the build script of a package wrote: to `<package>-<hash>/out`, or to `<package>/<hash>/out`.
fn add(package: &Path, all: &mut Vec<Output>) {
    let name = file_name(package);
    let (flat, nested) = (package.join("out"), below(package).into_iter().map(|folder| folder.join("out")));
    let plain = match name.rsplit_once('-') {
        Some((plain, hash)) if hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()) => plain.to_owned(),
        _ => name,
    };
    let libraries = [flat].into_iter().chain(nested).flat_map(|out| below(&out.join("sandbox")));
    all.extend(libraries.map(|folder| Output { library: file_name(&folder), package: plain.clone(), folder }));
}

/// Gives the folders in a folder; none if there is no such folder.
fn below(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter(|entry| entry.file_type().is_ok_and(|ty| ty.is_dir())).map(|entry| entry.path()).collect()
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
