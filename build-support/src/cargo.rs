//! What cargo tells a build script, and what a build script tells cargo. The only reader of the
//! environment.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::Error;

/// Returns the value of an environment variable, if it is set and not empty.
fn var(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

/// Returns the folder for build outputs.
pub(crate) fn out_dir() -> Result<PathBuf, Error> {
    var("OUT_DIR").map(PathBuf::from).ok_or(Error::NotInBuildScript("OUT_DIR"))
}

/// Returns the folder of the package that is being built.
pub(crate) fn manifest_dir() -> Result<PathBuf, Error> {
    var("CARGO_MANIFEST_DIR").map(PathBuf::from).ok_or(Error::NotInBuildScript("CARGO_MANIFEST_DIR"))
}

/// Returns the target triple of the application; `None` outside build scripts, where the host is
/// meant.
pub(crate) fn target() -> Option<String> {
    var("TARGET")?.into_string().ok()
}

/// Returns what the application may use of its processor, in rustc's words; nothing outside build
/// scripts.
pub(crate) fn target_features() -> Vec<String> {
    let list = var("CARGO_CFG_TARGET_FEATURE").and_then(|list| list.into_string().ok()).unwrap_or_default();
    list.split(',').map(str::to_owned).collect()
}

/// Tells whether cargo's profile has debug information, `false` outside build scripts.
pub(crate) fn debug() -> bool {
    var("DEBUG").is_some_and(|debug| !["false", "0", "none"].iter().any(|none| debug == *none))
}

/// Returns the cargo that runs this build.
pub(crate) fn cargo_path() -> PathBuf {
    var("CARGO").map_or_else(|| PathBuf::from("cargo"), PathBuf::from)
}

/// Returns how many compilers may run at once.
pub(crate) fn jobs() -> usize {
    var("NUM_JOBS")
        .and_then(|jobs| jobs.to_str()?.parse().ok())
        .or_else(|| std::thread::available_parallelism().ok().map(std::num::NonZero::get))
        .unwrap_or(1)
}

/// Returns the user's own choice of libclang, which wins over the one that the toolchain names.
pub(crate) fn libclang_path() -> Option<OsString> {
    var("LIBCLANG_PATH")
}

/// The variables with flags for the guest, the later ones after the earlier: those that are usual
/// for its target, and this project's own.
const GUEST_FLAGS: [[&str; 4]; 2] = [
    ["TARGET_CFLAGS", "CFLAGS_wasm32_wasip1", "CFLAGS_wasm32-wasip1", "SANDBOX_CFLAGS"],
    ["TARGET_CXXFLAGS", "CXXFLAGS_wasm32_wasip1", "CXXFLAGS_wasm32-wasip1", "SANDBOX_CXXFLAGS"],
];

/// Returns the flags that the environment has for guests. Those for the host's own code, as
/// `CFLAGS`, are none.
pub(crate) fn guest_flags(cxx: bool) -> Vec<OsString> {
    let values = GUEST_FLAGS[usize::from(cxx)].iter().filter_map(|name| var(name)?.into_string().ok());
    let split = |value: String| shlex::split(&value).unwrap_or_else(|| value.split_whitespace().map(str::to_owned).collect());
    values.flat_map(split).map(OsString::from).collect()
}

/// Returns the names of these variables.
pub(crate) fn guest_flag_variables() -> impl Iterator<Item = &'static str> {
    GUEST_FLAGS.into_iter().flatten()
}

/// Says which of these variables are set, for an error that they may have caused.
pub(crate) fn guest_flags_note() -> String {
    let set = guest_flag_variables().filter_map(|name| Some(format!("\n  {name}={}", var(name)?.display())));
    let list: String = set.collect();
    if list.is_empty() { list } else { format!("\nthe environment adds flags for the guest, which may be the cause:{list}") }
}

/// Collects what cargo has to know: which inputs make it run the build script again.
#[derive(Debug, Default)]
pub(crate) struct Directives {
    changed: BTreeSet<PathBuf>,
    lines: Vec<String>,
}

impl Directives {
    /// Runs the build script again when this file, or anything in this folder, changes.
    pub(crate) fn rerun_if_changed(&mut self, path: &Path) {
        self.changed.insert(path.to_owned());
    }

    /// Runs the build script again when this variable changes.
    pub(crate) fn rerun_if_env_changed(&mut self, name: &str) {
        self.lines.push(format!("cargo::rerun-if-env-changed={name}"));
    }

    /// Shows a warning in cargo's output.
    pub(crate) fn warning(&mut self, text: &str) {
        for line in text.lines() {
            self.lines.push(format!("cargo::warning={line}"));
        }
    }

    /// Sets a variable for the compilation of the package itself.
    pub(crate) fn rustc_env(&mut self, name: &str, value: &Path) {
        self.lines.push(format!("cargo::rustc-env={name}={}", value.display()));
    }

    /// Returns the files and folders that are watched.
    pub(crate) fn changed(&self) -> impl Iterator<Item = &Path> {
        self.changed.iter().map(PathBuf::as_path)
    }

    /// Prints everything for cargo.
    pub(crate) fn print(&self) {
        for path in &self.changed {
            println!("cargo::rerun-if-changed={}", path.display());
        }
        for line in &self.lines {
            println!("{line}");
        }
    }
}

/// Hides the flags that bindgen would take from the environment, until this is dropped: the
/// compiler does not take them.
pub(crate) struct NoBindgenFlags {
    hidden: Vec<(OsString, OsString)>,
    _turn: MutexGuard<'static, ()>,
}

impl NoBindgenFlags {
    #[allow(unsafe_code, reason = "bindgen reads these flags from the environment only")]
    pub(crate) fn new() -> Self {
        static TURN: Mutex<()> = Mutex::new(());
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let flags = |name: &OsString| name.to_string_lossy().starts_with("BINDGEN_EXTRA_CLANG_ARGS");
        let hidden: Vec<(OsString, OsString)> = std::env::vars_os().filter(|(name, _)| flags(name)).collect();
        for (name, _) in &hidden {
            // SAFETY: the hazard is C code that reads the environment on another thread meanwhile;
            // Rust code synchronises. The only C code of a build script is libclang, which runs on
            // the thread that holds the turn.
            unsafe { std::env::remove_var(name) };
        }
        Self { hidden, _turn: turn }
    }
}

impl Drop for NoBindgenFlags {
    #[allow(unsafe_code, reason = "what a build script does later may need them")]
    fn drop(&mut self) {
        for (name, value) in &self.hidden {
            // SAFETY: as above: the turn is given back after this.
            unsafe { std::env::set_var(name, value) };
        }
    }
}

/// Names the libclang that bindgen loads later.
#[allow(unsafe_code, reason = "bindgen takes the path of libclang from the environment only")]
pub(crate) fn set_libclang_path(file: &Path) {
    // SAFETY: the hazard is C code that reads the environment on another thread meanwhile; Rust
    // code synchronises. A build script runs no C code besides libclang, which is not loaded yet:
    // this is called once, before bindgen first runs.
    unsafe { std::env::set_var("LIBCLANG_PATH", file) };
}
