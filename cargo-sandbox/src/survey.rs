//! `cargo sandbox survey`: what of a C library would be bound, and what not and why.

use std::io::Write;
use std::path::{Path, PathBuf};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};
use clap::Args;

mod error;
mod folder;
mod package;

pub use error::SurveyError;
pub use folder::Options as Sources;

/// The arguments of `cargo sandbox survey`.
#[derive(Args, Clone, Debug, Default)]
pub struct Options {
    /// A package of this workspace, one that it depends on, or a folder with C sources; without it, the package here
    #[arg(value_name = "PACKAGE|FOLDER")]
    pub subject: Option<PathBuf>,
    /// The Cargo.toml of the package or workspace
    #[arg(long, value_name = "PATH")]
    pub manifest_path: Option<PathBuf>,
    /// How the C sources are built, where no build script says it
    #[command(flatten)]
    pub sources: Sources,
}

/// Writes a table for each library of the package or folder.
///
/// # Errors
/// [`SurveyError`], if there is no such package or folder, or nothing in it can be read.
pub fn run(options: &Options, here: &Path, out: &mut dyn Write) -> Result<(), SurveyError> {
    if let Some(file) = options.subject.as_deref().map(|subject| here.join(subject)).filter(|path| path.is_file()) {
        return Err(SurveyError::File { file });
    }
    let given = options.subject.as_deref().map(|subject| here.join(subject)).filter(|folder| folder.is_dir());
    if let Some(folder) = given.as_deref().filter(|folder| !folder.join("Cargo.toml").is_file()) {
        return folder::run(&options.sources, folder, out);
    }
    let mut command = MetadataCommand::new();
    command.current_dir(given.as_deref().unwrap_or(here));
    if let Some(path) = &options.manifest_path {
        command.manifest_path(here.join(path));
    }
    let metadata = command.exec()?;
    let package = match (&options.subject, &given) {
        (Some(name), None) => named(&metadata, &name.to_string_lossy())?,
        _ => at(&metadata, options.manifest_path.as_deref().and_then(Path::parent), given.as_deref().unwrap_or(here))?,
    };
    let builds = package.dependencies.iter().any(|known| known.kind == DependencyKind::Build && known.name == "build-support");
    let folder = package.manifest_path.parent().map_or(here, |folder| folder.as_std_path());
    if builds && metadata.workspace_members.contains(&package.id) {
        package::run(package, out)
    } else {
        folder::run(&options.sources, folder, out)
    }
}

/// Finds a package by its name: the newest, if there are several.
fn named<'a>(metadata: &'a Metadata, name: &str) -> Result<&'a Package, SurveyError> {
    let found = metadata.packages.iter().filter(|package| package.name.as_str() == name);
    found.max_by(|a, b| a.version.cmp(&b.version)).ok_or_else(|| SurveyError::NoSuchPackage { name: name.to_owned() })
}

/// Finds the package of a folder, or of the folders above it.
fn at<'a>(metadata: &'a Metadata, manifest: Option<&Path>, folder: &Path) -> Result<&'a Package, SurveyError> {
    let folder = manifest.map_or_else(|| folder.to_owned(), |manifest| folder.join(manifest));
    let folder = folder.canonicalize().unwrap_or(folder);
    let members = metadata.workspace_packages();
    let of = |folder: &Path| {
        members.iter().copied().find(|package| {
            package.manifest_path.parent().is_some_and(|place| place.as_std_path().canonicalize().is_ok_and(|place| place == folder))
        })
    };
    folder
        .ancestors()
        .find_map(of)
        .ok_or_else(|| SurveyError::NoPackage { members: members.iter().map(|package| package.name.to_string()).collect() })
}
