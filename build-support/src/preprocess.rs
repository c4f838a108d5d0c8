//! The headers as the compiler sees them: preprocessed, and the macros that they define.
//!
//! bindgen and every question to the compiler get this text, not the headers. So both see the same,
//! whatever the environment says to libclang, and no macro of the headers answers in the compiler's
//! place.

use std::collections::HashMap;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::thread::ScopedJoinHandle;
use std::time::Duration;

use sandbox_toolchain::exec;

use crate::Error;
use crate::compile::{Compiler, Settings, run};
use crate::tokens::{Token, tokens};

/// The header that includes all others. It lies in the folder of each file that includes it, and so
/// its name is enough: that of the folder may be one that C cannot write.
pub(crate) const HEADERS: &str = "headers.h";

/// The text, and what is known of it.
#[derive(Debug)]
pub(crate) struct Preprocessed {
    /// With line markers.
    pub(crate) text: Vec<u8>,
    /// The same with comments, for the documentation of the bindings.
    pub(crate) commented: Vec<u8>,
    /// The macros without parameters, as they are defined at the end of the headers.
    pub(crate) macros: Vec<Macro>,
    /// The names of the macros with parameters.
    pub(crate) function_macros: Vec<String>,
}

/// A macro without parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Macro {
    pub(crate) name: String,
    /// The header that defines it last.
    pub(crate) file: PathBuf,
}

/// Preprocesses a file that includes the headers.
pub(crate) fn preprocess(compiler: &Compiler<'_>, settings: &Settings, unit: &Path) -> Result<Preprocessed, Error> {
    let (text, commented, defined) = std::thread::scope(|scope| {
        let text = scope.spawn(|| expand(compiler, settings, unit, &[], false));
        // With comments a directive behind one is not seen, nor are arguments of a macro behind
        // one: then there are none.
        let commented = scope.spawn(|| expand(compiler, settings, unit, &["-C"], true));
        let defined = expand(compiler, settings, unit, &["-dD"], false);
        let joined = |thread: ScopedJoinHandle<'_, Result<Vec<u8>, Error>>| thread.join().unwrap_or_else(|panic| resume_unwind(panic));
        (joined(text), joined(commented), defined)
    });
    let (text, commented) = (text?, commented?);
    let commented = if significant(&commented).eq(significant(&text)) { commented } else { text.clone() };
    let (macros, function_macros) = macros(&defined?);
    Ok(Preprocessed { text, commented, macros, function_macros })
}

/// The tokens that mean something to the compiler.
fn significant(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    tokens(text).filter_map(|token| match token {
        Token::Space(_) => None,
        Token::Directive(line) => (!line.starts_with(b"# ")).then_some(line),
        token => Some(token.bytes()),
    })
}

/// As much text is read of what may fail, in bytes, and for so long.
const MOST: u64 = 64 << 20;
const PATIENCE: Duration = Duration::from_secs(120);

/// Returns what the preprocessor makes of a file, as bytes: a header need not be UTF-8.
/// With `anyway`, also where it says that something is wrong, or ends too late.
pub(crate) fn expand(compiler: &Compiler<'_>, settings: &Settings, unit: &Path, flags: &[&str], anyway: bool) -> Result<Vec<u8>, Error> {
    let mut command = compiler.command(unit, settings)?;
    command.arg("-E").args(flags).arg(unit);
    if anyway {
        // A file would not be left of it. A macro of a few lines can be gigabytes of text.
        return Ok(exec::output_within(&mut command, MOST, PATIENCE)?);
    }
    let output = unit.with_extension(format!("expanded{}", flags.concat()));
    run(command.arg("-o").arg(&output))?;
    std::fs::read(&output).map_err(Error::io("read", &output))
}

/// Reads the macros out of a preprocessed text that keeps their definitions.
fn macros(text: &[u8]) -> (Vec<Macro>, Vec<String>) {
    let (mut found, mut order, mut functions) = (HashMap::new(), Vec::new(), Vec::new());
    let mut file = PathBuf::new();
    for line in text.split(|byte| *byte == b'\n') {
        if let Some(marked) = marker(line) {
            file = marked;
            continue;
        }
        // The name comes first, and it is what counts.
        let line = line.get(..line.len().min(4096)).unwrap_or_default();
        let valid = str::from_utf8(line).map_or_else(|error| error.valid_up_to(), str::len);
        let line = str::from_utf8(line.get(..valid).unwrap_or_default()).unwrap_or_default();
        if let Some(name) = line.strip_prefix("#undef ") {
            // Not forgotten: a `pop_macro` may bring it back, and the expansion tells.
            functions.retain(|known| known != name.trim());
        } else if let Some(define) = line.strip_prefix("#define ") {
            let end = define.find([' ', '(']).unwrap_or(define.len());
            let (name, rest) = define.split_at(end);
            functions.retain(|known| known != name);
            if rest.starts_with('(') {
                functions.push(name.to_owned());
            } else {
                order.push(name.to_owned());
                found.insert(name.to_owned(), Macro { name: name.to_owned(), file: file.clone() });
            }
        }
    }
    // Where it was defined first: C's own order, and each once.
    let macros = order.into_iter().filter_map(|name| found.remove(&name)).collect();
    (macros, functions)
}

/// Reads a line marker: `# 12 "file" 1 3`.
fn marker(line: &[u8]) -> Option<PathBuf> {
    let quoted = line.strip_prefix(b"# ")?;
    let start = quoted.iter().position(|byte| *byte == b'"')? + 1;
    // A comment may have such lines, too, but none that begins with a number.
    let number = quoted.get(..start - 1)?.strip_suffix(b" ")?;
    if number.is_empty() || !number.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let (mut name, mut bytes) = (Vec::new(), quoted.get(start..)?.iter().copied());
    loop {
        match bytes.next()? {
            b'"' => break,
            b'\\' => match bytes.next()? {
                // A byte that is not printed is written with three octal digits.
                digit @ b'0'..=b'7' => {
                    let mut byte = u32::from(digit - b'0');
                    for next in bytes.by_ref().take(2) {
                        byte = byte * 8 + u32::from(next.wrapping_sub(b'0') & 7);
                    }
                    name.push(byte as u8);
                }
                b'n' => name.push(b'\n'),
                b't' => name.push(b'\t'),
                other => name.push(other),
            },
            other => name.push(other),
        }
    }
    Some(path(name))
}

#[cfg(unix)]
fn path(name: Vec<u8>) -> PathBuf {
    use std::os::unix::ffi::OsStringExt as _;
    PathBuf::from(std::ffi::OsString::from_vec(name))
}

#[cfg(not(unix))]
fn path(name: Vec<u8>) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(&name).into_owned())
}

/// Tells of which header each line of a preprocessed text is.
#[derive(Debug, Default)]
pub(crate) struct Places(Vec<(usize, PathBuf)>);

impl Places {
    pub(crate) fn new(text: &[u8]) -> Self {
        Self(text.split(|byte| *byte == b'\n').enumerate().filter_map(|(number, line)| Some((number + 1, marker(line)?))).collect())
    }

    /// Returns the header that a line, counted from 1, comes from.
    pub(crate) fn file(&self, line: usize) -> Option<&Path> {
        let behind = self.0.partition_point(|(marked, _)| *marked < line);
        self.0.get(behind.checked_sub(1)?).map(|(_, file)| file.as_path())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_definition_counts() {
        let text = b"# 1 \"a.h\"\n#define A 1\n#define F(x) x\n#define B 2\n#define F2() 3\n# 1 \"b \\\"\\303\\244\\\\.h\" 1\n#undef A\n#define A 3\n#undef B\n#define F2 \xe9\n";
        let (macros, functions) = macros(text);
        let found: Vec<_> = macros.iter().map(|known| (known.name.as_str(), known.file.to_str().unwrap())).collect();
        assert_eq!(found, [("A", "b \"ä\\.h"), ("B", "a.h"), ("F2", "b \"ä\\.h")]);
        assert_eq!(functions, ["F"]);
    }

    #[test]
    fn lines_know_their_header() {
        let places = Places::new(b"# 1 \"a.h\"\n# Usage \"quick\"\n# 1 \"b.h\" 1\nint b;\nint c;\n# 2 \"a.h\" 2\nint d;\n");
        let files: Vec<_> = (1..=7).map(|line| places.file(line).map(|file| file.to_str().unwrap())).collect();
        assert_eq!(files, [None, Some("a.h"), Some("a.h"), Some("b.h"), Some("b.h"), Some("b.h"), Some("a.h")]);
    }
}
