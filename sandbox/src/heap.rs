//! The guest's own `malloc` and `free`, looked up when they are called first: many a guest lives and dies without them.

use wasmtime::StoreContextMut;

use crate::call::{guest_call, typed_export};
use crate::error::{Error, Result};
use crate::module::Library;
use crate::state::State;

/// Asks for a block. What the guest answers is checked nowhere yet.
pub(crate) fn malloc<L: Library>(store: &mut StoreContextMut<'_, State>, bytes: u32) -> Result<u32> {
    let known = store.data_mut().malloc.take();
    let malloc = known.map_or_else(|| typed_export(store, |loaded| loaded.malloc.as_ref()), |malloc| Ok(Some(malloc)))?;
    let malloc = malloc.ok_or_else(|| Error::Module {
        library: L::NAME,
        reason: "it does not export `malloc`, which copying in needs; build it with build-support".into(),
    })?;
    let address = guest_call(store, "malloc", &malloc, bytes)?;
    store.data_mut().malloc = Some(malloc);
    Ok(address)
}

/// Gives a block back, if the guest has a `free`.
pub(crate) fn free(store: &mut StoreContextMut<'_, State>, address: u32) -> Result<()> {
    let known = store.data_mut().free.take();
    let Some(free) = known.map_or_else(|| typed_export(store, |loaded| loaded.free.as_ref()), |free| Ok(Some(free)))? else {
        return Ok(());
    };
    guest_call(store, "free", &free, address)?;
    store.data_mut().free = Some(free);
    Ok(())
}
