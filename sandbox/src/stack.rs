//! The host's stack: a guest's frames lie on it, and an overflow of it would end the process.

use std::cell::Cell;
use std::ops::Range;

use crate::engine;
use crate::error::{Error, Result};

#[cfg(target_os = "linux")]
mod bounds;

/// What a callback, and the engine's own functions, can rely on below the guest's deepest frame, in
/// bytes.
const MARGIN: u64 = 256 << 10;

/// What must be left where a callback enters the guest again, in bytes.
const NESTED: u64 = 128 << 10;

/// A stack of its own has so many bytes at least: the code of this crate runs on it before it finds
/// that a guest has no room.
const LEAST: usize = 64 << 10;

/// Two ends of one stack that are found from two places differ by less than this, in bytes.
const SAME: u64 = 64 << 10;

/// A stack, by its end. The engine checks a guest's frames against the stack of the outermost call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stack {
    end: Option<u64>,
}

thread_local! {
    /// The stack that the caller of `on_stack` says this is: its lowest address, and the one behind
    /// its highest.
    static GIVEN: Cell<Option<(u64, u64)>> = const { Cell::new(None) };
    /// The thread's own, once it is known.
    static OWN: Cell<Option<Option<(u64, u64)>>> = const { Cell::new(None) };
}

/// Runs a closure that calls guests on another stack than the thread's own, such as a coroutine's.
///
/// A guest's frames lie on the stack of its caller, and must end before it does. How far that is,
/// the system says of a thread's own stack alone. On any other, a call is refused with
/// [`Error::UnknownStack`], unless it is made within this function. A stack has room for a guest if
/// it has 768 KiB left, or 256 KiB more than [`set_call_stack`](crate::set_call_stack) says. Stacks
/// that the crate `stacker` has made are known without this; a coroutine that is made on one of
/// them, or on another system than Linux, is not always told from it, and has to be named.
///
/// # Safety
///
/// The calling code runs on a stack in `stack`, all of which can be written to. `run` returns on
/// this thread, and on this stack, before anything else runs on the thread: it must not suspend a
/// coroutine, nor be resumed on another thread.
///
/// # Examples
///
/// ```
/// use sandbox::{Library, Result, Sandbox};
///
/// /// To be called on a coroutine whose stack this is.
/// fn on_coroutine<L: Library>(stack: std::ops::Range<usize>, sb: &mut Sandbox<L>) -> Result<()> {
///     // SAFETY: `stack` is the stack that this coroutine was made with.
///     unsafe { sandbox::on_stack(stack, || sb.reset()) }
/// }
/// ```
#[allow(unsafe_code, reason = "a wrong range would let a guest's frames overwrite what lies below the stack")]
pub unsafe fn on_stack<R>(stack: Range<usize>, run: impl FnOnce() -> R) -> R {
    let _before = Before(GIVEN.replace(Some((widen(stack.start), widen(stack.end)))));
    run()
}

/// Puts back what was known of the stack before, after a panic too.
struct Before(Option<(u64, u64)>);

impl Drop for Before {
    fn drop(&mut self) {
        GIVEN.set(self.0);
    }
}

/// Runs a closure on a stack of so many bytes that is made for it, and given back after it.
///
/// Where a thread's stack is too small for a guest ([`Error::HostStack`]), and no other thread can
/// be taken. The stack has 64 KiB at least.
///
/// # Panics
///
/// If the system has no memory for the stack, as [`std::thread::spawn`] does.
///
/// # Examples
///
/// ```
/// use sandbox::{Library, Result, Sandbox};
///
/// fn renew<L: Library>(sb: &mut Sandbox<L>) -> Result<()> { sandbox::on_new_stack(16 << 20, || sb.reset()) }
/// ```
pub fn on_new_stack<R>(bytes: usize, run: impl FnOnce() -> R) -> R {
    stacker::grow(bytes.max(LEAST), || {
        // Everything that is called from here lies between this place and the end of the new stack.
        // A coroutine further in, which `stacker` would take for a part of it, does not.
        let here = 0_u8;
        let here = std::ptr::from_ref(&here).addr();
        let new = stacker::remaining_stack().map(|left| (widen(here.saturating_sub(left)), widen(here)));
        let _before = Before(GIVEN.replace(new));
        run()
    })
}

/// Checks that this thread has room for the deepest guest. Where the system does not say how much
/// there is, it is taken to be enough.
#[inline]
pub(crate) fn require_room() -> Result<Stack> {
    require(engine::call_stack().saturating_add(MARGIN))
}

/// Checks that a nested call has room, and is on the stack of the outermost call: on another one,
/// the engine would not see the end of it.
#[inline]
pub(crate) fn require_same(outermost: Stack) -> Result<()> {
    match (require(NESTED), outermost.end) {
        (Err(Error::UnknownStack), _) => Err(Error::OtherStack),
        (Err(error), _) => Err(error),
        (Ok(Stack { end: Some(here) }), Some(outermost)) if here.abs_diff(outermost) > SAME => Err(Error::OtherStack),
        _ => Ok(()),
    }
}

#[inline]
fn require(needed: u64) -> Result<Stack> {
    let here = widen(std::ptr::from_ref(&needed).addr());
    let end = end(here)?;
    match end.map(|end| here.saturating_sub(end)) {
        Some(left) if left < needed => Err(Error::HostStack { left, needed }),
        _ => Ok(Stack { end }),
    }
}

/// Returns where the stack ends that an address is on; `None` where the system does not say.
#[inline]
fn end(here: u64) -> Result<Option<u64>> {
    let own = own()?;
    if let Some((start, behind)) = GIVEN.get() {
        return if (start..behind).contains(&here) { Ok(Some(start)) } else { Err(Error::UnknownStack) };
    }
    let Some(left) = stacker::remaining_stack().map(widen) else { return Ok(None) };
    let end = here.saturating_sub(left);
    match own {
        Some((start, behind)) if (start..behind).contains(&here) => Ok(Some(start)),
        // `stacker` knows the stacks that it made, and takes each other one for the thread's own.
        Some((start, _)) if left == 0 || end.abs_diff(start) < SAME => Err(Error::UnknownStack),
        _ => Ok(Some(end)),
    }
}

/// Returns the bounds of the thread's own stack, if the system says them. When it is asked first on
/// a thread, a guest's traps must reach the engine there.
#[inline]
fn own() -> Result<Option<(u64, u64)>> {
    if let Some(own) = OWN.get() {
        return Ok(own);
    }
    #[cfg(target_os = "linux")]
    let found = {
        crate::signals::require_unblocked()?;
        bounds::of_this_thread().map(|own| (own.start, own.end))
    };
    #[cfg(not(target_os = "linux"))]
    let found = None;
    OWN.set(Some(found));
    Ok(found)
}

#[inline]
fn widen(address: usize) -> u64 {
    u64::try_from(address).unwrap_or(u64::MAX)
}
