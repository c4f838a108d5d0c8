//! The clock of all deadlines: a thread that tells every running guest to look whether it is to stop.
//!
//! Machine code that can be interrupted compares the engine's epoch with a number. The thread moves the epoch on, [`TICK`] by [`TICK`], while any call has a deadline or any cancelling waits to be
//! noticed, and sleeps otherwise. It is started by the first of them.
//!
//! There is no lock here: a process can be forked at any time, and a lock that another thread held
//! then would stay locked in the child.

use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicIsize, AtomicPtr, AtomicU64, Ordering};
use std::thread::{self, Thread};
use std::time::Duration;

use crate::engine;
use crate::error::{Error, Result};

/// How often guests look, and so how late a deadline can be.
const TICK: Duration = Duration::from_millis(5);

/// So many ticks without a reason, and the thread sleeps: waking it up costs more than some of them.
const IDLE: u32 = 200;

/// How many reasons there are to tick. For a moment it can be below zero, see [`crate::cancel`].
static REASONS: AtomicIsize = AtomicIsize::new(0);
static ASLEEP: AtomicBool = AtomicBool::new(false);
/// The thread of this process, or of a parent before it. Never freed.
static THREAD: AtomicPtr<Thread> = AtomicPtr::new(ptr::null_mut());

/// A reason to tick, until it is dropped.
#[derive(Debug)]
pub(crate) struct Ticking(());

impl Ticking {
    /// Makes the clock tick.
    pub(crate) fn start() -> Result<Self> {
        started()?;
        add();
        Ok(Self(()))
    }
}

impl Drop for Ticking {
    fn drop(&mut self) {
        remove();
    }
}

/// Adds a reason to tick.
pub(crate) fn add() {
    REASONS.fetch_add(1, Ordering::SeqCst);
    // Either this sees that the thread sleeps, or the thread sees the reason before it does.
    if ASLEEP.load(Ordering::SeqCst) {
        wake();
    }
}

#[cold]
#[allow(unsafe_code, reason = "a pointer to what is never freed")]
fn wake() {
    // SAFETY: it is null, or was made of a box by `run`, and nobody frees or changes that.
    if let Some(thread) = unsafe { THREAD.load(Ordering::SeqCst).as_ref() } {
        thread.unpark();
    }
}

/// Takes a reason away.
pub(crate) fn remove() {
    REASONS.fetch_sub(1, Ordering::SeqCst);
}

/// Starts the thread, once in a process: a process that was forked has none until it asks for one itself, so only
/// calls that begin after the fork are watched there.
pub(crate) fn started() -> Result<()> {
    /// The process that has the thread, or is just starting it.
    static PROCESS: AtomicU64 = AtomicU64::new(0);
    let starting = u64::from(std::process::id()) << 1;
    let ready = starting | 1;
    loop {
        let seen = PROCESS.load(Ordering::Acquire);
        if seen == ready {
            return Ok(());
        }
        // Another thread is about to be done.
        if seen == starting || PROCESS.compare_exchange(seen, starting, Ordering::AcqRel, Ordering::Relaxed).is_err() {
            thread::yield_now();
            continue;
        }
        // The word of a parent's thread. Not after this process's own has begun, whose word it would be.
        ASLEEP.store(false, Ordering::SeqCst);
        let started = thread::Builder::new().name("sandbox-ticker".into()).stack_size(128 << 10).spawn(run);
        PROCESS.store(if started.is_ok() { ready } else { 0 }, Ordering::Release);
        return started.map(|_| ()).map_err(|error| Error::Ticker { reason: error.to_string().into() });
    }
}

fn run() {
    // Before it ever sleeps.
    THREAD.store(Box::into_raw(Box::new(thread::current())), Ordering::SeqCst);
    let mut idle = 0_u32;
    loop {
        thread::sleep(TICK);
        engine::tick();
        idle = if REASONS.load(Ordering::SeqCst) == 0 { idle.saturating_add(1) } else { 0 };
        if idle >= IDLE {
            sleep();
            idle = 0;
        }
    }
}

fn sleep() {
    ASLEEP.store(true, Ordering::SeqCst);
    while REASONS.load(Ordering::SeqCst) == 0 {
        thread::park();
    }
    ASLEEP.store(false, Ordering::SeqCst);
}
