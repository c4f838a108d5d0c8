//! What the search depends on, in one value: nothing else of this crate reads the process's environment.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The inputs of the search for a toolchain.
///
/// [`Environment::of_process`] is the real one. The default is an empty machine, which a test fills with what it needs,
/// so that no test has to change the variables of its process.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    /// `WASI_SDK_PATH`: the folder of a wasi-sdk. Set but wrong is an error.
    pub wasi_sdk_path: Option<OsString>,
    /// `LIBCLANG_PATH`: the file of libclang, or the folder that holds it. Set but wrong is an error.
    pub libclang_path: Option<OsString>,
    /// `PATH`, split.
    pub path: Vec<PathBuf>,
    /// Where users install a wasi-sdk by hand.
    pub install_folders: Vec<PathBuf>,
    /// Where `cargo sandbox setup` puts its downloads, one folder per release.
    pub cache: Option<PathBuf>,
    /// Where a distribution installs its packages (`/usr`).
    pub prefixes: Vec<PathBuf>,
    /// Further folders with a system's libclang.
    pub libclang_folders: Vec<PathBuf>,
}

impl Environment {
    /// The variables that decide the search. A build script prints a `cargo::rerun-if-env-changed` for each.
    ///
    /// `PATH` is left out: it differs between a terminal and an editor, and would make them rebuild after each other.
    pub const VARIABLES: &'static [&'static str] = &["WASI_SDK_PATH", "LIBCLANG_PATH", "CARGO_SANDBOX_CACHE"];

    /// Reads the environment of this process.
    pub fn of_process() -> Self {
        let set = |name: &str| env::var_os(name).filter(|value| !value.is_empty());
        let home = env::home_dir().filter(|home| !home.as_os_str().is_empty());
        let mut this = Self {
            wasi_sdk_path: set("WASI_SDK_PATH"),
            libclang_path: set("LIBCLANG_PATH"),
            path: set("PATH").map(|path| env::split_paths(&path).collect()).unwrap_or_default(),
            cache: set("CARGO_SANDBOX_CACHE")
                .map(PathBuf::from)
                .or_else(|| Some(user_cache(set("XDG_CACHE_HOME"), set("LOCALAPPDATA"), home.as_deref())?.join("cargo-sandbox"))),
            ..Self::default()
        };
        let mut install = |folder: PathBuf| this.install_folders.push(folder);
        if cfg!(windows) {
            for variable in ["ProgramFiles", "LOCALAPPDATA", "SystemDrive"] {
                // "C:" alone would mean the current folder of that drive.
                let Some(base) = set(variable) else { continue };
                install(if variable == "SystemDrive" {
                    PathBuf::from(format!("{}\\wasi-sdk", base.to_string_lossy()))
                } else {
                    PathBuf::from(base).join("wasi-sdk")
                });
            }
        } else {
            install("/opt/wasi-sdk".into());
            if let Some(home) = &home {
                for folder in [".local/wasi-sdk", ".local/share/wasi-sdk", ".local/opt/wasi-sdk", "wasi-sdk"] {
                    install(home.join(folder));
                }
            }
            for folder in ["/usr/local/wasi-sdk", "/usr/local/opt/wasi-sdk", "/usr/local/share/wasi-sdk", "/usr/share/wasi-sdk"] {
                install(folder.into());
            }
            this.prefixes = ["/usr", "/usr/local"].map(PathBuf::from).into();
        }
        this.libclang_folders = libclang_folders();
        this
    }
}

/// The user's cache folder by the habits of the operating system.
fn user_cache(xdg: Option<OsString>, local_app_data: Option<OsString>, home: Option<&Path>) -> Option<PathBuf> {
    if cfg!(windows) {
        local_app_data.map(PathBuf::from)
    } else if cfg!(target_os = "macos") {
        Some(home?.join("Library/Caches"))
    } else {
        // The XDG specification says to ignore a relative path.
        xdg.map(PathBuf::from).filter(|path| path.is_absolute()).or_else(|| Some(home?.join(".cache")))
    }
}

fn libclang_folders() -> Vec<PathBuf> {
    let folders: &[&str] = if cfg!(windows) {
        &["C:\\Program Files\\LLVM\\bin"]
    } else if cfg!(target_os = "macos") {
        &[
            "/opt/homebrew/opt/llvm/lib",
            "/usr/local/opt/llvm/lib",
            "/Library/Developer/CommandLineTools/usr/lib",
            "/Applications/Xcode.app/Contents/Developer/Toolchains/XcodeDefault.xctoolchain/usr/lib",
        ]
    } else {
        &["/usr/lib64", "/usr/lib", "/usr/local/lib64", "/usr/local/lib", "/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu"]
    };
    folders.iter().map(PathBuf::from).collect()
}

/// Returns a program's file name on this system.
pub(crate) fn program(name: &str) -> String {
    format!("{name}{}", env::consts::EXE_SUFFIX)
}

impl Environment {
    /// Finds a program on `PATH`.
    pub(crate) fn on_path(&self, name: &str) -> Option<PathBuf> {
        let name = program(name);
        self.path.iter().map(|folder| folder.join(&name)).find(|file| file.is_file())
    }
}
