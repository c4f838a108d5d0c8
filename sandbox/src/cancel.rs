//! Stopping a guest from another thread.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering, fence};

use crate::{engine, ticker};

/// Somebody wants what the sandbox does to end, and it has not heard of it.
const CANCELLED: u8 = 1;
/// The sandbox is gone.
const CLOSED: u8 = 2;
/// A call is under way.
const RUNNING: u8 = 4;
/// It is a reason for the clock to tick: the call was cancelled, and has not heard of it.
const TICKING: u8 = 8;

/// Stops what one sandbox is doing, from any thread.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use sandbox::{CancelHandle, Library, Result, Sandbox};
///
/// /// Ends whatever the sandbox does after a second, until the other side of the channel is gone.
/// fn watch<L: Library>(sb: &mut Sandbox<L>, done: std::sync::mpsc::Receiver<()>) -> Result<()> {
///     let handle: CancelHandle = sb.cancel_handle()?;
///     std::thread::spawn(move || {
///         if done.recv_timeout(Duration::from_secs(1)) == Err(std::sync::mpsc::RecvTimeoutError::Timeout) {
///             handle.cancel();
///         }
///     });
///     Ok(())
/// }
/// ```
#[derive(Clone)]
pub struct CancelHandle {
    shared: Arc<AtomicU8>,
}

impl CancelHandle {
    /// Ends the sandbox's call that is under way with
    /// [`Error::Cancelled`](crate::Error::Cancelled), or, if there is none, its next one. A reset
    /// that is under way is ended, too, and can be made again.
    ///
    /// The guest stops within some milliseconds; a callback of the host is not stopped, but when it returns the guest does not go on. Then the sandbox is poisoned, and works again after a reset, which also takes back a
    /// cancelling that has met no call. A handle works any number of times, and reaches no other sandbox: not even the same one after it went back to a [`Pool`](crate::Pool).
    ///
    /// Returns whether there was a sandbox to stop.
    ///
    /// # Examples
    ///
    /// ```
    /// fn stop(handle: &sandbox::CancelHandle) { handle.cancel(); }
    /// ```
    pub fn cancel(&self) -> bool {
        // A guest at rest looks before it runs. One that runs looks when the clock has ticked, and
        // one that has just looked, and not yet said when to look next, would miss a single tick.
        let word = self.shared.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |word| {
            let reason = if word & RUNNING == 0 { 0 } else { TICKING };
            (word & CLOSED == 0).then_some(word | CANCELLED | reason)
        });
        let Ok(before) = word else { return false };
        if before & (RUNNING | TICKING) == RUNNING {
            ticker::add();
            // The guest that sees the epoch sees the word before it, together with the fence in
            // `Cancel::is_cancelled`. A process that was forked may have no clock yet, and if there
            // can be none, this one tick is better than nothing.
            fence(Ordering::SeqCst);
            if ticker::started().is_err() {
                engine::tick();
            }
        }
        true
    }
}

impl fmt::Debug for CancelHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CancelHandle(..)")
    }
}

/// The sandbox's end of its handles.
#[derive(Debug, Default)]
pub(crate) struct Cancel {
    shared: Option<Arc<AtomicU8>>,
    /// Whether this one only listens: the handles live on when it is gone.
    listener: bool,
}

impl Cancel {
    pub(crate) fn handle(&mut self) -> CancelHandle {
        CancelHandle { shared: Arc::clone(self.shared.get_or_insert_default()) }
    }

    /// Returns another end, which hears what this one hears.
    pub(crate) fn listener(&self) -> Self {
        Self { shared: self.shared.clone(), listener: true }
    }

    /// Tells whether the sandbox was cancelled.
    #[inline]
    pub(crate) fn is_cancelled(&self) -> bool {
        self.shared.as_ref().is_some_and(|shared| {
            fence(Ordering::SeqCst);
            shared.load(Ordering::SeqCst) & CANCELLED != 0
        })
    }

    /// Takes the word back: it was heard, or is of no interest any more.
    pub(crate) fn clear(&self) {
        if let Some(shared) = &self.shared {
            take(shared, CANCELLED);
        }
    }

    /// Says that a call is under way, until what this returns is dropped.
    #[inline]
    pub(crate) fn runs(&self) -> Option<Running> {
        self.shared.as_ref().map(|shared| {
            shared.fetch_or(RUNNING, Ordering::SeqCst);
            Running(Arc::clone(shared))
        })
    }
}

/// A call that can be cancelled.
#[derive(Debug)]
pub(crate) struct Running(Arc<AtomicU8>);

impl Drop for Running {
    fn drop(&mut self) {
        take(&self.0, RUNNING);
    }
}

/// Takes something out of the word, and with it the reason to tick.
fn take(shared: &AtomicU8, what: u8) {
    if shared.fetch_and(!(what | TICKING), Ordering::SeqCst) & TICKING != 0 {
        ticker::remove();
    }
}

impl Drop for Cancel {
    fn drop(&mut self) {
        let Some(shared) = &self.shared else { return };
        if self.listener {
            return;
        }
        // From here on a handle adds no reason to tick.
        shared.fetch_or(CLOSED, Ordering::SeqCst);
        take(shared, 0);
    }
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_handle_outlives_its_sandbox_and_then_does_nothing() {
        let mut cancel = Cancel::default();
        assert!(!cancel.is_cancelled());
        let handle = cancel.handle();
        assert!(handle.clone().cancel() && handle.cancel());
        assert!(cancel.is_cancelled());
        cancel.clear();
        assert!(!cancel.is_cancelled());
        drop(cancel.listener());
        assert!(handle.cancel());
        assert!(cancel.listener().is_cancelled());
        drop(cancel);
        assert!(!handle.cancel() && !handle.cancel());
    }

    #[test]
    fn the_clock_ticks_for_a_call_that_is_under_way_alone() {
        let mut cancel = Cancel::default();
        let handle = cancel.handle();
        let ticks = || cancel.shared.as_ref().is_some_and(|word| word.load(Ordering::SeqCst) & TICKING != 0);
        assert!(handle.cancel() && !ticks(), "at rest");
        let running = cancel.runs();
        assert!(cancel.is_cancelled() && !ticks(), "it looks before it runs");
        assert!(handle.cancel() && ticks());
        drop(running);
        assert!(cancel.is_cancelled() && !ticks(), "it has ended before it looked");
        let running = cancel.runs();
        assert!(handle.cancel() && ticks());
        cancel.clear();
        assert!(!cancel.is_cancelled() && !ticks(), "it has looked");
        drop(running);
        let running = cancel.runs();
        assert!(handle.cancel() && ticks());
        drop(cancel);
        assert!(!handle.cancel(), "gone in the middle");
        drop(running);
    }

    #[test]
    fn cancelling_again_and_again_moves_no_epoch() {
        let mut cancel = Cancel::default();
        let handle = cancel.handle();
        let running = cancel.runs();
        let (before, began) = (engine::ticks(), std::time::Instant::now());
        for _ in 0..100_000 {
            handle.cancel();
            cancel.clear();
        }
        let most = began.elapsed().as_millis() / 5 + 2;
        assert!(u128::from(engine::ticks() - before) <= most, "{} ticks in {:?}", engine::ticks() - before, began.elapsed());
        drop(running);
    }
}
