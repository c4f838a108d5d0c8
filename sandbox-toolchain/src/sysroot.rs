//! The guest's headers and libraries.

use std::path::{Path, PathBuf};

/// Names that the target has had, newest first. They mean the same ABI.
const TARGETS: [&str; 2] = ["wasm32-wasip1", "wasm32-wasi"];

/// The folders of libc++ where there may be more than one.
const KINDS: [&str; 3] = ["", "noeh", "eh"];

/// A folder with wasi-libc's headers and libraries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sysroot {
    /// What clang gets as `--sysroot`.
    pub(crate) root: PathBuf,
    /// The target that this sysroot was built for.
    pub(crate) target: &'static str,
    /// The folder with the headers of libc.
    pub(crate) include: PathBuf,
    /// The folder with `libc.a`.
    pub(crate) lib: PathBuf,
    /// Whether the host's headers lie in `root/include`, where clang would look after the guest's.
    pub(crate) shared_with_host: bool,
}

impl Sysroot {
    /// Looks for a sysroot of its own (`share/wasi-sysroot` of a wasi-sdk).
    pub(crate) fn own(root: &Path) -> Result<Self, String> {
        for target in TARGETS {
            let lib = root.join("lib").join(target);
            if !lib.join("libc.a").is_file() {
                continue;
            }
            // Up to wasi-sdk 20 the headers had no folder per target.
            let include = [root.join("include").join(target), root.join("include")]
                .into_iter()
                .find(|folder| folder.join("stdlib.h").is_file())
                .ok_or_else(|| format!("{} has libraries but no headers (stdlib.h)", root.display()))?;
            return Ok(Self { root: root.into(), target, include, lib, shared_with_host: false });
        }
        Err(format!("no lib/wasm32-wasip1/libc.a or lib/wasm32-wasi/libc.a in {}", root.display()))
    }

    /// Looks for what a distribution installs under its prefix: Debian's layout, or a sysroot in `share`.
    pub(crate) fn of_distribution(prefix: &Path) -> Result<Self, String> {
        for target in TARGETS {
            let include = prefix.join("include").join(target);
            let lib = prefix.join("lib").join(target);
            if include.join("stdlib.h").is_file() && lib.join("libc.a").is_file() {
                return Ok(Self { root: prefix.into(), target, include, lib, shared_with_host: true });
            }
        }
        Self::own(&prefix.join("share/wasi-sysroot")).map_err(|_| {
            format!("no wasi-libc (neither include/wasm32-wasi and lib/wasm32-wasi nor share/wasi-sysroot in {})", prefix.display())
        })
    }

    /// Whether libc++ is there: once, or twice, without exceptions and with them (wasi-sdk 33 and later).
    pub(crate) fn has_cxx(&self) -> bool {
        let has = |folder: &Path, file: &str| KINDS.iter().any(|kind| folder.join(kind).join(file).is_file());
        let header = has(&self.include, "c++/v1/vector") || self.root.join("include/c++/v1/vector").is_file();
        header && has(&self.lib, "libc++.a") && has(&self.lib, "libc++abi.a")
    }

    /// Whether there is a library for unwinding, without which nothing can be thrown.
    pub(crate) fn has_unwinder(&self) -> bool {
        KINDS.iter().any(|kind| self.lib.join(kind).join("libunwind.a").is_file())
    }

    /// Whether the sysroot brings `setjmp.h` and its run-time (wasi-sdk 25 and later).
    pub(crate) fn has_setjmp(&self) -> bool {
        self.include.join("setjmp.h").is_file() && self.lib.join("libsetjmp.a").is_file()
    }
}
