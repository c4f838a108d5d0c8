//! Compiles C and C++ files to Wasm objects.
//!
//! The compiler sees nothing of the environment: what the build script says, and the variables that
//! are meant for the guest, are all its flags ([`cargo::guest_flags`]). A compile error is shown as
//! clang printed it.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::rc::Rc;
use std::sync::Mutex;
use std::time::SystemTime;

use sandbox_toolchain::exec::{self, ExecError};
use sandbox_toolchain::{ExceptionSupport, Language, SetjmpSupport, Toolchain};

use sha2::{Digest as _, Sha256};

use crate::folders::Folders;
use crate::{Error, cargo, depfile, hints};

/// The settings that one group of files shares.
#[derive(Debug, Clone, Default)]
pub(crate) struct Settings {
    pub(crate) includes: Vec<PathBuf>,
    pub(crate) defines: Vec<(String, Option<String>)>,
    pub(crate) flags: Vec<OsString>,
    pub(crate) opt_level: Option<String>,
    /// Whether the compiler's warnings are shown, for the user's own files, or all suppressed.
    pub(crate) warnings: bool,
    /// Whether they are for text that is preprocessed.
    pub(crate) preprocessed: bool,
}

impl Settings {
    /// Returns the settings for a text that was preprocessed with these: what the preprocessor
    /// reads has been read.
    pub(crate) fn preprocessed(&self) -> Self {
        Self { includes: Vec::new(), defines: Vec::new(), flags: not_for_the_preprocessor(&self.flags), preprocessed: true, ..self.clone() }
    }

    /// Returns the flags for the guest that the environment has.
    pub(crate) fn environment_flags(&self, language: Language) -> Vec<OsString> {
        let flags = cargo::guest_flags(language == Language::Cxx);
        if self.preprocessed { not_for_the_preprocessor(&flags) } else { flags }
    }

    /// Returns the user's flags for a language.
    ///
    /// A library of both languages has one list of flags, and its headers are read as C: clang
    /// refuses the standard of the other language.
    pub(crate) fn flags_for(&self, language: Language) -> impl Iterator<Item = &OsString> {
        self.flags.iter().filter(move |flag| standard(flag).is_none_or(|of| of == language))
    }
}

/// Leaves out the flags of the preprocessor, with their values.
fn not_for_the_preprocessor(flags: &[OsString]) -> Vec<OsString> {
    const WITH_VALUE: [&str; 12] = [
        "-include",
        "-imacros",
        "-include-pch",
        "-I",
        "-D",
        "-U",
        "-isystem",
        "-iquote",
        "-idirafter",
        "-iwithprefix",
        "-iwithprefixbefore",
        "-Xpreprocessor",
    ];
    const JOINED: [&str; 10] = ["-I", "-D", "-U", "-Wp,", "-isystem", "-iquote", "-idirafter", "-include", "-imacros", "--include"];
    let mut kept = Vec::new();
    let mut given = flags.iter().peekable();
    while let Some(flag) = given.next() {
        let text = flag.to_string_lossy();
        // `-Xclang -include -Xclang file`.
        let inner = if text == "-Xclang" { given.peek().map(|next| next.to_string_lossy()) } else { None };
        if let Some(inner) = inner.filter(|inner| WITH_VALUE.contains(&&**inner) || JOINED.iter().any(|known| inner.starts_with(known))) {
            let skip = if WITH_VALUE.contains(&&*inner) { 3 } else { 1 };
            given.by_ref().take(skip).for_each(drop);
        } else if WITH_VALUE.contains(&&*text) {
            given.next();
        } else if !JOINED.iter().any(|known| text.starts_with(known)) {
            kept.push(flag.clone());
        }
    }
    kept
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
#[derive(Debug, Clone, Copy)]
pub(crate) struct Compiler<'a> {
    pub(crate) library: &'a str,
    pub(crate) toolchain: &'a Toolchain,
    pub(crate) setjmp: Option<&'a SetjmpSupport>,
    pub(crate) exceptions: &'a ExceptionSupport,
    pub(crate) simd: bool,
    /// Whether the compiler may use SIMD where the C code does not ask for it.
    pub(crate) vectorize: bool,
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
        let mut command = exec::tool(if language == Language::Cxx { self.toolchain.clangxx() } else { self.toolchain.clang() });
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
        if !self.vectorize {
            command.args(["-fno-vectorize", "-fno-slp-vectorize"]);
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
        command.arg(if settings.warnings { "-Wall" } else { "-w" });
        command.args(settings.flags_for(language)).args(settings.environment_flags(language));
        Ok(command)
    }

    /// Compiles files to objects, several at once. An object of the same preprocessed text, flags
    /// and compiler that is in the folder is used again.
    pub(crate) fn compile(&self, jobs: &[Job], folder: &Path, parallel: usize) -> Result<Vec<Compiled>, Error> {
        std::fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
        let mut commands = Vec::new();
        for (index, job) in jobs.iter().enumerate() {
            let mut command = self.command(&job.source, &job.settings)?;
            command.args(self.folders.flags());
            // Line numbers change nothing in the code; the user's own choice may say more, or less.
            if !command.get_args().any(|flag| flag.to_string_lossy().starts_with("-g")) {
                command.arg("-gline-tables-only");
            }
            commands.push((index, command, job.source.clone()));
        }
        let parallel = parallel.clamp(1, commands.len().max(1));
        let queue = Mutex::new(commands.into_iter());
        let done = Mutex::new(Vec::new());
        let worker = || {
            while let Some((index, command, source)) = queue.lock().ok().and_then(|mut queue| queue.next()) {
                let result = self.object(index, command, &source, folder);
                if result.is_err()
                    && let Ok(mut queue) = queue.lock()
                {
                    // What is running ends; nothing new starts.
                    queue.by_ref().for_each(drop);
                }
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
        // The order of the objects decides the layout of the module: it must not depend on who was
        // first.
        done.sort_by_key(|(index, _)| *index);
        done.into_iter().map(|(_, result)| result).collect()
    }

    /// Makes one object, or finds it.
    fn object(&self, index: usize, command: Command, source: &Path, folder: &Path) -> Result<Compiled, Error> {
        let tool = |command: &mut Command| run(command).map_err(|error| self.error(source, &error));
        let flags: Vec<OsString> = command.get_args().map(OsStr::to_owned).collect();
        let again = || {
            let mut again = exec::tool(command.get_program());
            again.args(&flags);
            again
        };
        let begin = SystemTime::now();
        // Two folders may hold files of one name.
        let name = source.file_name().unwrap_or_default().to_string_lossy();
        let depfile = folder.join(format!("{index:03}-{name}.d"));
        let text = if source.extension().is_some_and(|extension| ["s", "i", "ii", "ll", "bc"].iter().any(|known| extension == *known)) {
            let _ = std::fs::remove_file(&depfile);
            std::fs::read(source).map_err(Error::io("read", source))?
        } else {
            let expanded = folder.join(format!("{index:03}-{name}.expanded"));
            tool(again().args(["-E", "-MD", "-MF"]).arg(&depfile).arg(source).arg("-o").arg(&expanded))?;
            let text = std::fs::read(&expanded).map_err(Error::io("read", &expanded))?;
            std::fs::remove_file(&expanded).map_err(Error::io("remove", &expanded))?;
            text
        };
        let mut hash = Sha256::new();
        for part in [OsStr::new(source), self.toolchain.clang().as_os_str()].into_iter().chain(flags.iter().map(OsString::as_os_str)) {
            hash.update(part.as_encoded_bytes());
            hash.update([0]);
        }
        hash.update(self.toolchain.version().to_string());
        for file in named_files(&flags) {
            hash.update(std::fs::read(&file).map_err(Error::io("read", &file))?);
        }
        // What an assembler reads besides is in no text.
        let whole = ![&b".incbin"[..], b".include"].iter().any(|word| text.windows(word.len()).any(|window| window == *word));
        hash.update(text);
        let key: String = hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        let object = folder.join(format!("{key}-{name}.o"));
        let record = object.with_extension("record");
        if let Some(warnings) = if whole { kept(&object, &record, &key) } else { None } {
            return Ok(Compiled { source: source.to_owned(), object, depfile, warnings });
        }
        let unfinished = folder.join(format!("{index:03}-{name}.unfinished"));
        let said = tool(again().arg("-c").arg(source).arg("-o").arg(&unfinished))?;
        std::fs::rename(&unfinished, &object).map_err(Error::io("write", &object))?;
        // With its record it can be used again: not if somebody wrote to a file meanwhile, and the
        // object may be of another text.
        if changed_since(begin, source, &depfile) {
            let _ = std::fs::remove_file(&record);
        } else {
            let made = std::fs::read(&object).map_err(Error::io("read", &object))?;
            std::fs::write(&record, format!("{key} {}\n{said}", digest(&made))).map_err(Error::io("write", &record))?;
        }
        Ok(Compiled { source: source.to_owned(), object, depfile, warnings: said })
    }

    /// Describes a failed compilation: what the compiler printed, unchanged, what it is known to
    /// mean, and the command.
    pub(crate) fn error(&self, source: &Path, error: &ExecError) -> Error {
        let library = self.library.to_owned();
        let hint = if language(source) == Language::Cxx { hints::no_threads(source, output(error)) } else { None };
        let tool = describe_with(error, &(hint.unwrap_or_default() + &cargo::guest_flags_note()));
        // clang's own words: "cannot use 'throw' with exceptions disabled".
        if !self.exceptions.works && tool.contains("with exceptions disabled") {
            return Error::Exceptions { library, toolchain: self.toolchain.root().to_owned(), tool };
        }
        Error::Compile { library, file: source.to_owned(), tool }
    }
}

/// Returns the compiler's warnings for an object that an earlier build left under this key, if it
/// is as that build left it.
fn kept(object: &Path, record: &Path, key: &str) -> Option<String> {
    let record = std::fs::read_to_string(record).ok()?;
    let (of, warnings) = record.split_once('\n')?;
    (of == format!("{key} {}", digest(&std::fs::read(object).ok()?))).then(|| warnings.to_owned())
}

pub(crate) fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Returns the files that flags name, such as `-fprofile-use=FILE`: what is in them decides what an
/// object is.
pub(crate) fn named_files(flags: &[OsString]) -> Vec<PathBuf> {
    let values = flags.iter().filter_map(|flag| flag.to_str()).map(|flag| {
        let flag = flag.strip_prefix('@').unwrap_or(flag);
        flag.strip_prefix('-').and_then(|flag| flag.split_once('=')).map_or(flag, |(_, value)| value)
    });
    values.map(PathBuf::from).filter(|path| path.is_file()).collect()
}

/// Returns the folders in which flags let headers be searched for.
pub(crate) fn named_folders(flags: &[OsString]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut flags = flags.iter().filter_map(|flag| flag.to_str()).filter(|flag| *flag != "-Xclang");
    while let Some(flag) = flags.next() {
        if let Some(joined) = ["-isystem", "-iquote", "-idirafter", "-I"].iter().find_map(|known| flag.strip_prefix(known)) {
            found.extend(if joined.is_empty() { flags.next() } else { Some(joined) }.map(PathBuf::from));
        }
    }
    found.retain(|folder| folder.is_dir());
    found
}

/// Says whether a source, or what it includes, was written to since then.
fn changed_since(begin: SystemTime, source: &Path, depfile: &Path) -> bool {
    let text = std::fs::read(depfile).unwrap_or_default();
    let included = depfile::parse(&String::from_utf8_lossy(&text));
    let newer = |file: &Path| file.metadata().and_then(|meta| meta.modified()).is_ok_and(|modified| modified >= begin);
    newer(source) || included.iter().any(|file| newer(file))
}

/// Shows a tool's failure: its output as it is, then the command.
pub(crate) fn describe(error: &ExecError) -> String {
    describe_with(error, "")
}

/// The same, with advice between the two: a command is long, and the last thing to look at.
pub(crate) fn describe_with(error: &ExecError, advice: &str) -> String {
    let advice = advice.trim_start_matches('\n');
    let (before, after) = match error {
        ExecError::Failed { command, .. } => (output(error).to_owned(), format!("\nthe command: {command}")),
        other => (other.to_string(), String::new()),
    };
    let line = if advice.is_empty() || before.is_empty() { "" } else { "\n" };
    format!("{before}{line}{advice}{after}")
}

/// Returns what a tool that failed has printed.
pub(crate) fn output(error: &ExecError) -> &str {
    match error {
        ExecError::Failed { stdout, stderr, .. } => if stderr.trim().is_empty() { stdout } else { stderr }.trim_end(),
        _ => "",
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_of_the_preprocessor_go_with_their_values() {
        let flags =
            "-O2 -include a.h -DX=1 -D Y -I dir -Idir -Xclang -include -Xclang b.h -include-pch c.pch -Xclang -fno-x -Wp,-DZ -std=c99 -U V";
        let flags: Vec<OsString> = flags.split(' ').map(OsString::from).collect();
        assert_eq!(not_for_the_preprocessor(&flags), ["-O2", "-Xclang", "-fno-x", "-std=c99"]);
    }
}
