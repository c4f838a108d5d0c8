//! Questions to the C compiler, with the headers and the flags of the library.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use sandbox_toolchain::ExecError;
use wasmparser::{Parser, Payload};

use crate::Error;
use crate::compile::{Compiler, Settings, describe, run};

/// Whom to ask.
pub(crate) struct Probe<'a> {
    pub(crate) compiler: Compiler<'a>,
    pub(crate) settings: &'a Settings,
    /// What every question includes.
    pub(crate) header: &'a Path,
    /// Where the files with the questions go.
    pub(crate) folder: &'a Path,
}

/// A C file with one question a line.
pub(crate) struct Questions {
    text: String,
    lines: usize,
}

impl Questions {
    /// Adds a line and returns its number.
    pub(crate) fn line(&mut self, text: &str) -> usize {
        let _ = writeln!(self.text, "{text}");
        self.lines += 1;
        self.lines
    }
}

/// The words that questions are made of. A header that defines one of them as a macro must not answer in the compiler's place.
const WORDS: [&str; 15] = [
    "_Static_assert",
    "_Alignof",
    "__attribute__",
    "__builtin_constant_p",
    "__builtin_offsetof",
    "__typeof__",
    "char",
    "const",
    "enum",
    "int",
    "sizeof",
    "static",
    "struct",
    "union",
    "unsigned",
];

impl Probe<'_> {
    /// Begins a file.
    pub(crate) fn questions(&self) -> Questions {
        let mut questions = Questions { text: String::new(), lines: 0 };
        questions.line(&format!("#include \"{}\"", self.header.display()));
        for word in WORDS {
            questions.line(&format!("#undef {word}"));
        }
        questions
    }

    /// The compiler, with what is needed to understand its answers, whatever flags the user has.
    fn command(&self, path: &Path) -> Result<Command, Error> {
        let mut command = self.compiler.command(path, self.settings)?;
        command.args(["-Wno-fatal-errors", "-fdiagnostics-format=clang", "-fno-color-diagnostics"]);
        Ok(command)
    }

    fn write(&self, questions: &Questions, name: &str) -> Result<PathBuf, Error> {
        let path = self.folder.join(name);
        std::fs::write(&path, &questions.text).map_err(Error::io("write", &path))?;
        Ok(path)
    }

    /// Compiles the file and returns the lines that do not hold.
    pub(crate) fn failing_lines(&self, mut questions: Questions, name: &str) -> Result<HashSet<usize>, Error> {
        // If this does not fail, the others do not hold for any other reason either.
        let canary = questions.line("_Static_assert(0, \"\");");
        let path = self.write(&questions, name)?;
        let mut command = self.command(&path)?;
        command.args(["-fsyntax-only", "-ferror-limit=0", "-fno-caret-diagnostics"]).arg(&path);
        let stderr = match run(&mut command) {
            Ok(stderr) | Err(ExecError::Failed { stderr, .. }) => stderr,
            Err(error) => return Err(error.into()),
        };
        let prefix = format!("{}:", path.display());
        let mut failing: HashSet<usize> = stderr
            .lines()
            .filter(|line| line.contains("error:"))
            .filter_map(|line| line.strip_prefix(&prefix)?.split(':').next()?.parse().ok())
            .collect();
        if failing.remove(&canary) {
            Ok(failing)
        } else {
            Err(self.refused(format!("the compiler does not say which lines of {} are wrong:\n{stderr}", path.display())))
        }
    }

    /// Compiles the file, of which every line has to hold.
    pub(crate) fn require(&self, questions: &Questions, name: &str) -> Result<(), Error> {
        let path = self.write(questions, name)?;
        let mut command = self.command(&path)?;
        command.arg("-fsyntax-only").arg(&path);
        run(&mut command).map(drop).map_err(|error| self.refused(describe(&error)))
    }

    /// Compiles the file to an object and returns what the variable in it has behind `magic`: `length` bytes.
    pub(crate) fn variable(&self, questions: &Questions, name: &str, magic: &[u8], length: usize) -> Result<Vec<u8>, Error> {
        let path = self.write(questions, name)?;
        let object = path.with_extension("o");
        let mut command = self.command(&path)?;
        // An object of link-time optimisation has no data yet.
        command.args(["-w", "-fno-lto", "-c", "-o"]).arg(&object).arg(&path);
        run(&mut command).map_err(|error| self.refused(describe(&error)))?;
        let wasm = std::fs::read(&object).map_err(Error::io("read", &object))?;
        data(&wasm, magic, length).ok_or_else(|| self.refused(format!("{} has no variable of {length} bytes", object.display())))
    }

    fn refused(&self, tool: String) -> Error {
        Error::Layout { library: self.compiler.library.to_owned(), tool }
    }
}

/// Returns what a data segment has behind `magic`, `length` bytes of it.
fn data(wasm: &[u8], magic: &[u8], length: usize) -> Option<Vec<u8>> {
    for payload in Parser::new(0).parse_all(wasm) {
        if let Ok(Payload::DataSection(segments)) = payload {
            return segments.into_iter().flatten().find_map(|segment| Some(segment.data.strip_prefix(magic)?.get(..length)?.to_vec()));
        }
    }
    None
}
