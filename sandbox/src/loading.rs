//! Loads that are under way. A fork copies the engine's locks and not the thread that holds them,
//! so a child whose parent was loading a library would wait for ever.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::error::{Error, Result};

/// The process that loads, in the upper half, and how many loads are under way in it.
static LOADS: AtomicU64 = AtomicU64::new(0);

const COUNT: u64 = 0xffff_ffff;

/// A load that is under way, until this is dropped.
#[derive(Debug)]
pub(crate) struct Loading(());

impl Loading {
    /// Begins a load: [`Error::Forked`] where one was under way when this process was forked.
    pub(crate) fn begin() -> Result<Self> {
        let this = u64::from(std::process::id()) << 32;
        let next = |loads: u64| match loads & COUNT {
            0 => Some(this | 1),
            _ if loads & !COUNT == this => loads.checked_add(1),
            _ => None,
        };
        LOADS.fetch_update(Ordering::AcqRel, Ordering::Acquire, next).map(|_| Self(())).map_err(|_| Error::Forked)
    }
}

impl Drop for Loading {
    fn drop(&mut self) {
        LOADS.fetch_sub(1, Ordering::AcqRel);
    }
}
