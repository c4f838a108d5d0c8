//! A toolchain that was found, and the flags it needs.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::sysroot::Sysroot;
use crate::{Environment, Report, ToolchainError, Version, find, libclang};

/// The language of a source file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Language {
    /// C.
    C,
    /// C++.
    Cxx,
}

/// What sort of toolchain this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// A wasi-sdk: compiler, libraries and headers in one folder.
    WasiSdk,
    /// A distribution's clang with its wasi-libc packages.
    Distribution,
}

/// A C compiler for WebAssembly with its libraries.
#[derive(Clone, Debug)]
pub struct Toolchain {
    pub(crate) kind: Kind,
    /// Who found it: "WASI_SDK_PATH", "the cache of `cargo sandbox setup`", …
    pub(crate) origin: String,
    pub(crate) root: PathBuf,
    pub(crate) clang: PathBuf,
    pub(crate) clangxx: PathBuf,
    pub(crate) archiver: PathBuf,
    /// The linker, where clang may not find it by itself.
    pub(crate) linker: Option<PathBuf>,
    pub(crate) version: Version,
    pub(crate) sysroot: Sysroot,
    pub(crate) environment: Environment,
}

impl Toolchain {
    /// The oldest clang that is taken. setjmp needs [`Toolchain::OLDEST_WITH_SETJMP`].
    pub const OLDEST: u32 = 19;
    /// The oldest clang with standard (not legacy) WebAssembly exceptions, which setjmp is made of.
    pub const OLDEST_WITH_SETJMP: u32 = 20;

    /// Finds a toolchain: `WASI_SDK_PATH`, the usual install folders, the cache of `cargo sandbox setup`, and last the
    /// newest clang of a distribution that has wasi-libc.
    ///
    /// Nothing is downloaded, installed or compiled.
    ///
    /// # Errors
    /// [`ToolchainError::NotFound`] lists every place that was looked at. [`ToolchainError::Unusable`] if `WASI_SDK_PATH`
    /// is set but wrong: the search does not go on behind the user's back.
    pub fn find() -> Result<Self, ToolchainError> {
        Self::find_in(&Environment::of_process())
    }

    /// Finds a toolchain in a given environment; see [`Toolchain::find`].
    ///
    /// # Errors
    /// As [`Toolchain::find`].
    pub fn find_in(environment: &Environment) -> Result<Self, ToolchainError> {
        find::find(environment)
    }

    /// Takes the toolchain in a folder: a wasi-sdk, or a prefix such as `/usr` that holds clang and wasi-libc.
    ///
    /// # Errors
    /// [`ToolchainError::Unusable`] says what is missing there.
    pub fn at(folder: impl AsRef<Path>) -> Result<Self, ToolchainError> {
        Self::at_in(folder, &Environment::of_process())
    }

    /// Takes the toolchain in a folder; the environment serves to find what it does not carry itself (libclang).
    ///
    /// # Errors
    /// As [`Toolchain::at`].
    pub fn at_in(folder: impl AsRef<Path>, environment: &Environment) -> Result<Self, ToolchainError> {
        find::at(folder.as_ref(), environment, "the build script")
    }

    /// What sort of toolchain this is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The folder of the wasi-sdk, or the prefix of the distribution.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Says in words where the toolchain was found.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The C compiler.
    pub fn clang(&self) -> &Path {
        &self.clang
    }

    /// The C++ compiler.
    pub fn clangxx(&self) -> &Path {
        &self.clangxx
    }

    /// The archiver, `llvm-ar`. A host's `ar` may not understand WebAssembly objects.
    pub fn archiver(&self) -> &Path {
        &self.archiver
    }

    /// The version of clang.
    pub fn version(&self) -> Version {
        self.version
    }

    /// The target that the libraries were built for: `wasm32-wasip1`, or its old name `wasm32-wasi`.
    pub fn target(&self) -> &str {
        self.sysroot.target
    }

    /// The folder that clang gets as `--sysroot`.
    pub fn sysroot(&self) -> &Path {
        &self.sysroot.root
    }

    /// Whether C++ headers and libraries are there.
    pub fn has_cxx(&self) -> bool {
        self.clangxx.is_file() && self.sysroot.has_cxx()
    }

    /// Whether setjmp and longjmp work: with the sysroot's run-time, or with the one that [`crate::setjmp`] brings.
    pub fn has_setjmp(&self) -> bool {
        self.version.major >= Self::OLDEST_WITH_SETJMP
    }

    /// The flags that every compilation needs. Optimisation, defines and features are the caller's, and whether C++ can throw is said by
    /// [`exceptions::find`](crate::exceptions::find).
    pub fn compile_flags(&self, language: Language) -> Vec<OsString> {
        let mut flags = self.common_flags();
        if self.sysroot.shared_with_host {
            // Without this a header that wasi-libc lacks is silently taken from the host's include folders.
            flags.push("-nostdlibinc".into());
            if language == Language::Cxx {
                // libc++ wraps C headers with #include_next, so its folder comes first.
                let folder = self.sysroot.include.join("c++").join("v1");
                flags.extend(["-isystem".into(), folder.into()]);
            }
            flags.extend(["-isystem".into(), self.sysroot.include.clone().into()]);
        }
        flags
    }

    /// The flags that every link needs, for `clang` as the driver.
    ///
    /// What kind of module it is, what it exports and its memory are the caller's.
    pub fn link_flags(&self) -> Vec<OsString> {
        let mut flags = self.common_flags();
        // clang runs a `wasm-opt` on PATH by itself, and an old one destroys or refuses standard exception handling.
        flags.push("--no-wasm-opt".into());
        if let Some(linker) = &self.linker {
            // Debian's clang looks for `wasm-ld-22` on PATH only, and a build may have another PATH than a user.
            let mut flag = OsString::from("-fuse-ld=");
            flag.push(linker);
            flags.push(flag);
        }
        flags
    }

    /// The flags that libclang needs to read a header as clang itself would.
    ///
    /// # Errors
    /// As [`Toolchain::libclang`].
    pub fn bindgen_flags(&self, language: Language) -> Result<Vec<OsString>, ToolchainError> {
        let mut flags = self.compile_flags(language);
        if let Some(resources) = libclang::resource_folder(self)? {
            flags.extend(["-resource-dir".into(), resources.into()]);
        }
        // bindgen skips hidden functions, and for WebAssembly everything is hidden unless it says otherwise.
        flags.push("-fvisibility=default".into());
        Ok(flags)
    }

    /// The file of libclang for bindgen, of clang's version or a newer one.
    ///
    /// Looked for in `LIBCLANG_PATH`, next to clang, where `llvm-config` says, and in the system's folders. A wasi-sdk
    /// carries none, so the system's serves there.
    ///
    /// # Errors
    /// [`ToolchainError::NoLibclang`] lists the places that were looked at; [`ToolchainError::Unusable`] if
    /// `LIBCLANG_PATH` is set but wrong.
    pub fn libclang(&self) -> Result<PathBuf, ToolchainError> {
        libclang::find(self)
    }

    /// Describes the toolchain for a user, from what is known without compiling; [`crate::probe()`] knows more.
    pub fn report(&self) -> Report<'_> {
        Report::new(self, None)
    }

    fn common_flags(&self) -> Vec<OsString> {
        // A configuration file of the machine's would add flags that are meant for the host.
        let mut flags = vec![OsString::from("--no-default-config"), OsString::from(format!("--target={}", self.target()))];
        let mut sysroot = OsString::from("--sysroot=");
        sysroot.push(&self.sysroot.root);
        flags.push(sysroot);
        if self.target() == "wasm32-wasi" && self.version.major >= 20 {
            // Newer compilers call this target by its new name and warn of the old one at every file.
            flags.push("-Wno-deprecated".into());
        }
        flags
    }
}
