//! CVE-2017-9225: a regular expression with a character that does not exist.
//!
//! To match without regard to case, Oniguruma looks up each character of the pattern in a table of those that have another case.
//! 0xffffffff marks the table's empty places, and UTF-32 can hold that number: so it is found, with an index of -1. What that leads to, the
//! letter `i` of a ligature, is taken for the number of other cases: 105 items are written into an array of 13 on the stack.

use sandbox::{Sandbox, null};

use crate::failure::Result;
use crate::libraries::{expect, onig};
use crate::{Contained, Failure, Replay, contain, libraries};

pub(crate) fn replay() -> Replay {
    Replay {
        cve: "CVE-2017-9225",
        library: "Oniguruma 6.1.1 (`onig_sys` 61.1.0)",
        wrong: "the compiler of patterns writes other cases of a character that does not exist past an array on the stack",
        program: "onig_fold",
        // Twice, and repeated, so that the array lies deep in the stack.
        hostile: || utf_32("(?i)").into_iter().chain(repeated(u32::MAX)).chain(repeated(u32::MAX)).collect(),
        honest: || utf_32("(?i)").into_iter().chain(repeated(u32::from('b'))).collect(),
        version: libraries::onig_version,
        contain,
    }
}

fn contain(hostile: &[u8], honest: &[u8]) -> Result<Contained> {
    contain::contain(request, hostile, honest, &Some(4))
}

fn utf_32(text: &str) -> Vec<u8> {
    text.chars().flat_map(|character| u32::from(character).to_le_bytes()).collect()
}

/// One or more of a character.
fn repeated(character: u32) -> impl Iterator<Item = u8> {
    [character, u32::from('+')].into_iter().flat_map(u32::to_le_bytes)
}

/// What an application does: it looks for somebody's pattern in a text of its own, and wants to know where it is, in bytes.
fn request(sb: &mut Sandbox<onig::Library>, pattern: &[u8]) -> Result<Option<usize>> {
    let text = utf_32("ABC");
    let size = i32::try_from(text.len()).unwrap_or(i32::MAX);
    let (text, pattern) = (sb.copy_in(&text)?, sb.copy_in(pattern)?);
    let (place, error) = (sb.alloc(1)?, sb.alloc::<onig::OnigErrorInfo>(1)?);
    let (encoding, syntax) = (sb.global(onig::OnigEncodingUTF32_LE)?, sb.global(onig::OnigSyntaxRuby)?);
    expect("onig_init", onig::onig_init(sb)?, onig::ONIG_NORMAL)?;
    let (begin, end) = (pattern.as_ptr(), pattern.as_ptr().add(pattern.len()));
    let code = onig::onig_new(sb, &place, begin, end, onig::ONIG_OPTION_NONE as u32, encoding, syntax, &error)?;
    expect("onig_new", code, onig::ONIG_NORMAL)?;
    let regex = sb.read(place.as_ptr())?;
    let (begin, end) = (text.as_ptr(), text.as_ptr().add(text.len()));
    let found = onig::onig_search(sb, regex, begin, end, begin, end, null(), onig::ONIG_OPTION_NONE as u32)?;
    let found = found.verify(|found| match found {
        onig::ONIG_MISMATCH => Ok(None),
        found if (0..=size).contains(&found) && found % 4 == 0 => Ok(Some(found as usize)),
        _ => Err(Failure::WrongAnswer("impossible place".to_owned())),
    })?;
    onig::onig_free(sb, regex)?;
    Ok(found)
}
