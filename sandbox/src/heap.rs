//! The guest's own `malloc` and `free`, looked up when they are called first: many a guest lives and dies without them.

use wasmtime::{ModuleExport, StoreContextMut, TypedFunc};

use crate::call::{guest_call, typed_export};
use crate::error::{Error, Result};
use crate::module::{Library, Loaded};
use crate::state::State;
use crate::values::Results;

/// Asks for a block. What the guest answers is checked nowhere yet.
pub(crate) fn malloc<L: Library>(store: &mut StoreContextMut<'_, State>, bytes: u32) -> Result<u32> {
    let address = call(store, "malloc", bytes, |state| &mut state.malloc, |loaded| loaded.malloc.as_ref())?;
    address.ok_or_else(|| Error::Module {
        library: L::NAME,
        reason: "it does not export `malloc`, which copying in needs; build it with build-support".into(),
    })
}

/// Gives a block back, if the guest has a `free`.
pub(crate) fn free(store: &mut StoreContextMut<'_, State>, address: u32) -> Result<()> {
    call(store, "free", address, |state| &mut state.free, |loaded| loaded.free.as_ref()).map(Option::unwrap_or_default)
}

/// A function of the heap, when it was called once.
type Kept<R> = Option<TypedFunc<(u32,), R>>;

/// Calls a function, if the guest has it: the one that is kept, or else that of the module, which is kept from then on.
fn call<R: Results>(
    store: &mut StoreContextMut<'_, State>,
    name: &'static str,
    argument: u32,
    kept: fn(&mut State) -> &mut Kept<R>,
    export: fn(&Loaded) -> Option<&ModuleExport>,
) -> Result<Option<R>> {
    let known = kept(store.data_mut()).take();
    let Some(function) = known.map_or_else(|| typed_export::<(u32,), R>(store, export), |function| Ok(Some(function)))? else {
        return Ok(None);
    };
    let result = guest_call::<(u32,), R>(store, name, &function, (argument,))?;
    *kept(store.data_mut()) = Some(function);
    Ok(Some(result))
}
