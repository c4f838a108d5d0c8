//! A package whose build script uses build-support: each build leaves a table beside what it writes.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::SystemTime;

use cargo_metadata::Package;

use super::SurveyError;
use crate::target::{self, Output};

/// Builds the package, and writes the table of each of its libraries, also if the build fails.
pub(super) fn run(package: &Package, out: &mut dyn Write) -> Result<(), SurveyError> {
    let began = SystemTime::now();
    let folder = package.manifest_path.parent().map_or(Path::new("."), |folder| folder.as_std_path());
    eprintln!("building `{}`, whose build script says what is bound", package.name);
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["build", "--package", package.name.as_str(), "--manifest-path"]).arg(&package.manifest_path).current_dir(folder);
    // The first build compiles an engine, for minutes.
    let output = cargo.stderr(Stdio::inherit()).output().map_err(|source| SurveyError::Io { action: "start cargo".to_owned(), source })?;
    let mut newest: BTreeMap<String, (SystemTime, String)> = BTreeMap::new();
    for built in target::outputs(&target::folders(None, folder)?) {
        let path = built.folder.join("survey.txt");
        let modified = fs::metadata(&path).and_then(|metadata| metadata.modified());
        let (Ok(modified), Ok(text)) = (modified, fs::read_to_string(&path)) else { continue };
        let current = if output.status.success() { is_current(&built) } else { modified >= began };
        let ours = built.package == package.name.as_str() && current;
        if ours && newest.get(&built.library).is_none_or(|(known, _)| *known < modified) {
            newest.insert(built.library, (modified, text));
        }
    }
    if newest.is_empty() && output.status.success() {
        return Err(SurveyError::NoLibrary { package: package.name.to_string() });
    }
    if newest.is_empty() {
        return Err(SurveyError::Build { package: package.name.to_string() });
    }
    for (number, (_, text)) in newest.values().enumerate() {
        write!(out, "{}{text}", if number > 0 { "\n" } else { "" })?;
    }
    Ok(())
}

/// Says whether the build script's last run built the library: what it has told cargo lies beside
/// its output folder.
fn is_current(built: &Output) -> bool {
    let told = built.folder.ancestors().nth(3).and_then(|folder| fs::read_to_string(folder.join("output")).ok());
    let setting = format!("SANDBOX_LIBRARY_{}=", built.library);
    told.is_none_or(|told| told.lines().any(|line| line.contains(&setting)))
}
