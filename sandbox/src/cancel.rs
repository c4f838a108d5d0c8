//! Stopping a guest from another thread.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering, fence};

use crate::{engine, ticker};

const CANCELLED: u8 = 1;
const CLOSED: u8 = 2;

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
    /// Ends the sandbox's call that is under way with [`Error::Cancelled`](crate::Error::Cancelled), or, if there is none, its next one.
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
        let before = self.shared.fetch_or(CANCELLED, Ordering::SeqCst);
        if before & CLOSED != 0 {
            return false;
        }
        if before & CANCELLED == 0 {
            // A guest that has just looked, and not yet said when to look next, would miss a single tick.
            ticker::add();
        }
        // The guest that sees the epoch sees the word before it, together with the fence in `Cancel::is_cancelled`.
        fence(Ordering::SeqCst);
        engine::tick();
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
        if let Some(shared) = &self.shared
            && shared.fetch_and(!CANCELLED, Ordering::SeqCst) & CANCELLED != 0
        {
            ticker::remove();
        }
    }
}

impl Drop for Cancel {
    fn drop(&mut self) {
        let Some(shared) = &self.shared else { return };
        if self.listener {
            return;
        }
        // From here on a handle adds no reason to tick; one that was just adding it has, or will have, set the bit that is found here.
        if shared.fetch_or(CLOSED, Ordering::SeqCst) & CANCELLED != 0 {
            ticker::remove();
        }
    }
}

#[cfg(test)]
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
}
