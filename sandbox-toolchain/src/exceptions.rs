//! C++ exceptions in the guest, through WebAssembly exceptions, where the toolchain's libraries have them.
//!
//! They are a property of libc++abi, which is usually built without: Debian's is, and that of a wasi-sdk before version 33. Later ones have
//! both kinds, and the compiler's flags choose.

use std::ffi::OsString;
use std::path::Path;

use crate::probe::{Check, Trial};
use crate::{Language, Toolchain, ToolchainError};

/// What a build adds for C++: with exceptions where they work, and without them elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExceptionSupport {
    /// Whether a program that throws and catches compiles and links.
    pub works: bool,
    /// Flags for every C++ source.
    pub compile_flags: Vec<OsString>,
    /// Flags for the link.
    pub link_flags: Vec<OsString>,
}

impl ExceptionSupport {
    /// Compiles without exceptions: `throw` and `try` do not compile, and where libc++ would throw it aborts.
    ///
    /// ```
    /// assert!(!sandbox_toolchain::ExceptionSupport::none().works);
    /// ```
    pub fn none() -> Self {
        Self { works: false, compile_flags: vec!["-fno-exceptions".into()], link_flags: Vec::new() }
    }

    fn wasm() -> Self {
        Self {
            works: true,
            // Engines refuse the legacy form, which is still LLVM's default.
            compile_flags: ["-fwasm-exceptions", "-mllvm", "-wasm-use-legacy-eh=false"].map(OsString::from).into(),
            // The first chooses between the two libc++ of a toolchain that has both.
            link_flags: ["-fwasm-exceptions", "-lunwind"].map(OsString::from).into(),
        }
    }
}

const THROWS: &str = "#include <stdexcept>\nextern \"C\" int twice(int x) {\n\
    try { if (x) throw std::runtime_error(\"x\"); } catch (const std::exception &) { return 2 * x; }\n    return 0;\n}\n";

/// Says what a build needs for C++, and tries it out if the toolchain looks as if it had exceptions.
///
/// # Errors
/// [`ToolchainError::Io`] if the folder cannot be used for the trial.
///
/// # Examples
/// ```no_run
/// # fn main() -> Result<(), sandbox_toolchain::ToolchainError> {
/// let toolchain = sandbox_toolchain::Toolchain::find()?;
/// let exceptions = sandbox_toolchain::exceptions::find(&toolchain, &std::env::temp_dir())?;
/// println!("{}", if exceptions.works { "with exceptions" } else { "without exceptions" });
/// # Ok(())
/// # }
/// ```
pub fn find(toolchain: &Toolchain, folder: &Path) -> Result<ExceptionSupport, ToolchainError> {
    if !toolchain.sysroot.has_unwinder() || toolchain.version().major < Toolchain::OLDEST_WITH_SETJMP {
        return Ok(ExceptionSupport::none());
    }
    let support = ExceptionSupport::wasm();
    let trial = Trial { compile_flags: &support.compile_flags, link_flags: &support.link_flags, ..Trial::default() };
    let works = trial.run(toolchain, folder, "exceptions", THROWS, Language::Cxx)?;
    Ok(if works == Check::Works { support } else { ExceptionSupport::none() })
}
