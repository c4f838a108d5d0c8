//! Finds the libclang that reads the headers.

use std::path::{Path, PathBuf};

use crate::error::Looked;
use crate::{Toolchain, ToolchainError, Version, exec};

/// A file of libclang, and its version where the file's name or folder tells it.
#[derive(Debug)]
struct Candidate {
    file: PathBuf,
    version: Option<Version>,
}

pub(crate) fn find(toolchain: &Toolchain) -> Result<PathBuf, ToolchainError> {
    let environment = &toolchain.environment;
    if let Some(path) = &environment.libclang_path {
        return explicit(Path::new(path));
    }
    let mut looked = vec![Looked::new("LIBCLANG_PATH", "not set")];
    for folder in folders(toolchain) {
        let place = folder.display().to_string();
        let candidates = in_folder(&folder);
        if candidates.is_empty() {
            looked.push(Looked::new(place, "no libclang"));
        }
        for candidate in candidates {
            // A folder may belong to clang itself, and then an unnamed version is clang's.
            let version = candidate.version.or_else(|| belongs(&folder, toolchain).then_some(toolchain.version));
            match version {
                Some(version) if version.major >= toolchain.version.major => {
                    return Ok(candidate.file);
                }
                Some(version) => {
                    looked.push(Looked::new(candidate.file.display().to_string(), format!("too old (version {})", version.major)));
                }
                None => looked.push(Looked::new(
                    candidate.file.display().to_string(),
                    "its version is not known; name it with LIBCLANG_PATH to use it",
                )),
            }
        }
    }
    Err(ToolchainError::NoLibclang { wanted: toolchain.version, looked })
}

/// Returns clang's own folder of built-in headers when libclang is of the same release, and so can read them.
///
/// A libclang alone, as distributions package it, often comes without them.
pub(crate) fn resource_folder(toolchain: &Toolchain) -> Result<Option<PathBuf>, ToolchainError> {
    let file = find(toolchain)?;
    let folder = file.parent().unwrap_or(Path::new("."));
    let version = version_of(&file).or_else(|| belongs(folder, toolchain).then_some(toolchain.version));
    if version.is_none_or(|version| version.major != toolchain.version.major) {
        return Ok(None);
    }
    let printed = exec::run(exec::tool(&toolchain.clang).arg("-print-resource-dir"))?;
    Ok(Some(PathBuf::from(printed.stdout.trim())).filter(|folder| folder.is_dir()))
}

/// What a user named is taken as it is: a file, or a folder that holds one.
fn explicit(path: &Path) -> Result<PathBuf, ToolchainError> {
    let unusable = |reason: &str| ToolchainError::Unusable { origin: "LIBCLANG_PATH".into(), path: path.into(), reason: reason.into() };
    if path.is_file() {
        return Ok(path.into());
    }
    if !path.is_dir() {
        return Err(unusable("there is no such file or folder"));
    }
    in_folder(path).into_iter().next().map(|candidate| candidate.file).ok_or_else(|| unusable("no libclang in it"))
}

fn belongs(folder: &Path, toolchain: &Toolchain) -> bool {
    let real = toolchain.clang.canonicalize().unwrap_or_else(|_| toolchain.clang.clone());
    let Some(home) = real.parent().and_then(Path::parent) else {
        return false;
    };
    // `/usr/bin/clang` does not own all of `/usr/lib`: there the file must tell its version.
    home != Path::new("/usr") && home != Path::new("/usr/local") && folder.starts_with(home)
}

fn folders(toolchain: &Toolchain) -> Vec<PathBuf> {
    let environment = &toolchain.environment;
    let mut folders = Vec::new();
    let mut add = |folder: PathBuf| {
        if !folders.contains(&folder) {
            folders.push(folder);
        }
    };
    let library_folders = |home: &Path| {
        if cfg!(windows) { vec![home.join("bin")] } else { vec![home.join("lib"), home.join("lib64")] }
    };
    for clang in [toolchain.clang.canonicalize().ok(), Some(toolchain.clang.clone())].into_iter().flatten() {
        if let Some(home) = clang.parent().and_then(Path::parent) {
            library_folders(home).into_iter().for_each(&mut add);
        }
    }
    for name in [format!("llvm-config-{}", toolchain.version.major), "llvm-config".into()] {
        let Some(program) = environment.on_path(&name) else {
            continue;
        };
        let flag = if cfg!(windows) { "--bindir" } else { "--libdir" };
        if let Ok(finished) = exec::run(exec::tool(program).arg(flag)) {
            add(PathBuf::from(finished.stdout.trim()));
        }
    }
    for prefix in &environment.prefixes {
        let mut releases: Vec<(Version, PathBuf)> = std::fs::read_dir(prefix.join("lib"))
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|entry| {
                let version = Version::leading(entry.file_name().to_str()?.strip_prefix("llvm-")?)?;
                Some((version, entry.path().join("lib")))
            })
            .collect();
        // The closest release first: the older of two newer ones knows fewer surprises.
        releases.sort();
        for (_, folder) in releases {
            add(folder);
        }
    }
    environment.libclang_folders.iter().cloned().for_each(&mut add);
    folders
}

/// All libclangs of a folder, the plain name first, then newest first.
fn in_folder(folder: &Path) -> Vec<Candidate> {
    let mut found: Vec<Candidate> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .filter(|entry| entry.file_name().to_str().is_some_and(is_libclang))
        .map(|entry| entry.path())
        .filter(|file| file.is_file())
        .map(|file| Candidate { version: version_of(&file), file })
        .collect();
    found.sort_by_key(|candidate| {
        let plain = candidate.file.extension().is_some_and(|e| e == "so" || e == "dylib" || e == "dll")
            && candidate.file.file_stem().is_some_and(|stem| stem == "libclang");
        (std::cmp::Reverse(plain), std::cmp::Reverse(candidate.version), candidate.file.clone())
    });
    found
}

/// `libclang.so`, `libclang-22.so.1`, `libclang.so.22.1`, `libclang.dylib`, `libclang.dll`; not `libclang-cpp.so`.
fn is_libclang(name: &str) -> bool {
    let Some(rest) = name.strip_prefix("libclang") else {
        return false;
    };
    if cfg!(windows) {
        return rest == ".dll";
    }
    if cfg!(target_os = "macos") {
        return rest == ".dylib";
    }
    let rest = rest.strip_prefix('-').unwrap_or(rest);
    let rest = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    // ".so" loses its dot above if digits came before it.
    rest.strip_prefix("so").is_some_and(|end| end.chars().all(|c| c.is_ascii_digit() || c == '.'))
}

/// Reads the version from the real file's name, or from the folder of the LLVM release that it is in.
fn version_of(file: &Path) -> Option<Version> {
    let real = file.canonicalize().ok()?;
    [file, &real].into_iter().find_map(|path| {
        let name = path.file_name()?.to_str()?;
        let rest = name.strip_prefix("libclang")?;
        let in_name = rest
            .strip_prefix('-')
            .and_then(Version::leading)
            .or_else(|| rest.strip_prefix(".so.").and_then(Version::leading))
            // Sonames 13 to 15 stayed at 13 for several releases, and `libclang.so.1` was the name of all before.
            .filter(|version| version.major > 15);
        in_name.or_else(|| {
            path.ancestors().skip(1).find_map(|folder| {
                let name = folder.file_name()?.to_str()?;
                name.strip_prefix("llvm-").or_else(|| name.strip_prefix("llvm@")).and_then(Version::leading)
            })
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn knows_libclang_by_its_name() {
        for name in ["libclang.so", "libclang-22.so", "libclang-22.so.1", "libclang.so.22.1", "libclang-22.1.8.so"] {
            assert!(is_libclang(name), "{name}");
        }
        for name in ["libclang-cpp.so", "libclang-cpp.so.14", "libclangAST.a", "libclang.a", "libclang_rt.so"] {
            assert!(!is_libclang(name), "{name}");
        }
    }
}
