//! Tries a toolchain out, since files that are there need not work.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::{Language, Report, SetjmpSupport, Toolchain, ToolchainError, exceptions, exec, setjmp};

/// The outcome of one trial.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Check {
    /// It compiled and linked.
    Works,
    /// The toolchain does not have it.
    Missing(String),
    /// The toolchain has it, but it failed: the command and what it printed.
    Failed(String),
}

impl Check {
    /// Whether it works.
    pub fn works(&self) -> bool {
        *self == Self::Works
    }
}

/// What a toolchain can really do.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Probe {
    /// A two-line C library.
    pub c: Check,
    /// C with setjmp and longjmp.
    pub setjmp: Check,
    /// A C++ library that uses the standard library.
    pub cxx: Check,
    /// Whether C++ can throw.
    pub exceptions: bool,
    /// libclang, for the bindings.
    pub libclang: Check,
}

impl Probe {
    /// Whether a C library can be built and bound. setjmp and C++ are needed by some libraries only.
    pub fn usable(&self) -> bool {
        self.c.works() && self.libclang.works()
    }

    /// Describes the toolchain with what was tried.
    pub fn report<'a>(&'a self, toolchain: &'a Toolchain) -> Report<'a> {
        Report::new(toolchain, Some(self))
    }
}

const C: &str = "#include <stdlib.h>\nint twice(int x) { int *p = malloc(sizeof *p); *p = x; x = 2 * *p; free(p); return x; }\n";
const SETJMP: &str = "#include <setjmp.h>\nstatic jmp_buf env;\nvoid jump(void) { longjmp(env, 1); }\n\
    int twice(int x) { if (setjmp(env)) return 2 * x; jump(); return 0; }\n";
const CXX: &str = "#include <string>\n#include <vector>\nextern \"C\" int twice(int x) { std::vector<std::string> v(2, std::string(x, 'a')); \
    return v[0].size() + v[1].size(); }\n";

/// Compiles and links small libraries in a temporary folder.
///
/// # Errors
/// [`ToolchainError::Io`] if the temporary folder cannot be used. What the toolchain cannot do is in the result.
pub fn probe(toolchain: &Toolchain) -> Result<Probe, ToolchainError> {
    let folder = tempfile::Builder::new().prefix("sandbox-probe-").tempdir().map_err(|source| ToolchainError::Io {
        action: "create a folder in",
        path: std::env::temp_dir(),
        source,
    })?;
    let folder = folder.path();
    let c = Trial::default().run(toolchain, folder, "c", C, Language::C)?;
    let setjmp = match setjmp::install(toolchain, folder) {
        Ok(support) => Trial::from(&support).run(toolchain, folder, "setjmp", SETJMP, Language::C)?,
        Err(ToolchainError::NoSetjmp { reason, .. }) => Check::Missing(reason),
        Err(error) => return Err(error),
    };
    let (cxx, exceptions) = if toolchain.has_cxx() {
        // As a build does it: of a libc++ that has exceptions, nothing links without the unwinder.
        let support = exceptions::find(toolchain, folder)?;
        let trial = Trial { compile_flags: &support.compile_flags, link_flags: &support.link_flags, ..Trial::default() };
        (trial.run(toolchain, folder, "cxx", CXX, Language::Cxx)?, support.works)
    } else {
        (Check::Missing(cxx_advice(toolchain)), false)
    };
    let libclang = match toolchain.libclang() {
        Ok(_) => Check::Works,
        Err(error) => Check::Missing(error.to_string()),
    };
    Ok(Probe { c, setjmp, cxx, exceptions, libclang })
}

fn cxx_advice(toolchain: &Toolchain) -> String {
    match toolchain.kind() {
        crate::Kind::Distribution => format!(
            "no libc++ for WebAssembly (Debian: packages libc++-{0}-dev-wasm32 and libc++abi-{0}-dev-wasm32)",
            toolchain.version().major
        ),
        crate::Kind::WasiSdk => "this wasi-sdk has no libc++".into(),
    }
}

/// What a trial adds to the toolchain's own flags.
#[derive(Default)]
pub(crate) struct Trial<'a> {
    pub(crate) include_dirs: &'a [PathBuf],
    pub(crate) compile_flags: &'a [OsString],
    pub(crate) sources: &'a [PathBuf],
    pub(crate) link_flags: &'a [OsString],
}

impl<'a> From<&'a SetjmpSupport> for Trial<'a> {
    fn from(support: &'a SetjmpSupport) -> Self {
        let SetjmpSupport { include_dirs, compile_flags, sources, link_flags, .. } = support;
        Self { include_dirs, compile_flags, sources, link_flags }
    }
}

impl Trial<'_> {
    /// Compiles and links a small library that has a function `twice`.
    pub(crate) fn run(
        &self,
        toolchain: &Toolchain,
        folder: &Path,
        name: &str,
        text: &str,
        language: Language,
    ) -> Result<Check, ToolchainError> {
        let (compiler, extension) = match language {
            Language::C => (toolchain.clang(), "c"),
            Language::Cxx => (toolchain.clangxx(), "cpp"),
        };
        let source = folder.join(format!("{name}.{extension}"));
        std::fs::write(&source, text).map_err(|error| ToolchainError::Io { action: "write", path: source.clone(), source: error })?;
        let mut objects: Vec<PathBuf> = Vec::new();
        for (source, compiler, flags) in std::iter::once((&source, compiler, toolchain.compile_flags(language)))
            .chain(self.sources.iter().map(|source| (source, toolchain.clang(), toolchain.compile_flags(Language::C))))
        {
            let object = folder.join(format!("{name}-{}.o", objects.len()));
            let mut command = exec::tool(compiler);
            command.args(flags).args(self.compile_flags);
            for include in self.include_dirs {
                command.arg("-I").arg(include);
            }
            // A flag that assembly has no use for is no reason to worry a user.
            command.args(["-O1", "-Wno-unused-command-line-argument", "-c"]).arg(source).arg("-o").arg(&object);
            if let Err(error) = exec::run(&mut command) {
                return Ok(Check::Failed(error.to_string()));
            }
            objects.push(object);
        }
        let module = folder.join(format!("{name}.wasm"));
        let mut command = exec::tool(compiler);
        command.args(toolchain.link_flags()).args(["-mexec-model=reactor", "-Wl,--export=twice"].map(OsString::from));
        command.args(&objects).args(self.link_flags).arg("-o").arg(&module);
        if let Err(error) = exec::run(&mut command) {
            return Ok(Check::Failed(error.to_string()));
        }
        match std::fs::read(&module) {
            Ok(bytes) if bytes.starts_with(b"\0asm") => Ok(Check::Works),
            _ => Ok(Check::Failed(format!("{} linked something that is no WebAssembly module", compiler.display()))),
        }
    }
}
