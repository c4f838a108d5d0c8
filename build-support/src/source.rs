//! Source files: given by name, by pattern, or taken out of a published crate.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use cargo_metadata::{Metadata, MetadataCommand, Package};

use crate::cargo::{self, Directives};
use crate::{Error, Part};

/// The sources of one C library, with the folders that its settings named.
#[derive(Debug)]
pub(crate) struct Resolved {
    pub(crate) files: Vec<PathBuf>,
    pub(crate) includes: Vec<PathBuf>,
}

/// How a source was named in the builder.
#[derive(Debug, Clone)]
pub(crate) enum Entry {
    File(PathBuf),
    Glob(String),
}

/// Finds every source file and include folder of a part.
pub(crate) fn resolve(library: &str, part: &Part, written: &Path, directives: &mut Directives) -> Result<Resolved, Error> {
    // What stands behind `-Xclang` is for the compiler proper, as `-load`.
    let before = std::iter::once("").chain(part.flags.iter().map(String::as_str));
    let for_the_linker = |flag: &str| ["-l", "-L", "-Wl,", "-Xlinker"].iter().any(|linker| flag.starts_with(linker));
    if let Some((flag, _)) = part.flags.iter().zip(before).find(|(flag, before)| *before != "-Xclang" && for_the_linker(flag)) {
        return Err(Error::usage(
            library,
            format!(
                "`{flag}` is for the linker, and there is no library to link with but libc, which is linked as it is needed; \
                 build another library from its sources: .library(|part| …)"
            ),
        ));
    }
    let excluded = excluded(library, part)?;
    let mut files = Vec::new();
    for (base, entry) in &part.sources {
        match entry {
            Entry::File(file) => {
                let path = absolute(base.as_deref(), file)?;
                if path.extension().is_some_and(|extension| ["a", "o", "so", "lib", "dll", "dylib"].iter().any(|known| extension == *known))
                {
                    return Err(Error::usage(
                        library,
                        format!("{} is no source file; build the library from its sources: .library(|part| …)", path.display()),
                    ));
                }
                if !path.is_file() {
                    return Err(Error::Missing {
                        library: library.to_owned(),
                        what: "the source file",
                        path,
                        next: "correct its name in the build script, or the folder that `.source_dir(…)` names".to_owned(),
                    });
                }
                files.push(path);
            }
            Entry::Glob(pattern) => {
                let found = expand(library, base.as_deref(), pattern, directives)?;
                let folder = absolute(base.as_deref(), Path::new(""))?;
                // The folder for what the build writes may lie among the sources.
                let own: Vec<PathBuf> = written.ancestors().nth(2).map(real).into_iter().collect();
                files.extend(found.into_iter().filter(|path| {
                    if own.iter().any(|own| real(path).starts_with(own)) || is_built(path, &folder) {
                        return false;
                    }
                    let relative = path.strip_prefix(&folder).unwrap_or(path);
                    let name = path.file_name().map(Path::new).unwrap_or(path);
                    // As in `.glob(…)`, `*` stays in one folder.
                    let options = glob::MatchOptions { require_literal_separator: true, ..glob::MatchOptions::default() };
                    let is = |path| excluded.iter().any(|pattern| pattern.matches_path_with(path, options));
                    !is(relative) && !is(name)
                }));
            }
        }
    }
    for file in &files {
        speakable(library, file)?;
    }
    // A file named twice, by name and by pattern, must not define its symbols twice.
    let mut seen = std::collections::HashSet::new();
    files.retain(|file| seen.insert(file.clone()));

    let mut includes = Vec::new();
    for (base, folder, what) in &part.includes {
        let path = absolute(base.as_deref(), folder)?;
        if !path.is_dir() {
            return Err(Error::Missing {
                library: library.to_owned(),
                what,
                path,
                next: "correct its path in the build script".to_owned(),
            });
        }
        speakable(library, &path)?;
        if !includes.contains(&path) {
            includes.push(path);
        }
    }
    // A header of an earlier build must not be found.
    match std::fs::remove_dir_all(written) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(Error::io("remove", written)(error)),
        _ => {}
    }
    if !part.config_headers.is_empty() {
        std::fs::create_dir_all(written).map_err(Error::io("create", written))?;
        for (name, text) in &part.config_headers {
            if !Path::new(name).components().all(|part| matches!(part, std::path::Component::Normal(_))) {
                return Err(Error::usage(library, format!("`{name}` in .config_header(…) is no path below a folder")));
            }
            let path = written.join(name);
            if let Some(folder) = path.parent() {
                std::fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
            }
            std::fs::write(&path, text).map_err(Error::io("write", &path))?;
        }
        // A library may carry one of the same name that is meant for another machine.
        includes.insert(0, written.to_owned());
    }
    Ok(Resolved { files, includes })
}

/// Refuses a path that cargo's directives or the compiler's lists of dependencies cannot tell: they
/// have one a line, and clang writes `/` for `\`.
pub(crate) fn speakable(library: &str, path: &Path) -> Result<(), Error> {
    let unspeakable: &[char] = if cfg!(windows) { &['\n', '\r'] } else { &['\n', '\r', '\\'] };
    match path.to_str() {
        Some(path) if !path.contains(unspeakable) => Ok(()),
        _ => {
            let what = "has a line break or a backslash in it, or is not UTF-8; cargo could not watch what is in it: rename it";
            Err(Error::usage(library, format!("{path:?} {what}")))
        }
    }
}

fn excluded(library: &str, part: &Part) -> Result<Vec<glob::Pattern>, Error> {
    let parse = |text: &String| {
        glob::Pattern::new(text).map_err(|error| Error::usage(library, format!("`{text}` in .exclude(…) is not a file pattern: {error}")))
    };
    part.excluded.iter().map(parse).collect()
}

/// Makes a path absolute: relative to the source folder, else to the package.
pub(crate) fn absolute(base: Option<&Path>, path: &Path) -> Result<PathBuf, Error> {
    if path.is_absolute() {
        return Ok(path.to_owned());
    }
    match base {
        Some(base) if base.is_absolute() => Ok(base.join(path)),
        Some(base) => Ok(cargo::manifest_dir()?.join(base).join(path)),
        None => Ok(cargo::manifest_dir()?.join(path)),
    }
}

fn expand(library: &str, base: Option<&Path>, pattern: &str, directives: &mut Directives) -> Result<Vec<PathBuf>, Error> {
    // The folder may hold characters that mean something in a pattern; only the user's part is one.
    let folder = absolute(base, Path::new(""))?;
    let full = if Path::new(pattern).is_absolute() {
        pattern.to_owned()
    } else {
        let escaped = glob::Pattern::escape(&folder.to_string_lossy());
        format!("{}/{pattern}", escaped.trim_end_matches('/'))
    };
    let paths = glob::glob(&full).map_err(|error| Error::usage(library, format!("`{pattern}` is not a file pattern: {error}")))?;
    speakable(library, &folder)?;
    let mut files: Vec<PathBuf> = paths.filter_map(Result::ok).filter(|path| path.is_file()).collect();
    files.sort();
    if files.is_empty() {
        return Err(Error::Missing {
            library: library.to_owned(),
            what: "a source file that matches",
            path: PathBuf::from(full),
            next: "correct the pattern of `.glob(…)`".to_owned(),
        });
    }
    // A file or folder that is added later has to be noticed; cargo watches all that is below a
    // folder.
    let fixed: PathBuf = Path::new(pattern).components().take_while(|part| !is_pattern(part.as_os_str())).collect();
    let searched = if pattern.contains(['*', '?', '[']) { folder.join(fixed) } else { folder };
    watch(&searched, directives);
    if pattern.contains(['*', '?', '[']) {
        for path in unspeakable(&searched, pattern.contains("**")) {
            directives.warning(&format!("library `{library}`: {path:?} is left out, because its name is not UTF-8; rename it"));
        }
    }
    Ok(files)
}

/// Finds files and folders with names that no pattern matches, in a folder or in all below it.
fn unspeakable(folder: &Path, below: bool) -> Vec<PathBuf> {
    const MOST: usize = 100_000;
    let (mut found, mut folders, mut seen) = (Vec::new(), vec![folder.to_owned()], 0);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            seen += 1;
            if entry.file_name().to_str().is_none() {
                found.push(entry.path());
            } else if below && seen < MOST && entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                folders.push(entry.path());
            }
        }
    }
    found
}

fn is_pattern(part: &std::ffi::OsStr) -> bool {
    part.to_string_lossy().contains(['*', '?', '['])
}

fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

/// Says whether a file below a folder lies in one of cargo's target folders.
fn is_built(path: &Path, folder: &Path) -> bool {
    path.ancestors().skip(1).take_while(|above| *above != folder).any(|above| above.join("CACHEDIR.TAG").is_file())
}

/// Watches a folder in which sources are searched for, and all that is below it.
fn watch(folder: &Path, directives: &mut Directives) {
    // In a folder that cargo builds in, something always changes. What cannot be watched there is
    // looked for each time: the objects are kept, and this takes a second or two.
    let cargos = cargo::out_dir().is_ok_and(|written| real(&written).starts_with(real(folder)));
    const ALWAYS: &str = "always, because sources are searched for in a folder that cargo builds in";
    directives.rerun_if_changed(if cargos { Path::new(ALWAYS) } else { folder });
}

/// Watches a folder in which headers are searched for: one that comes later may come before
/// another. If the build itself writes below it, these are the folders that are there now.
pub(crate) fn watch_headers(folder: &Path, written: &Path, directives: &mut Directives) {
    let written = real(written);
    if !written.starts_with(real(folder)) {
        directives.rerun_if_changed(folder);
        return;
    }
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        // The outermost folder of cargo's, which holds more that changes.
        let target = path.join("CACHEDIR.TAG").is_file() || path.file_name().is_some_and(|name| name == ".git");
        if path.is_dir() && !written.starts_with(real(&path)) && !target {
            directives.rerun_if_changed(&path);
        }
    }
}

/// Returns the folder of a published crate that vendors C sources; prints the error and exits if
/// there is none.
///
/// The crate must be a dependency of the package that is being built. It need not be compiled:
/// under `[target.'cfg(any())'.dependencies]` cargo locks and fetches it, and builds nothing.
///
/// # Examples
///
/// ```no_run
/// let zlib = build_support::crate_source("libz-sys").join("src/zlib");
/// ```
pub fn crate_source(name: &str) -> PathBuf {
    try_crate_source(name).unwrap_or_else(|error| crate::library::fail(&error))
}

/// Returns the folder of a published crate that vendors C sources, as [`crate_source`] does.
///
/// # Errors
///
/// [`Error::CrateSource`] if `cargo metadata` fails or the crate is not a dependency; the message
/// has the lines to add to `Cargo.toml`.
///
/// # Examples
///
/// ```no_run
/// # fn main() -> Result<(), build_support::Error> {
/// let zlib = build_support::try_crate_source("libz-sys")?.join("src/zlib");
/// # Ok(())
/// # }
/// ```
pub fn try_crate_source(name: &str) -> Result<PathBuf, Error> {
    let manifest = cargo::manifest_dir()?.join("Cargo.toml");
    let metadata = read_metadata(&manifest)?;
    let mut directives = Directives::default();
    // Another version of the crate is another folder; nothing else would make cargo run the build
    // script again.
    let lockfile = metadata.workspace_root.join("Cargo.lock").as_std_path().to_owned();
    if lockfile.exists() {
        directives.rerun_if_changed(&lockfile);
        directives.rerun_if_changed(&manifest);
        directives.print();
    }
    let package = find_dependency(&metadata, &manifest, name)?;
    package
        .manifest_path
        .parent()
        .map(|folder| folder.as_std_path().to_owned())
        .ok_or_else(|| Error::CrateSource(format!("the manifest of `{name}` lies in no folder: {}", package.manifest_path)))
}

/// Asks cargo about the package, once: a build script may take the sources of many crates.
fn read_metadata(manifest: &Path) -> Result<Arc<Metadata>, Error> {
    static KNOWN: Mutex<Option<(PathBuf, Arc<Metadata>)>> = Mutex::new(None);
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, metadata)) = known.as_ref().filter(|(of, _)| of == manifest) {
        return Ok(Arc::clone(metadata));
    }
    let metadata = Arc::new(ask_cargo(manifest)?);
    *known = Some((manifest.to_owned(), Arc::clone(&metadata)));
    Ok(metadata)
}

fn ask_cargo(manifest: &Path) -> Result<Metadata, Error> {
    let run = |options: &[&str]| {
        let mut command = MetadataCommand::new();
        command.cargo_path(cargo::cargo_path()).manifest_path(manifest);
        command.other_options(options.iter().map(|&option| option.to_owned()).collect::<Vec<_>>());
        command.exec()
    };
    // The build that runs this has resolved and locked everything, so no network is needed. Only a
    // crate that is never built may not be in cargo's cache yet: then cargo fetches it as `cargo
    // fetch` would, lockfile unchanged.
    run(&["--offline", "--locked"]).or_else(|_| run(&["--locked"])).map_err(|error| {
        Error::CrateSource(format!("`cargo metadata` for {} failed; try `cargo fetch`, then build again\n{error}", manifest.display()))
    })
}

fn find_dependency<'a>(metadata: &'a Metadata, manifest: &Path, name: &str) -> Result<&'a Package, Error> {
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let wanted = real(manifest);
    let this = metadata.packages.iter().find(|package| real(package.manifest_path.as_std_path()) == wanted);
    let resolve = metadata.resolve.as_ref();
    let node = this.and_then(|package| resolve?.nodes.iter().find(|node| node.id == package.id));
    node.into_iter()
        .flat_map(|node| &node.deps)
        .filter_map(|dep| metadata.packages.iter().find(|package| package.id == dep.pkg))
        .find(|package| package.name.as_str() == name)
        .ok_or_else(|| {
            let version = metadata
                .packages
                .iter()
                .find(|package| package.name.as_str() == name)
                .map_or_else(|| "*".to_owned(), |package| package.version.to_string());
            Error::CrateSource(format!(
                "`{name}` is not a dependency of the package in {}; add it, without ever building it:\n\n\
                 [target.'cfg(any())'.dependencies]\n{name} = \"{version}\"\n",
                manifest.display()
            ))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_that_is_no_dependency_is_an_error_with_the_lines_to_add() {
        let error = try_crate_source("libfoo-sys").unwrap_err().to_string();
        assert!(error.contains("[target.'cfg(any())'.dependencies]\nlibfoo-sys = \"*\""), "{error}");
    }

    #[test]
    fn a_dependency_is_found_in_its_folder() {
        assert!(try_crate_source("wasmparser").unwrap().join("Cargo.toml").is_file());
    }
}
