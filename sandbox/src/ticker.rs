//! The clock of all deadlines: a thread that tells every running guest to look whether it is to stop.
//!
//! Machine code that can be interrupted compares the engine's epoch with a number. The thread moves the epoch on, [`TICK`] by [`TICK`], while any call has a deadline or any cancelling waits to be
//! noticed, and sleeps otherwise. It is started by the first of them.

use std::sync::atomic::{AtomicBool, AtomicIsize, AtomicU32, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
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
static LOCK: Mutex<()> = Mutex::new(());
static WAKE: Condvar = Condvar::new();

/// A reason to tick, until it is dropped.
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
        let _lock = LOCK.lock().unwrap_or_else(PoisonError::into_inner);
        WAKE.notify_one();
    }
}

/// Takes a reason away.
pub(crate) fn remove() {
    REASONS.fetch_sub(1, Ordering::SeqCst);
}

/// Starts the thread, once in a process: a process that was forked has none until it asks for one itself, so only
/// calls that begin after the fork are watched there.
pub(crate) fn started() -> Result<()> {
    /// The process that has the thread.
    static PROCESS: AtomicU32 = AtomicU32::new(0);
    static STARTING: Mutex<()> = Mutex::new(());
    let process = std::process::id();
    if PROCESS.load(Ordering::Acquire) == process {
        return Ok(());
    }
    let _starting = STARTING.lock().unwrap_or_else(PoisonError::into_inner);
    if PROCESS.load(Ordering::Acquire) != process {
        let builder = std::thread::Builder::new().name("sandbox-ticker".into()).stack_size(128 << 10);
        // The word of a parent's thread. Not after this process's own has begun, whose word it would be.
        ASLEEP.store(false, Ordering::SeqCst);
        builder.spawn(run).map_err(|error| Error::Ticker { reason: error.to_string().into() })?;
        PROCESS.store(process, Ordering::Release);
    }
    Ok(())
}

fn run() {
    let mut idle = 0_u32;
    loop {
        std::thread::sleep(TICK);
        engine::tick();
        idle = if REASONS.load(Ordering::SeqCst) == 0 { idle.saturating_add(1) } else { 0 };
        if idle >= IDLE {
            sleep();
            idle = 0;
        }
    }
}

fn sleep() {
    let mut lock = LOCK.lock().unwrap_or_else(PoisonError::into_inner);
    ASLEEP.store(true, Ordering::SeqCst);
    while REASONS.load(Ordering::SeqCst) == 0 {
        lock = WAKE.wait(lock).unwrap_or_else(PoisonError::into_inner);
    }
    ASLEEP.store(false, Ordering::SeqCst);
}
