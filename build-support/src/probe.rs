//! Questions to the C compiler, with the headers and the flags of the library.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use sandbox_toolchain::exec::{self, ExecError};
use wasmparser::{Parser, Payload};

use crate::compile::{Compiler, Settings, describe};
use crate::{Error, cargo};

/// What the compiler says of the lines that do not hold; and an error, if it did not get to the
/// last.
type AsFar = (HashMap<usize, String>, Result<(), String>);

/// Whom to ask.
pub(crate) struct Probe<'a> {
    pub(crate) compiler: Compiler<'a>,
    /// The settings with which the headers are preprocessed.
    pub(crate) headers: &'a Settings,
    /// The headers, preprocessed: what every question begins with.
    pub(crate) text: &'a [u8],
    /// Where the files with the questions go.
    pub(crate) folder: &'a Path,
}

/// A preprocessed C file with one question a line, after the headers.
pub(crate) struct Questions {
    text: Vec<u8>,
    lines: usize,
}

/// How long the compiler may think about questions: a macro can be one that it never gets over.
const PATIENCE: Duration = Duration::from_secs(300);

/// What the compiler says of an assertion that does not hold.
pub(crate) const ASSERTION_FAILED: &str = "static assertion failed";

/// By which the compiler names the lines of questions.
const FILE: &str = "sandbox-questions";

impl Questions {
    /// Adds a line and returns its number.
    pub(crate) fn line(&mut self, text: &str) -> usize {
        self.line_around(text, b"", "")
    }

    /// Adds a line of which the middle is C text of the library, and returns its number.
    pub(crate) fn line_around(&mut self, before: &str, text: &[u8], behind: &str) -> usize {
        for part in [before.as_bytes(), text, behind.as_bytes(), b"\n"] {
            self.text.extend_from_slice(part);
        }
        self.lines += 1;
        self.lines
    }

    /// Begins the type of the variable that holds answers; its members follow.
    pub(crate) fn begin_answers(&mut self) {
        self.line("struct __attribute__((packed)) sandbox_answers {");
        self.line("unsigned char magic[8];");
    }

    /// Begins the variable that holds answers; its values follow. Returns what its bytes begin
    /// with: the header may define variables, too, so this one is known by a number that no header
    /// can know.
    pub(crate) fn begin_values(&mut self) -> [u8; 8] {
        let magic = RandomState::new().build_hasher().finish().to_ne_bytes();
        self.line("};");
        self.line("__attribute__((used)) const struct sandbox_answers sandbox_answers = {");
        self.line(&format!(".magic = {{ {} }},", magic.map(|byte| byte.to_string()).join(", ")));
        magic
    }

    pub(crate) fn end_values(&mut self) {
        self.line("};");
    }
}

impl Probe<'_> {
    /// Begins a file.
    pub(crate) fn questions(&self) -> Questions {
        let mut text = self.text.to_vec();
        text.extend_from_slice(format!("\n# 1 \"{FILE}\"\n").as_bytes());
        Questions { text, lines: 0 }
    }

    /// The compiler for a preprocessed file, with what is needed to understand its answers,
    /// whatever flags the user has.
    pub(crate) fn command(&self, path: &Path) -> Result<Command, Error> {
        let mut command = self.compiler.command(path, &self.headers.preprocessed())?;
        command.args(["-Qunused-arguments", "-Wno-fatal-errors", "-fdiagnostics-format=clang", "-fno-color-diagnostics"]);
        Ok(command)
    }

    /// Writes text to a file for the compiler.
    pub(crate) fn write(&self, text: &[u8], name: &str) -> Result<PathBuf, Error> {
        let path = self.folder.join(name);
        std::fs::write(&path, text).map_err(Error::io("write", &path))?;
        Ok(path)
    }

    /// Compiles the file and returns the lines that do not hold.
    pub(crate) fn failing_lines(&self, questions: Questions, name: &str) -> Result<HashSet<usize>, Error> {
        Ok(self.errors(questions, name)?.into_keys().collect())
    }

    /// Compiles the file and returns what the compiler says of the lines that do not hold, one
    /// error a line.
    pub(crate) fn errors(&self, questions: Questions, name: &str) -> Result<HashMap<usize, String>, Error> {
        let (failing, last) = self.errors_as_far(questions, name)?;
        last.map(|()| failing).map_err(|said| self.refused(said))
    }

    /// The same, also where a question made the compiler pass over all that follows it; then what
    /// it said is an error.
    pub(crate) fn errors_as_far(&self, mut questions: Questions, name: &str) -> Result<AsFar, Error> {
        // If this does not fail, the others do not hold for any other reason either.
        let canary = questions.line("_Static_assert(0, \"\");");
        let path = self.write(&questions.text, name)?;
        let mut command = self.command(&path)?;
        command.args(["-w", "-fsyntax-only", "-ferror-limit=0", "-fno-caret-diagnostics"]).arg(&path);
        let stderr = match exec::run_within(&mut command, PATIENCE) {
            Ok(exec::Finished { stderr, .. }) | Err(ExecError::Failed { stderr, .. }) => stderr,
            Err(error) => return Err(error.into()),
        };
        let mut failing: HashMap<usize, String> = HashMap::new();
        for line in stderr.lines() {
            if let Some((place, message)) = line.split_once("error: ")
                && let Some(number) = place.strip_prefix(FILE).and_then(|rest| rest.split(':').nth(1)?.parse().ok())
            {
                let messages = failing.entry(number).or_default();
                messages.push_str(message);
                messages.push('\n');
            }
        }
        let is_whole = failing.remove(&canary).is_some_and(|message| message.contains(ASSERTION_FAILED));
        let said = || format!("the compiler does not say which lines of {} are wrong:\n{stderr}", path.display());
        Ok((failing, if is_whole { Ok(()) } else { Err(said()) }))
    }

    /// Compiles the file, of which every line has to hold.
    pub(crate) fn require(&self, questions: &Questions, name: &str) -> Result<(), Error> {
        let path = self.write(&questions.text, name)?;
        let mut command = self.command(&path)?;
        command.arg("-fsyntax-only").arg(&path);
        exec::run_within(&mut command, PATIENCE).map(drop).map_err(|error| self.refused(describe(&error)))
    }

    /// Compiles the file to an object and returns what the variable in it has behind `magic`.
    pub(crate) fn variable(&self, questions: &Questions, name: &str, magic: &[u8]) -> Result<Vec<u8>, Error> {
        let path = self.write(&questions.text, name)?;
        let object = path.with_extension("o");
        let mut command = self.command(&path)?;
        // An object of link-time optimisation has no data yet.
        command.args(["-w", "-fno-lto", "-c", "-o"]).arg(&object).arg(&path);
        exec::run_within(&mut command, PATIENCE).map_err(|error| self.refused(describe(&error)))?;
        let wasm = std::fs::read(&object).map_err(Error::io("read", &object))?;
        data(&wasm, magic).ok_or_else(|| self.refused(format!("{} has no variable of answers", object.display())))
    }

    pub(crate) fn refused(&self, tool: String) -> Error {
        Error::Layout { library: self.compiler.library.to_owned(), tool: tool + &cargo::guest_flags_note() }
    }
}

/// Returns what a data segment has behind `magic`.
fn data(wasm: &[u8], magic: &[u8]) -> Option<Vec<u8>> {
    for payload in Parser::new(0).parse_all(wasm) {
        if let Ok(Payload::DataSection(segments)) = payload {
            return segments.into_iter().flatten().find_map(|segment| Some(segment.data.strip_prefix(magic)?.to_vec()));
        }
    }
    None
}
