//! setjmp and longjmp in the guest, through WebAssembly exceptions.
//!
//! A recent sysroot brings `setjmp.h` and `libsetjmp` (wasi-sdk 25 and later). For others this module supplies both,
//! written after the [convention](https://github.com/WebAssembly/tool-conventions/blob/main/SetjmpLongjmp.md).

use std::ffi::OsString;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::{Toolchain, ToolchainError};

/// What a build adds so that C code can use setjmp and longjmp.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SetjmpSupport {
    /// Folders to search for headers before the sysroot's.
    pub include_dirs: Vec<PathBuf>,
    /// Flags for every source of the library and of the run-time.
    pub compile_flags: Vec<OsString>,
    /// Sources of the run-time, to be compiled and linked with the library: C, and assembly (`.s`).
    pub sources: Vec<PathBuf>,
    /// Flags for these sources alone, after all others: they must not take part in link-time optimisation.
    pub source_flags: Vec<OsString>,
    /// Flags for the link.
    pub link_flags: Vec<OsString>,
}

/// The sources for a sysroot that has none of its own: name, content.
const FILES: [(&str, &str); 3] = [
    ("setjmp.h", include_str!("setjmp/setjmp.h")),
    ("runtime.c", include_str!("setjmp/runtime.c")),
    ("tag.s", include_str!("setjmp/tag.s")),
];

/// Says what a build needs for setjmp, and writes our own header and run-time into `out_dir` if the sysroot has none.
///
/// # Errors
/// [`ToolchainError::NoSetjmp`] if the compiler is too old; [`ToolchainError::Io`] if a file cannot be written.
pub fn install(toolchain: &Toolchain, out_dir: &Path) -> Result<SetjmpSupport, ToolchainError> {
    if !toolchain.has_setjmp() {
        return Err(ToolchainError::NoSetjmp {
            toolchain: toolchain.root().into(),
            reason: format!(
                "its clang is {}, and standard WebAssembly exceptions need {} or later",
                toolchain.version(),
                Toolchain::OLDEST_WITH_SETJMP
            ),
        });
    }
    // Engines refuse the legacy form of exceptions, which is still LLVM's default.
    let exceptions = ["-wasm-enable-sjlj", "-wasm-use-legacy-eh=false"];
    let mut support = SetjmpSupport {
        compile_flags: exceptions.iter().flat_map(|flag| ["-mllvm".into(), OsString::from(flag)]).collect(),
        // For link-time optimisation, which generates code in the linker. Without the model it links, and never catches.
        link_flags: exceptions.iter().chain(&["-exception-model=wasm"]).map(|flag| format!("-Wl,-mllvm,{flag}").into()).collect(),
        ..SetjmpSupport::default()
    };
    if toolchain.sysroot.has_setjmp() {
        support.link_flags.push("-lsetjmp".into());
        return Ok(support);
    }
    let folder = out_dir.join("setjmp");
    fs::create_dir_all(&folder).map_err(|source| ToolchainError::Io { action: "create", path: folder.clone(), source })?;
    for (name, content) in FILES {
        write(&folder.join(name), content)?;
    }
    support.sources = vec![folder.join("runtime.c"), folder.join("tag.s")];
    // Assembly has no use for include folders and optimisation, and clang would warn of each.
    support.source_flags = vec!["-fno-lto".into(), "-Wno-unused-command-line-argument".into()];
    support.include_dirs.push(folder);
    Ok(support)
}

/// Writes a file whole or not at all, and leaves one that is right already alone, so that nothing is rebuilt for it.
fn write(path: &Path, content: &str) -> Result<(), ToolchainError> {
    if fs::read_to_string(path).is_ok_and(|present| present == content) {
        return Ok(());
    }
    let write = || {
        let mut file = tempfile::NamedTempFile::new_in(path.parent().unwrap_or(Path::new(".")))?;
        file.write_all(content.as_bytes())?;
        file.persist(path).map_err(|error| error.error)
    };
    write().map(drop).map_err(|source| ToolchainError::Io { action: "write", path: path.into(), source })
}
