//! The host's stack: a guest's frames lie on it, and an overflow of it would end the process.

use crate::error::{Error, Result};

/// What a callback, and the engine's own functions, can rely on below the guest's deepest frame, in bytes.
const MARGIN: u64 = 256 << 10;

/// Checks that this thread has room for the deepest guest. Where the system does not say how much there is, it is taken to be enough.
#[inline]
pub(crate) fn require_room() -> Result<()> {
    const NEEDED: u64 = sandbox_engine::CALL_STACK_BYTES.saturating_add(MARGIN);
    match stacker::remaining_stack().and_then(|left| u64::try_from(left).ok()) {
        Some(left) if left < NEEDED => Err(Error::HostStack { left, needed: NEEDED }),
        _ => Ok(()),
    }
}
