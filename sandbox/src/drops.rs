//! What the host has dropped and the guest must be told of.
//!
//! A drop cannot reach the guest: it has no access to the sandbox, and the guest may be running. So it leaves word here. Blocks are freed when the
//! guest is entered next; callbacks and app pointers are gone before the guest runs again, also when it runs on after a callback.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use wasmtime::{Ref, StoreContextMut};

use crate::app_ptr::Token;
use crate::callback::Slot;
use crate::state::State;

/// Something that was dropped.
#[derive(Debug)]
pub(crate) enum Dropped {
    /// An allocation, by its address.
    Block(u32),
    /// A callback.
    Callback(Slot),
    /// An app pointer.
    App(Token),
}

/// What waits.
#[derive(Debug, Default)]
pub(crate) struct Drops {
    waiting: AtomicBool,
    dropped: Mutex<Vec<Dropped>>,
}

impl Drops {
    pub(crate) fn push(&self, dropped: Dropped) {
        let mut waiting = self.dropped.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.push(dropped);
        self.waiting.store(true, Ordering::Release);
    }

    /// Takes one, without a lock in the usual case that there is nothing. One at a time: what a destructor's panic leaves behind is found the next time.
    fn take(&self) -> Option<Dropped> {
        if !self.waiting.load(Ordering::Relaxed) {
            return None;
        }
        let mut dropped = self.dropped.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = dropped.pop();
        self.waiting.store(!dropped.is_empty(), Ordering::Release);
        taken
    }
}

/// Takes dropped callbacks and app pointers out of the guest's reach; blocks wait in the state until `free` can be called.
#[inline]
pub(crate) fn settle(store: &mut StoreContextMut<'_, State>) {
    if store.data().drops.waiting.load(Ordering::Relaxed) {
        settle_waiting(store);
    }
}

#[cold]
fn settle_waiting(store: &mut StoreContextMut<'_, State>) {
    // What is dropped here may own more of its kind, which is dropped with it.
    while let Some(dropped) = store.data().drops.take() {
        remove(store, dropped);
    }
}

fn remove(store: &mut StoreContextMut<'_, State>, dropped: Dropped) {
    match dropped {
        Dropped::Block(address) => store.data_mut().unfreed.push(address),
        Dropped::Callback(slot) => {
            let Some((index, closure)) = store.data_mut().callbacks.remove(slot) else { return };
            if let Some(table) = store.data().instance.as_ref().and_then(|live| live.table) {
                // The index is in the table, which never shrinks.
                let _ = table.set(&mut *store, index, Ref::Func(None));
            }
            drop(closure);
        }
        Dropped::App(token) => drop(store.data_mut().apps.remove(token)),
    }
}
