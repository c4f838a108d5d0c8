//! A package whose build script uses build-support: each build leaves a table beside what it writes.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::time::SystemTime;

use cargo_metadata::Package;

use super::SurveyError;
use crate::target;

/// Builds the package, and writes the table of each of its libraries, also if the build fails.
pub(super) fn run(package: &Package, out: &mut dyn Write) -> Result<(), SurveyError> {
    let began = SystemTime::now();
    let folder = package.manifest_path.parent().map_or(Path::new("."), |folder| folder.as_std_path());
    eprintln!("building `{}`, whose build script says what is bound", package.name);
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["build", "--package", package.name.as_str(), "--manifest-path"]).arg(&package.manifest_path).current_dir(folder);
    let output = cargo.output().map_err(|source| SurveyError::Io { action: "start cargo".to_owned(), source })?;
    let mut newest: BTreeMap<String, (SystemTime, String)> = BTreeMap::new();
    for built in target::outputs(&target::folders(None, folder)?) {
        let path = built.folder.join("survey.txt");
        let modified = fs::metadata(&path).and_then(|metadata| metadata.modified());
        let (Ok(modified), Ok(text)) = (modified, fs::read_to_string(&path)) else { continue };
        let ours = built.package == package.name.as_str() && (output.status.success() || modified >= began);
        if ours && newest.get(&built.library).is_none_or(|(known, _)| *known < modified) {
            newest.insert(built.library, (modified, text));
        }
    }
    if newest.is_empty() && output.status.success() {
        return Err(SurveyError::NoLibrary { package: package.name.to_string() });
    }
    if newest.is_empty() {
        return Err(SurveyError::Build { output: String::from_utf8_lossy(&output.stderr).trim().to_owned() });
    }
    for (number, (_, text)) in newest.values().enumerate() {
        write!(out, "{}{text}", if number > 0 { "\n" } else { "" })?;
    }
    Ok(())
}
