//! Functions of the guest as values.

use std::any::type_name;
use std::fmt;
use std::marker::PhantomData;

use wasmtime::{Func, Ref, StoreContextMut};

use crate::TaintedFn;
use crate::abi::GuestResult;
use crate::call::{exported, guest_call, invoke, typed};
use crate::callback::{grow, pointer};
use crate::drops::settle;
use crate::error::{Error, FunctionPointerError, Result};
use crate::module::Library;
use crate::sandbox::{AsSandboxMut, SandboxRef, enter};
use crate::signature::{IntoArgs, Signature};
use crate::state::State;

/// What errors call a function that is known by its address alone.
const BY_POINTER: &str = "a function pointer";

/// A C function of library `L` as a value: a constant in the library's module `functions`.
///
/// [`fn_ptr`](crate::Sandbox::fn_ptr) gives its address, to be passed where C takes a function pointer.
///
/// # Examples
///
/// ```
/// use sandbox::{Function, Library, Result, Sandbox, TaintedFn};
///
/// fn address<L: Library>(sb: &mut Sandbox<L>, abs: Function<fn(i32) -> i32, L>) -> Result<TaintedFn<fn(i32) -> i32, L>> {
///     sb.fn_ptr(abs) // as in `sb.fn_ptr(libc::functions::abs)`
/// }
/// ```
pub struct Function<F, L> {
    index: usize,
    signature: PhantomData<fn() -> (F, L)>,
}

impl<F, L> Function<F, L> {
    #[doc(hidden)]
    #[must_use]
    pub const fn new(index: usize) -> Self {
        Self { index, signature: PhantomData }
    }
}

impl<F, L> Clone for Function<F, L> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<F, L> Copy for Function<F, L> {}

impl<F, L> fmt::Debug for Function<F, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Function<{}>(..)", type_name::<F>())
    }
}

/// Returns the address of a function: its own, if the guest's table has it, or a new one behind the end.
pub(crate) fn address<F, L: Library>(store: &mut StoreContextMut<'_, State>, function: Function<F, L>) -> Result<TaintedFn<F, L>> {
    store.data().usable()?;
    let instance = store.data().id;
    let known = store.data().addresses.get(&function.index).copied();
    let index = match known {
        Some(index) => index,
        None => {
            let export = exported(store, function.index)?;
            let index = match position(store, &export) {
                Some(index) => index,
                None => {
                    let (table, index) = grow(store, L::NAME)?;
                    table
                        .set(&mut *store, index, Ref::Func(Some(export)))
                        .map_err(|error| Error::bug(format!("a table cannot be set: {error:#}")))?;
                    index
                }
            };
            store.data_mut().addresses.insert(function.index, index);
            index
        }
    };
    Ok(TaintedFn::at(pointer(index, instance)?))
}

/// As many places of the table as are searched: a linker puts a library's own functions first, and a guest can add a million.
const SEARCHED: u64 = 1 << 16;

/// Finds a function in the table: C compares function pointers, so the address must be the one that C knows.
fn position(store: &mut StoreContextMut<'_, State>, function: &Func) -> Option<u64> {
    let table = store.data().instance.as_ref()?.table?;
    let wanted = function.to_raw(&mut *store);
    (0..table.size(&*store).min(SEARCHED)).find(|index| match table.get(&mut *store, *index) {
        Some(Ref::Func(Some(found))) => found.to_raw(&mut *store) == wanted,
        _ => false,
    })
}

impl<F: Signature<L>, L: Library> TaintedFn<F, L> {
    /// Calls the function that the pointer points to, if it has the pointer's signature.
    ///
    /// One argument stands alone, several are a tuple. Behind the last parameter, the arguments of C's `...` are a tuple of their own.
    ///
    /// # Trust
    ///
    /// An attacker chooses which function it is, of those with this signature in the guest's table: a callback of the host too, if one is registered.
    ///
    /// # Errors
    ///
    /// [`Error::FunctionPointer`] if the pointer is null, points to no function, or to one with another signature; then nothing was called, and the sandbox is
    /// as it was. Otherwise as any call.
    ///
    /// # Examples
    ///
    /// ```
    /// use sandbox::{Library, Result, Sandbox, Tainted, TaintedFn};
    ///
    /// fn twice<L: Library>(sb: &mut Sandbox<L>, f: TaintedFn<fn(i32) -> i32, L>) -> Result<Tainted<i32, L>> {
    ///     let once = f.call(sb, 7)?;
    ///     f.call(sb, once)
    /// }
    /// ```
    pub fn call(
        self,
        sandbox: &mut impl AsSandboxMut<L>,
        args: impl IntoArgs<F::Params, L>,
    ) -> Result<<F::Result as GuestResult<L>>::Tainted> {
        let SandboxRef { store, .. } = &mut sandbox.as_sandbox_mut();
        store.data().usable()?;
        settle(store);
        let function = resolve(store, self)?;
        let function = typed::<F::Params, F::Result, L>(function, store)
            .map_err(|_| FunctionPointerError::Signature { expected: type_name::<F>() })?;
        enter(store)?;
        invoke::<F::Params, F::Result, L>(store, BY_POINTER, &[], args.into_args(), |store, args| {
            guest_call(store, BY_POINTER, &function, args)
        })
    }
}

fn resolve<F, L>(store: &mut StoreContextMut<'_, State>, pointer: TaintedFn<F, L>) -> Result<Func> {
    let index = pointer.raw().address_in(store.data().id)?;
    if index == 0 {
        return Err(FunctionPointerError::Null.into());
    }
    let table = store.data().live()?.table;
    match table.and_then(|table| table.get(&mut *store, index.into())) {
        Some(Ref::Func(Some(function))) => Ok(function),
        _ => Err(FunctionPointerError::Dangling { index }.into()),
    }
}
