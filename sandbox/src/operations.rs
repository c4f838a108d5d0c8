//! What can be done with a sandbox, or with the handle that is borrowed from it: both have the same methods, each of one line.

mod call;
mod read;
mod write;

use std::sync::Arc;

use wasmtime::{StoreContext, StoreContextMut};

use crate::abi::GuestType;
use crate::alloc::{Allocation, check_malloc};
use crate::error::Result;
use crate::heap;
use crate::memory::{Memory, MemoryMut, extent};
use crate::module::Library;
use crate::sandbox::enter;
use crate::state::State;
use crate::tainted::RawPtr;

#[inline]
fn memory<'a>(store: StoreContext<'a, State>) -> Result<Memory<'a>> {
    store.data().usable()?;
    let live = store.data().live()?.memory;
    let instance = store.data().id;
    Ok(Memory { bytes: live.data(store), instance })
}

#[inline]
fn memory_mut<'a>(store: StoreContextMut<'a, State>) -> Result<MemoryMut<'a>> {
    store.data().usable()?;
    let live = store.data().live()?.memory;
    let instance = store.data().id;
    Ok(MemoryMut { bytes: live.data_mut(store), instance })
}

/// Allocates without initialising: what is in the block is the guest's.
fn allocate<T: GuestType<L>, L: Library>(store: &mut StoreContextMut<'_, State>, count: u32) -> Result<Allocation<T, L>> {
    enter(store)?;
    let bytes = extent(count.into(), T::SIZE)?;
    // C allows malloc(0) to return null, and a block without bytes has no use: ask for at least one.
    let asked = u32::try_from(bytes).unwrap_or(u32::MAX).max(1);
    let address = heap::malloc::<L>(store, asked)?;
    let live = store.data().live()?.memory;
    let size = u64::try_from(live.data_size(&*store)).unwrap_or(u64::MAX);
    check_malloc(address, asked.into(), T::ALIGN, size)?;
    let state = store.data();
    Ok(Allocation::new(RawPtr::new(address, state.id), address, count, Arc::clone(&state.drops)))
}
