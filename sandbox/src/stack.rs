//! The host's stack: a guest's frames lie on it, and an overflow of it would end the process.

use crate::error::{Error, Result};

/// What a callback, and the engine's own functions, can rely on below the guest's deepest frame, in bytes.
const MARGIN: u64 = 256 << 10;

/// What must be left where a callback enters the guest again, in bytes.
const NESTED: u64 = 128 << 10;

/// Two ends of one stack that are found from two places differ by less than this, in bytes.
const SAME: u64 = 64 << 10;

/// A stack, by its end. The engine checks a guest's frames against the stack of the outermost call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stack {
    end: Option<u64>,
}

/// Checks that this thread has room for the deepest guest. Where the system does not say how much there is, it is taken to be enough.
#[inline]
pub(crate) fn require_room() -> Result<Stack> {
    const NEEDED: u64 = sandbox_engine::CALL_STACK_BYTES.saturating_add(MARGIN);
    require(NEEDED)
}

/// Checks that a nested call has room, and is on the stack of the outermost call: on another one, the engine would not see the end of it.
#[inline]
pub(crate) fn require_same(outermost: Stack) -> Result<()> {
    let here = require(NESTED)?;
    match (here.end, outermost.end) {
        (Some(here), Some(outermost)) if here.abs_diff(outermost) > SAME => Err(Error::OtherStack),
        _ => Ok(()),
    }
}

#[inline]
fn require(needed: u64) -> Result<Stack> {
    match stacker::remaining_stack().map(widen) {
        Some(left) if left < needed => Err(Error::HostStack { left, needed }),
        left => Ok(Stack { end: left.map(|left| widen(std::ptr::from_ref(&needed).addr()).saturating_sub(left)) }),
    }
}

#[inline]
fn widen(address: usize) -> u64 {
    u64::try_from(address).unwrap_or(u64::MAX)
}
