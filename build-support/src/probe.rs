//! Questions to the C compiler, with the headers and the flags of the library.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

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

impl Probe<'_> {
    /// Begins a file.
    pub(crate) fn questions(&self) -> Questions {
        let mut questions = Questions { text: String::new(), lines: 0 };
        questions.line(&format!("#include \"{}\"", self.header.display()));
        questions
    }

    fn write(&self, questions: &Questions, name: &str) -> Result<PathBuf, Error> {
        let path = self.folder.join(name);
        std::fs::write(&path, &questions.text).map_err(Error::io("write", &path))?;
        Ok(path)
    }

    /// Compiles the file and returns the lines that do not hold.
    pub(crate) fn failing_lines(&self, questions: &Questions, name: &str) -> Result<HashSet<usize>, Error> {
        let path = self.write(questions, name)?;
        let mut command = self.compiler.command(&path, self.settings)?;
        command.args(["-fsyntax-only", "-ferror-limit=0", "-fno-color-diagnostics", "-fno-caret-diagnostics"]).arg(&path);
        match run(&mut command) {
            Ok(_) => Ok(HashSet::new()),
            Err(ExecError::Failed { stderr, .. }) => {
                let prefix = format!("{}:", path.display());
                Ok(stderr
                    .lines()
                    .filter(|line| line.contains("error:"))
                    .filter_map(|line| line.strip_prefix(&prefix)?.split(':').next()?.parse().ok())
                    .collect())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Compiles the file, of which every line has to hold.
    pub(crate) fn require(&self, questions: &Questions, name: &str) -> Result<(), Error> {
        let path = self.write(questions, name)?;
        let mut command = self.compiler.command(&path, self.settings)?;
        command.arg("-fsyntax-only").arg(&path);
        run(&mut command).map(drop).map_err(|error| self.refused(describe(&error)))
    }

    /// Compiles the file to an object and returns the `length` bytes of the one variable that it defines.
    pub(crate) fn variable(&self, questions: &Questions, name: &str, length: usize) -> Result<Vec<u8>, Error> {
        let path = self.write(questions, name)?;
        let object = path.with_extension("o");
        let mut command = self.compiler.command(&path, self.settings)?;
        // An object of link-time optimisation has no data yet.
        command.args(["-w", "-fno-lto", "-c", "-o"]).arg(&object).arg(&path);
        run(&mut command).map_err(|error| self.refused(describe(&error)))?;
        let wasm = std::fs::read(&object).map_err(Error::io("read", &object))?;
        data(&wasm, length).ok_or_else(|| self.refused(format!("{} has no variable of {length} bytes", object.display())))
    }

    fn refused(&self, tool: String) -> Error {
        Error::Layout { library: self.compiler.library.to_owned(), tool }
    }
}

/// Returns the data segment of `length` bytes.
fn data(wasm: &[u8], length: usize) -> Option<Vec<u8>> {
    for payload in Parser::new(0).parse_all(wasm) {
        if let Ok(Payload::DataSection(segments)) = payload {
            return segments.into_iter().flatten().find(|segment| segment.data.len() == length).map(|segment| segment.data.to_vec());
        }
    }
    None
}
