//! The caller's part of the guest's C stack: where the C ABI passes what is no single Wasm value.

use wasmtime::{Global, StoreContextMut, Val};

use crate::abi::InstanceId;
use crate::error::{Error, MemoryError, Result};
use crate::state::State;

/// The alignment of the C stack. (Wasm tool conventions, `BasicCABI.md`.)
const ALIGN: u32 = 16;

/// As many bytes below the pointer as a function that calls no other may use without moving it. (LLVM, `WebAssemblyFrameLowering.cpp`.)
const RED_ZONE: u32 = 128;

/// Tells whether the C stack is used up, by where the pointer was left, and how many bytes it has.
///
/// The stack ends at address 0. A function that takes more than there is wraps the pointer around, and no function moves it above the top. The guest can do either
/// by itself: the answer is good for a message.
pub(crate) fn used_up(store: &mut StoreContextMut<'_, State>) -> Option<u64> {
    let live = store.data().live().ok()?;
    let (pointer, top) = (live.stack_pointer?, live.stack_top?);
    let now = pointer.get(store).i32()?.cast_unsigned();
    (now > top || now < RED_ZONE).then_some(top.into())
}

/// What one call takes of the C stack, given back when this is dropped.
#[doc(hidden)]
pub struct Frame<'a, 'b> {
    store: &'a mut StoreContextMut<'b, State>,
    taken: Option<Taken>,
}

#[derive(Debug)]
struct Taken {
    pointer: Global,
    before: i32,
    now: u32,
}

impl<'a, 'b> Frame<'a, 'b> {
    pub(crate) fn new(store: &'a mut StoreContextMut<'b, State>) -> Self {
        Self { store, taken: None }
    }

    pub(crate) fn instance(&self) -> InstanceId {
        self.store.data().id
    }

    pub(crate) fn store(&mut self) -> &mut StoreContextMut<'b, State> {
        self.store
    }

    /// Takes a place. The guest chooses where its stack is: what is written there is checked as everything is.
    pub(crate) fn take(&mut self, bytes: u32, align: u32) -> Result<u32> {
        let taken = match self.taken.take() {
            Some(taken) => taken,
            None => {
                let pointer = self.store.data().live()?.stack_pointer;
                let pointer = pointer.ok_or(MemoryError::Stack { bytes, left: 0 })?;
                let before = pointer.get(&mut *self.store).i32().ok_or_else(|| Error::bug("the stack pointer is no i32"))?;
                Taken { pointer, before, now: before.cast_unsigned() }
            }
        };
        let mask = align.max(ALIGN).saturating_sub(1);
        let place = taken.now.checked_sub(bytes).map(|place| place & !mask).filter(|place| *place != 0);
        let now = place.unwrap_or(taken.now);
        let taken = self.taken.insert(Taken { now, ..taken });
        let place = place.ok_or(MemoryError::Stack { bytes, left: now })?;
        taken
            .pointer
            .set(&mut *self.store, Val::I32(place.cast_signed()))
            .map_err(|error| Error::bug(format!("the stack pointer cannot be set: {error}")))?;
        Ok(place)
    }
}

impl Drop for Frame<'_, '_> {
    #[inline]
    fn drop(&mut self) {
        if let Some(taken) = &self.taken {
            // It was set before, so that it can be set.
            let _ = taken.pointer.set(&mut *self.store, Val::I32(taken.before));
        }
    }
}
