//! The C functions on the guest's stack when it trapped.

use std::fmt;

use wasmtime::WasmBacktrace;

use crate::lines::Place;
use crate::state::State;

/// Frames of a trap that are worth a line in an error message.
const FRAMES: usize = 8;

/// A C function on the guest's stack, and where in it the guest was.
///
/// The file and line are there if the build kept line numbers (`line_numbers` of `build_support::Library`: by default where cargo's profile has debug
/// information). What the compiler has inlined is no function of its own, but the file and line are those of the inlined code.
///
/// # Trust
///
/// The names come from the build, and those of a plugin from whoever made it: what is not printable is escaped, and they are cut after 200 letters. Which functions are on the stack, the engine says: the
/// guest can neither forge nor hide a frame.
///
/// # Examples
///
/// ```
/// fn innermost_line(trap: &sandbox::Trap) -> Option<u32> { trap.frames().next()?.line() }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    function: Box<str>,
    place: Option<Place>,
}

impl Frame {
    /// Returns the name of the function; of a C++ function, the name that the compiler makes of it.
    ///
    /// # Examples
    ///
    /// ```
    /// fn is_in(frame: &sandbox::Frame, module: &str) -> bool { frame.function().starts_with(module) }
    /// ```
    #[must_use]
    pub fn function(&self) -> &str {
        &self.function
    }

    /// Returns the name of the C file, relative to the source folder of the build, or without a folder where it is in none.
    ///
    /// # Examples
    ///
    /// ```
    /// fn is_ours(frame: &sandbox::Frame) -> bool { frame.file().is_some_and(|file| file.starts_with("shim")) }
    /// ```
    #[must_use]
    pub fn file(&self) -> Option<&str> {
        self.place.map(|place| place.file)
    }

    /// Returns the line in that file, from 1.
    ///
    /// # Examples
    ///
    /// ```
    /// fn where_to_look(frame: &sandbox::Frame) -> Option<(&str, u32)> { Some((frame.file()?, frame.line()?)) }
    /// ```
    #[must_use]
    pub fn line(&self) -> Option<u32> {
        self.place.and_then(|place| place.line)
    }
}

impl fmt::Display for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.function)?;
        match self.place {
            Some(place) => write!(f, " ({place})"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.file)?;
        match self.line {
            Some(line) => write!(f, ":{line}"),
            None => Ok(()),
        }
    }
}

/// The function of libc that a failed `assert` calls. It is build-support's own, and its frame says nothing.
const ASSERT_FAIL: &str = "__assert_fail";

/// Names the innermost frames of the guest that an error has with it.
pub(crate) fn frames(state: &State, error: &wasmtime::Error) -> Vec<Frame> {
    let Some(backtrace) = error.downcast_ref::<WasmBacktrace>() else { return Vec::new() };
    let inside = usize::from(backtrace.frames().first().is_some_and(|frame| frame.func_name() == Some(ASSERT_FAIL)));
    let frames = backtrace.frames().iter().skip(inside).filter_map(|frame| {
        let address = frame.module_offset().and_then(|address| u32::try_from(address).ok());
        Some(Frame { function: shown(frame.func_name()?), place: address.and_then(|address| state.loaded.lines.find(address)) })
    });
    frames.take(FRAMES).collect()
}

/// As much of a name that a module gives, in letters.
const NAME: usize = 200;

/// Makes a name that a module gives fit for a message.
pub(crate) fn shown(name: &str) -> Box<str> {
    printable(name, NAME).into()
}

/// Makes text that may have names of a module in it fit for a message: printable, and no longer than so many letters.
pub(crate) fn printable(text: &str, most: usize) -> String {
    let mut shown = String::new();
    for c in text.chars().take(most) {
        match c {
            '\'' | '"' | '\\' => shown.push(c),
            c => shown.extend(c.escape_debug()),
        }
    }
    shown.chars().take(most).collect()
}

/// Shows frames at the end of an error message.
pub(crate) struct Shown<'a>(pub(crate) &'a [Frame]);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut before = " (in ";
        for frame in self.0 {
            write!(f, "{before}{}", frame.function)?;
            if let Some(place) = frame.place {
                write!(f, " at {place}")?;
            }
            before = " < ";
        }
        if self.0.is_empty() { Ok(()) } else { f.write_str(")") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_drive_a_terminal_or_fill_it() {
        assert_eq!(&*shown("_ZN4name8functionEv"), "_ZN4name8functionEv");
        assert_eq!(&*shown("a\u{1b}[2J\u{202e}b"), "a\\u{1b}[2J\\u{202e}b");
        assert_eq!(shown(&"x".repeat(10_000)).len(), NAME);
    }

    #[test]
    fn frames_are_shown_as_far_as_they_are_known() {
        let frame = |function: &str, place| Frame { function: function.into(), place };
        let known = frame("deflate_stored", Some(Place { file: "deflate.c", line: Some(1621) }));
        let no_line = frame("deflate", Some(Place { file: "deflate.c", line: None }));
        let unknown = frame("abort", None);
        assert_eq!(known.to_string(), "deflate_stored (deflate.c:1621)");
        assert_eq!(no_line.to_string(), "deflate (deflate.c)");
        assert_eq!(unknown.to_string(), "abort");
        assert_eq!(Shown(&[unknown, known, no_line]).to_string(), " (in abort < deflate_stored at deflate.c:1621 < deflate at deflate.c)");
        assert_eq!(Shown(&[]).to_string(), "");
    }
}
