//! Whether the engine's signal handlers are still those of the process.
//!
//! A guest's trap is a signal of the processor (a division by zero, an access outside of its
//! memory), which the engine's handler turns into an error. Without that handler it ends the
//! process.

use std::mem::MaybeUninit;
use std::sync::OnceLock;

use crate::error::{Error, Result};

/// The signals that a trap can be, with their names.
const TRAPS: [(libc::c_int, &str); 3] = [(libc::SIGSEGV, "SIGSEGV"), (libc::SIGILL, "SIGILL"), (libc::SIGFPE, "SIGFPE")];

/// The handlers that the process had when the engine had put its own in place.
static EXPECTED: OnceLock<[usize; TRAPS.len()]> = OnceLock::new();

/// Notes the handlers; to be called when an engine has been made.
pub(crate) fn remember() {
    EXPECTED.get_or_init(handlers);
}

/// Checks that nobody has put another handler in place of the engine's, by which the next trap of a
/// guest could end the process.
///
/// A crash reporter or a profiler that is set up after the first sandbox may do so. Call this when
/// everything is set up, or now and then: it asks the system three times, which takes less than a
/// microsecond. A handler that passes on what is not its own is found, too, and is harmless.
///
/// A signal that this thread blocks is found as well: then the system ends the process without a
/// handler. (The first call of a guest on a thread looks for that too.)
///
/// Before the first sandbox of the process there is nothing to check. `docs/process.md` says who
/// has to be first. Linux only.
///
/// # Errors
///
/// [`Error::SignalHandler`] names the first signal whose handler is another one,
/// [`Error::SignalBlocked`] one that this thread blocks.
///
/// # Examples
///
/// ```
/// // After the crash reporter was set up.
/// sandbox::check_signal_handlers()?;
/// # Ok::<(), sandbox::Error>(())
/// ```
pub fn check_signal_handlers() -> Result<()> {
    let Some(expected) = EXPECTED.get() else { return Ok(()) };
    let replaced = TRAPS.iter().zip(expected.iter().zip(handlers())).find(|(_, (expected, now))| *expected != now);
    match replaced {
        Some(((_, signal), _)) => Err(Error::SignalHandler { signal }),
        None => require_unblocked(),
    }
}

/// Checks that this thread blocks no signal that a guest's trap can be: the system then takes it
/// for deadly, whatever handler there is.
#[allow(unsafe_code, reason = "the C library alone knows the signals that a thread blocks")]
pub(crate) fn require_unblocked() -> Result<()> {
    let mut blocked = MaybeUninit::<libc::sigset_t>::zeroed();
    // SAFETY: nothing is set, and there is room for what is asked for.
    if unsafe { libc::pthread_sigmask(libc::SIG_BLOCK, std::ptr::null(), blocked.as_mut_ptr()) } != 0 {
        return Ok(());
    }
    // SAFETY: the call has filled it.
    let blocked = unsafe { blocked.assume_init() };
    // SAFETY: it is a set of signals, and these are signals.
    let is_blocked = |signal| unsafe { libc::sigismember(&raw const blocked, signal) } == 1;
    match TRAPS.iter().find(|(signal, _)| is_blocked(*signal)) {
        Some((_, signal)) => Err(Error::SignalBlocked { signal }),
        None => Ok(()),
    }
}

fn handlers() -> [usize; TRAPS.len()] {
    TRAPS.map(|(signal, _)| handler(signal))
}

/// Returns the address of a signal's handler; 0 is the system's own.
#[allow(unsafe_code, reason = "the C library alone knows the handler of a signal")]
fn handler(signal: libc::c_int) -> usize {
    let mut action = MaybeUninit::<libc::sigaction>::zeroed();
    // SAFETY: nothing is set, and there is room for what is asked for.
    let asked = unsafe { libc::sigaction(signal, std::ptr::null(), action.as_mut_ptr()) };
    // SAFETY: all zeros is a value of it, and so is what the call has written.
    if asked == 0 { unsafe { action.assume_init() }.sa_sigaction } else { 0 }
}
