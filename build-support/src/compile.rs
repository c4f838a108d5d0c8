//! Compiles C and C++ files to Wasm objects.
//!
//! The `cc` crate prepares the compiler: it knows about wrappers such as `ccache` and the variables with which users add
//! flags (`CFLAGS_wasm32_wasip1`, …). The files are run from here, because a compile error has to be shown exactly
//! as clang printed it, with the file and the command, and `cc` interleaves the output of parallel compilations.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::rc::Rc;
use std::sync::Mutex;

use sandbox_toolchain::exec::{self, ExecError};
use sandbox_toolchain::{ExceptionSupport, Language, SetjmpSupport, Toolchain};

use crate::Error;
use crate::folders::Folders;

/// The target as `cc` knows it; the one that clang gets is the toolchain's.
const TARGET: &str = "wasm32-wasip1";

/// The settings that one group of files shares.
#[derive(Debug, Clone, Default)]
pub(crate) struct Settings {
    pub(crate) includes: Vec<PathBuf>,
    pub(crate) defines: Vec<(String, Option<String>)>,
    pub(crate) flags: Vec<OsString>,
    pub(crate) opt_level: Option<String>,
    /// Whether the compiler's warnings are shown, for the user's own files, or all suppressed.
    pub(crate) warnings: bool,
}

impl Settings {
    /// Returns the user's flags for a language.
    ///
    /// A library of both languages has one list of flags, and its headers are read as C: clang refuses the standard of the other language.
    pub(crate) fn flags_for(&self, language: Language) -> impl Iterator<Item = &OsString> {
        self.flags.iter().filter(move |flag| standard(flag).is_none_or(|of| of == language))
    }
}

/// One file to compile.
#[derive(Debug, Clone)]
pub(crate) struct Job {
    pub(crate) source: PathBuf,
    pub(crate) settings: Rc<Settings>,
}

/// What one compilation left.
#[derive(Debug)]
pub(crate) struct Compiled {
    pub(crate) source: PathBuf,
    pub(crate) object: PathBuf,
    pub(crate) depfile: PathBuf,
    pub(crate) warnings: String,
}

/// Makes compiler commands for one library.
#[derive(Debug)]
pub(crate) struct Compiler<'a> {
    pub(crate) library: &'a str,
    pub(crate) toolchain: &'a Toolchain,
    pub(crate) setjmp: Option<&'a SetjmpSupport>,
    pub(crate) exceptions: &'a ExceptionSupport,
    pub(crate) simd: bool,
    pub(crate) strength_reduction: bool,
    /// What file names in the module are relative to.
    pub(crate) folders: &'a Folders,
}

impl Compiler<'_> {
    /// Returns the command for a file, without what to make of it.
    pub(crate) fn command(&self, source: &Path, settings: &Settings) -> Result<Command, Error> {
        let language = language(source);
        if language == Language::Cxx && !self.toolchain.has_cxx() {
            return Err(Error::usage(
                self.library,
                format!(
                    "{} is C++, and the toolchain at {} has no C++ library; run `cargo sandbox setup`",
                    source.display(),
                    self.toolchain.root().display()
                ),
            ));
        }
        let tool = self.tool(language, settings)?;
        let mut command = Command::new(tool.path());
        for (name, value) in tool.get_envs() {
            command.env(name, value);
        }
        command.args(self.toolchain.compile_flags(language));
        if language == Language::Cxx {
            command.args(&self.exceptions.compile_flags);
        }
        if let Some(setjmp) = self.setjmp {
            for folder in &setjmp.include_dirs {
                command.arg("-isystem").arg(folder);
            }
            command.args(&setjmp.compile_flags);
        }
        if self.simd {
            command.arg("-msimd128");
        }
        if !self.strength_reduction {
            command.args(["-mllvm", "-disable-lsr"]);
        }
        command.arg(format!("-O{}", settings.opt_level.as_deref().unwrap_or("3")));
        for folder in &settings.includes {
            command.arg("-I").arg(folder);
        }
        for (name, value) in &settings.defines {
            command.arg(match value {
                Some(value) => format!("-D{name}={value}"),
                None => format!("-D{name}"),
            });
        }
        command.args(settings.flags_for(language)).args(tool.args());
        Ok(command)
    }

    /// Returns the flags that the environment adds for this target.
    pub(crate) fn environment_flags(&self, language: Language, settings: &Settings) -> Result<Vec<OsString>, Error> {
        Ok(self.tool(language, settings)?.args().to_vec())
    }

    fn tool(&self, language: Language, settings: &Settings) -> Result<cc::Tool, Error> {
        let mut build = cc::Build::new();
        build
            .compiler(if language == Language::Cxx { self.toolchain.clangxx() } else { self.toolchain.clang() })
            .cpp(language == Language::Cxx)
            .target(TARGET)
            .host("unknown")
            .opt_level_str("3")
            .no_default_flags(true)
            .warnings(settings.warnings)
            .cargo_warnings(false)
            .cargo_debug(false)
            .cargo_metadata(false);
        build.try_get_compiler().map_err(|error| Error::usage(self.library, format!("cannot prepare the compiler: {error}")))
    }

    /// Returns the variables with which a user adds flags for this target; `cc` reads them.
    pub(crate) fn variables(&self) -> Vec<String> {
        let mut names = vec!["CRATE_CC_NO_DEFAULTS".to_owned()];
        for flags in ["CFLAGS", "CXXFLAGS"] {
            names.push(flags.to_owned());
            names.push(format!("TARGET_{flags}"));
            names.push(format!("{flags}_{TARGET}"));
            names.push(format!("{flags}_{}", TARGET.replace('-', "_")));
        }
        names
    }

    /// Compiles files to objects, several at once.
    pub(crate) fn compile(&self, jobs: &[Job], folder: &Path, parallel: usize) -> Result<Vec<Compiled>, Error> {
        let mut commands = Vec::new();
        for (index, job) in jobs.iter().enumerate() {
            // Two folders may hold files of one name.
            let name = job.source.file_name().unwrap_or_default().to_string_lossy();
            let object = folder.join(format!("{index:03}-{name}.o"));
            let depfile = object.with_extension("d");
            let mut command = self.command(&job.source, &job.settings)?;
            command.args(self.folders.flags());
            // Line numbers change nothing in the code; the user's own choice may say more, or less.
            if !command.get_args().any(|flag| flag.to_string_lossy().starts_with("-g")) {
                command.arg("-gline-tables-only");
            }
            command.arg("-MD").arg("-MF").arg(&depfile).arg("-c").arg(&job.source).arg("-o").arg(&object);
            let compiled = Compiled { source: job.source.clone(), object, depfile, warnings: String::new() };
            commands.push((index, command, compiled));
        }
        let parallel = parallel.clamp(1, commands.len().max(1));
        let queue = Mutex::new(commands.into_iter());
        let done = Mutex::new(Vec::new());
        let worker = || {
            while let Some((index, mut command, mut compiled)) = queue.lock().ok().and_then(|mut queue| queue.next()) {
                let result = match run(&mut command) {
                    Ok(warnings) => {
                        compiled.warnings = warnings;
                        Ok(compiled)
                    }
                    Err(error) => {
                        // What is running ends; nothing new starts.
                        if let Ok(mut queue) = queue.lock() {
                            queue.by_ref().for_each(drop);
                        }
                        Err((compiled.source, error))
                    }
                };
                if let Ok(mut done) = done.lock() {
                    done.push((index, result));
                }
            }
        };
        std::thread::scope(|scope| {
            for _ in 0..parallel {
                scope.spawn(worker);
            }
        });
        let mut done = done.into_inner().unwrap_or_else(|poison| poison.into_inner());
        // The order of the objects decides the layout of the module: it must not depend on who was first.
        done.sort_by_key(|(index, _)| *index);
        done.into_iter().map(|(_, result)| result.map_err(|(source, error)| self.error(&source, &error))).collect()
    }

    /// Describes a failed compilation: the command, and what the compiler printed, unchanged.
    pub(crate) fn error(&self, source: &Path, error: &ExecError) -> Error {
        let (library, tool) = (self.library.to_owned(), describe(error));
        // clang's own words: "cannot use 'throw' with exceptions disabled".
        if !self.exceptions.works && tool.contains("with exceptions disabled") {
            return Error::Exceptions { library, toolchain: self.toolchain.root().to_owned(), tool };
        }
        Error::Compile { library, file: source.to_owned(), tool }
    }
}

/// Shows a tool's failure: the command, then its output as it is.
pub(crate) fn describe(error: &ExecError) -> String {
    match error {
        ExecError::Failed { command, stdout, stderr, .. } => {
            let output = if stderr.trim().is_empty() { stdout } else { stderr };
            format!("{command}\n{}", output.trim_end())
        }
        other => other.to_string(),
    }
}

/// Tells C from C++ by the file's extension.
pub(crate) fn language(source: &Path) -> Language {
    match source.extension().and_then(|extension| extension.to_str()) {
        Some("cc" | "cpp" | "cxx" | "c++" | "C") => Language::Cxx,
        _ => Language::C,
    }
}

/// Tells for which language a flag chooses the standard, if it is such a flag.
fn standard(flag: &OsStr) -> Option<Language> {
    let name = flag.to_str()?.trim_start_matches('-').strip_prefix("std=")?;
    Some(if name.contains("++") { Language::Cxx } else { Language::C })
}

/// Runs a command and returns its error stream, where compilers put warnings.
pub(crate) fn run(command: &mut Command) -> Result<String, ExecError> {
    exec::run(command).map(|finished| finished.stderr)
}
