//! The checks of what zlib answers.

use std::ffi::CStr;

use sandbox::Tainted;

use crate::bindings::zlib::{self, Library};
use crate::{Error, Result};

/// The return codes that a stream can get. Those that say that the caller made a mistake are not here: the host made none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Code {
    Ok,
    StreamEnd,
    NeedDict,
    BufError,
    DataError,
    MemError,
}

/// Verifies that a return code is one of [`Code`].
pub(crate) fn code(function: &'static str, code: Tainted<i32, Library>) -> Result<Code> {
    code.verify(|code| match code {
        zlib::Z_OK => Ok(Code::Ok),
        zlib::Z_STREAM_END => Ok(Code::StreamEnd),
        zlib::Z_NEED_DICT => Ok(Code::NeedDict),
        zlib::Z_BUF_ERROR => Ok(Code::BufError),
        zlib::Z_DATA_ERROR => Ok(Code::DataError),
        zlib::Z_MEM_ERROR => Ok(Code::MemError),
        _ => Err(Error::Implausible { function, what: "an unknown return code" }),
    })
}

/// Verifies the return code of a function that either works or finds no memory.
pub(crate) fn done(function: &'static str, tainted: Tainted<i32, Library>) -> Result<()> {
    match code(function, tainted)? {
        Code::Ok => Ok(()),
        Code::MemError => Err(Error::OutOfMemory),
        _ => Err(Error::Implausible { function, what: "a return code that has no meaning here" }),
    }
}

/// Verifies that a count is not above `most`; `what` says what it is if it is.
pub(crate) fn at_most(function: &'static str, what: &'static str, count: Tainted<u32, Library>, most: u32) -> Result<u32> {
    count.verify(|count| if count <= most { Ok(count) } else { Err(Error::Implausible { function, what }) })
}

/// What to say when the guest's message is none of zlib's.
pub(crate) const NO_REASON: &str = "zlib gives no reason";

/// What zlib says about a header that is none.
pub(crate) const NO_HEADER: &str = "incorrect header check";

/// All messages of `inflate`.
const REASONS: [&str; 18] = [
    NO_HEADER,
    "unknown compression method",
    "invalid window size",
    "unknown header flags set",
    "header crc mismatch",
    "invalid block type",
    "invalid stored block lengths",
    "too many length or distance symbols",
    "invalid code lengths set",
    "invalid bit length repeat",
    "invalid code -- missing end-of-block",
    "invalid literal/lengths set",
    "invalid distances set",
    "invalid literal/length code",
    "invalid distance code",
    "invalid distance too far back",
    "incorrect data check",
    "incorrect length check",
];

/// No message is longer, in bytes.
pub(crate) const LONGEST_REASON: u32 = 40;

/// Verifies that a message is one of zlib's, and returns the host's own copy of it.
pub(crate) fn reason(message: &CStr) -> Result<&'static str, ()> {
    REASONS.into_iter().find(|known| known.as_bytes() == message.to_bytes()).ok_or(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn implausible<T: std::fmt::Debug>(result: Result<T>) -> bool {
        matches!(result, Err(Error::Implausible { function: "f", .. }))
    }

    #[test]
    fn a_return_code_that_zlib_does_not_have_is_refused() {
        for made_up in [3, 7, i32::MAX, i32::MIN, -7, zlib::Z_STREAM_ERROR, zlib::Z_VERSION_ERROR, zlib::Z_ERRNO] {
            assert!(implausible(code("f", Tainted::new(made_up))), "{made_up}");
        }
        assert_eq!(code("f", Tainted::new(zlib::Z_STREAM_END)).unwrap(), Code::StreamEnd);
    }

    #[test]
    fn setting_up_cannot_end_a_stream() {
        assert!(implausible(done("f", Tainted::new(zlib::Z_STREAM_END))));
        assert!(matches!(done("f", Tainted::new(zlib::Z_MEM_ERROR)), Err(Error::OutOfMemory)));
    }

    #[test]
    fn a_count_above_what_was_given_is_refused() {
        assert_eq!(at_most("f", "", Tainted::new(8), 8).unwrap(), 8);
        assert!(implausible(at_most("f", "", Tainted::new(9), 8)));
        assert!(implausible(at_most("f", "", Tainted::new(u32::MAX), 8)));
    }

    #[test]
    fn a_message_of_the_guest_is_only_looked_up() {
        assert_eq!(reason(c"invalid block type"), Ok("invalid block type"));
        assert_eq!(reason(c"\x1b[2J"), Err(()));
        assert!(REASONS.iter().all(|reason| reason.len() <= LONGEST_REASON as usize));
    }
}
