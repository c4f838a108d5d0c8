//! The search, in its order.

use std::path::{Path, PathBuf};

use crate::environment::program;
use crate::error::Looked;
use crate::sysroot::Sysroot;
use crate::toolchain::{Kind, Toolchain};
use crate::{Environment, ToolchainError, Version, exec};

pub(crate) fn find(environment: &Environment) -> Result<Toolchain, ToolchainError> {
    let mut looked = Vec::new();
    match &environment.wasi_sdk_path {
        Some(folder) => return at(Path::new(folder), environment, "WASI_SDK_PATH"),
        None => looked.push(Looked::new("WASI_SDK_PATH", "not set")),
    }
    for folder in &environment.install_folders {
        let place = folder.display().to_string();
        match installed(folder) {
            Some(folder) => match wasi_sdk(&folder, environment, &place) {
                Ok(toolchain) => return Ok(toolchain),
                Err(reason) => looked.push(Looked::new(place, reason)),
            },
            None => looked.push(Looked::new(place, "not there")),
        }
    }
    match &environment.cache {
        Some(cache) => {
            let place = format!("downloads of `cargo sandbox setup` in {}", cache.display());
            let folders = cached(cache);
            if folders.is_empty() {
                looked.push(Looked::new(place, "none"));
            }
            for folder in folders {
                match wasi_sdk(&folder, environment, "a download of `cargo sandbox setup`") {
                    Ok(toolchain) => return Ok(toolchain),
                    Err(reason) => looked.push(Looked::new(folder.display().to_string(), reason)),
                }
            }
        }
        None => looked.push(Looked::new("downloads of `cargo sandbox setup`", "this user has no cache folder")),
    }
    for prefix in &environment.prefixes {
        match distribution(prefix, environment, "the distribution's packages") {
            Ok(toolchain) => return Ok(toolchain),
            Err(reasons) => looked.extend(reasons),
        }
    }
    Err(ToolchainError::NotFound { looked })
}

/// Takes what a user named: a wasi-sdk, or a prefix with clang and wasi-libc.
pub(crate) fn at(folder: &Path, environment: &Environment, origin: &str) -> Result<Toolchain, ToolchainError> {
    let unusable = |reason| ToolchainError::Unusable { origin: origin.into(), path: folder.into(), reason };
    if !folder.is_dir() {
        return Err(unusable("there is no such folder".into()));
    }
    if Sysroot::of_distribution(folder).is_ok_and(|sysroot| sysroot.shared_with_host) {
        return distribution(folder, environment, origin).map_err(|looked| {
            let reasons: Vec<_> = looked.into_iter().map(|l| format!("{}: {}", l.place, l.found)).collect();
            unusable(reasons.join("; "))
        });
    }
    wasi_sdk(folder, environment, origin).map_err(unusable)
}

/// A wasi-sdk's archive unpacks to a folder with its version in the name, which users keep or rename.
fn installed(folder: &Path) -> Option<PathBuf> {
    if folder.is_dir() {
        return Some(folder.into());
    }
    let name = folder.file_name()?.to_str()?;
    newest_first(folder.parent()?, &format!("{name}-")).into_iter().next()
}

fn cached(cache: &Path) -> Vec<PathBuf> {
    newest_first(cache, "wasi-sdk-")
}

/// The folders whose name starts with `prefix` and goes on with a version, the highest version first.
fn newest_first(folder: &Path, prefix: &str) -> Vec<PathBuf> {
    let mut found: Vec<(Version, PathBuf)> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let version = Version::leading(entry.file_name().to_str()?.strip_prefix(prefix)?)?;
            Some((version, entry.path()))
        })
        .filter(|(_, path)| path.is_dir())
        .collect();
    found.sort();
    found.into_iter().rev().map(|(_, path)| path).collect()
}

fn wasi_sdk(folder: &Path, environment: &Environment, origin: &str) -> Result<Toolchain, String> {
    let bin = folder.join("bin");
    let clang = bin.join(program("clang"));
    if !clang.is_file() {
        return Err(format!("no {} in it", Path::new("bin").join(program("clang")).display()));
    }
    let sysroot = Sysroot::own(&folder.join("share").join("wasi-sysroot"))?;
    let version = clang_version(&clang)?;
    Ok(Toolchain {
        kind: Kind::WasiSdk,
        origin: origin.into(),
        root: folder.into(),
        clangxx: bin.join(program("clang++")),
        archiver: bin.join(program("llvm-ar")),
        linker: None,
        clang,
        version,
        sysroot,
        environment: environment.clone(),
    })
}

fn distribution(prefix: &Path, environment: &Environment, origin: &str) -> Result<Toolchain, Vec<Looked>> {
    let sysroot = Sysroot::of_distribution(prefix)
        .map_err(|reason| vec![Looked::new(format!("a distribution's wasi-libc in {}", prefix.display()), reason)])?;
    let mut looked = Vec::new();
    let mut found: Vec<(Version, PathBuf)> = Vec::new();
    for clang in distribution_clangs(prefix, environment) {
        match clang_version(&clang) {
            Ok(version) => found.push((version, clang)),
            Err(reason) => looked.push(Looked::new(clang.display().to_string(), reason)),
        }
    }
    // Stable, so of equal versions the first found stays first.
    found.sort_by_key(|(version, _)| std::cmp::Reverse(*version));
    for (version, clang) in found {
        match companions(&clang, version, environment) {
            Ok(Companions { clangxx, archiver, linker }) => {
                return Ok(Toolchain {
                    kind: Kind::Distribution,
                    origin: origin.into(),
                    root: prefix.into(),
                    clang,
                    clangxx,
                    archiver,
                    linker: Some(linker),
                    version,
                    sysroot,
                    environment: environment.clone(),
                });
            }
            Err(reason) => looked.push(Looked::new(clang.display().to_string(), reason)),
        }
    }
    if looked.is_empty() {
        looked.push(Looked::new(
            format!("clang in {} and on PATH", prefix.display()),
            format!("none (wasi-libc is there, clang {} or later is not)", Toolchain::OLDEST),
        ));
    }
    Err(looked)
}

/// All clangs that a distribution may have: one folder per LLVM release, then what is on `PATH`.
fn distribution_clangs(prefix: &Path, environment: &Environment) -> Vec<PathBuf> {
    let mut candidates: Vec<PathBuf> =
        newest_first(&prefix.join("lib"), "llvm-").into_iter().map(|folder| folder.join("bin").join(program("clang"))).collect();
    candidates.extend((Toolchain::OLDEST..=40).rev().filter_map(|n| environment.on_path(&format!("clang-{n}"))));
    candidates.extend(environment.on_path("clang"));
    candidates.push(prefix.join("bin").join(program("clang")));
    let mut seen = Vec::new();
    candidates.retain(|clang| {
        let real = clang.canonicalize().unwrap_or_else(|_| clang.clone());
        clang.is_file() && !seen.contains(&real) && {
            seen.push(real);
            true
        }
    });
    candidates
}

/// The programs that come in other packages than clang.
struct Companions {
    clangxx: PathBuf,
    archiver: PathBuf,
    linker: PathBuf,
}

fn companions(clang: &Path, version: Version, environment: &Environment) -> Result<Companions, String> {
    // The folder of the real file holds the whole release.
    let real = clang.canonicalize().unwrap_or_else(|_| clang.into());
    let sibling = |name: &str| real.parent().map(|folder| folder.join(program(name))).filter(|file| file.is_file());
    let named = |name: &str| {
        sibling(name).or_else(|| environment.on_path(&format!("{name}-{}", version.major))).or_else(|| environment.on_path(name))
    };
    let missing = |name: &str, package: &str| format!("clang {version} has no {name} (Debian: package {package}-{})", version.major);
    let linker = named("wasm-ld").ok_or_else(|| missing("wasm-ld", "lld"))?;
    let archiver = named("llvm-ar").ok_or_else(|| missing("llvm-ar", "llvm"))?;
    // C++ is optional: a compiler that is not there is found missing when it is needed.
    let clangxx = sibling("clang++")
        .or_else(|| environment.on_path(&format!("clang++-{}", version.major)))
        .unwrap_or_else(|| clang.with_file_name(program("clang++")));
    Ok(Companions { clangxx, archiver, linker })
}

fn clang_version(clang: &Path) -> Result<Version, String> {
    let finished = exec::run(exec::tool(clang).arg("--version")).map_err(|error| error.to_string())?;
    let version = Version::from_clang_output(&finished.stdout).ok_or("its --version is not that of an LLVM clang")?;
    if version.major < Toolchain::OLDEST {
        return Err(format!("clang {version} is too old ({} or later is needed)", Toolchain::OLDEST));
    }
    Ok(version)
}
