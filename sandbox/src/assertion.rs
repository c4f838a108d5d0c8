//! A failed `assert` of the guest, with what it says.
//!
//! build-support links a `__assert_fail` that calls an import of ours with what C gives it: three pointers and a line number. An attacker can call it with anything: each
//! address is checked, a string has a limit and an alphabet, and what cannot be read is left out.

use wasmtime::{Caller, FuncType, Val};

use crate::memory::slice;
use crate::state::State;

/// The module that it is imported from, and its name. (`build-support/src/assert_fail.c`.)
pub(crate) const MODULE: &str = "sandbox";
pub(crate) const NAME: &str = "assert_fail";

/// The longest string that is taken, in characters; of a longer one it is the beginning.
const LONGEST: usize = 200;

/// Ends a call: an assertion failed, and says this.
#[derive(Debug, thiserror::Error)]
#[error("a failed assertion")]
pub(crate) struct Failed(pub(crate) Option<Box<str>>);

/// Tells whether an import of that name is the one that is meant here.
pub(crate) fn accepts(ty: &FuncType) -> bool {
    ty.params().len() == 4 && ty.params().all(|ty| ty.is_i32()) && ty.results().len() == 0
}

/// Ends the call: `assert_fail(expression, file, line, function)`.
pub(crate) fn failed(mut caller: Caller<'_, State>, params: &[Val]) -> Failed {
    let param = |index: usize| params.get(index).and_then(Val::i32).unwrap_or_default().cast_unsigned();
    let memory = caller.get_export("memory").and_then(wasmtime::Extern::into_memory);
    let memory = memory.map(|memory| memory.data(&caller)).unwrap_or_default();
    Failed(message(memory, param(0), param(1), param(2), param(3)).map(Into::into))
}

/// Puts together what can be read: "expression, file:line, function".
fn message(memory: &[u8], expression: u32, file: u32, line: u32, function: u32) -> Option<String> {
    let mut message = text(memory, expression)?;
    if let Some(file) = text(memory, file) {
        message.push_str(&format!(", {file}:{line}"));
    }
    if let Some(function) = text(memory, function) {
        message.push_str(&format!(", {function}"));
    }
    Some(message)
}

/// Reads a string up to its end, the end of memory, or the limit. What a terminal could take for a command, or is not ASCII, becomes `?`.
fn text(memory: &[u8], address: u32) -> Option<String> {
    // Null, and what is outside of memory, is no string.
    slice(memory, address, 1).ok()?;
    let bytes = memory.get(usize::try_from(address).ok()?..)?;
    let bytes = bytes.iter().take(LONGEST).take_while(|byte| **byte != 0);
    let text: String = bytes.map(|byte| if matches!(byte, b' '..=b'~') { char::from(*byte) } else { '?' }).collect();
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "tests")]
mod tests {
    use super::*;

    /// A memory of 1024 bytes with strings at 8, 32 and 64.
    fn memory() -> Vec<u8> {
        let mut memory = vec![0; 1024];
        memory[8..13].copy_from_slice(b"x > 0");
        memory[32..41].copy_from_slice(b"deflate.c");
        memory[64..77].copy_from_slice(b"longest_match");
        memory
    }

    #[test]
    fn a_message_says_what_can_be_read() {
        let memory = memory();
        for (params, expected) in [
            ([8, 32, 12, 64], Some("x > 0, deflate.c:12, longest_match")),
            ([8, 0, 12, 64], Some("x > 0, longest_match")),
            ([8, 32, u32::MAX, u32::MAX], Some("x > 0, deflate.c:4294967295")),
            ([8, 1024, 12, 500], Some("x > 0")),
            ([0, 32, 12, 64], None),
            ([500, 32, 12, 64], None),
            ([1024, 32, 12, 64], None),
            ([u32::MAX, 32, 12, 64], None),
        ] {
            let [expression, file, line, function] = params;
            assert_eq!(message(&memory, expression, file, line, function).as_deref(), expected, "{params:?}");
        }
        assert_eq!(message(&[], 8, 32, 12, 64), None);
    }

    #[test]
    fn a_string_ends_with_memory_or_at_the_limit() {
        let mut memory = vec![b'a'; 1024];
        assert_eq!(text(&memory, 1023).unwrap(), "a");
        assert_eq!(text(&memory, 1).unwrap(), "a".repeat(LONGEST));
        memory[2] = 0;
        assert_eq!(text(&memory, 1).unwrap(), "a");
    }

    #[test]
    fn only_printable_ascii_comes_out() {
        let memory: Vec<u8> = (0..=255).rev().collect();
        let shown: String = (1..=4).map(|part| text(&memory, part * 60).unwrap_or_default()).collect();
        assert!(shown.bytes().all(|byte| matches!(byte, b' '..=b'~')), "{shown}");
        assert_eq!(text(b"-\x1b[2J\n\xe2\x80\xae\0", 1).unwrap(), "?[2J????");
    }
}
