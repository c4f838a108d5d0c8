//! Closures of the host that the guest can call.

use std::any::Any;
use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use wasmtime::{Ref, StoreContextMut, Table};

use crate::abi::{GuestResult, InstanceId, Return};
use crate::drops::{Dropped, Drops, settle};
use crate::ended::Ended;
use crate::error::{Error, LimitKind, Result};
use crate::module::Library;
use crate::observe::{self, Mark};
use crate::sandbox::SandboxRef;
use crate::signature::{Args, FnPointer, Output, Params, Signature, fits};
use crate::state::{State, Status};
use crate::tainted::RawPtr;
use crate::{IntoGuest, TaintedFn};

/// The error that a callback returns: any error of the host, boxed. `?` makes it.
///
/// # Examples
///
/// ```
/// fn parse(text: &str) -> Result<u32, sandbox::CallbackError> {
///     Ok(text.parse()?)
/// }
/// assert!(parse("many").is_err());
/// ```
pub type CallbackError = Box<dyn StdError + Send + Sync>;

/// The place of a callback in the list of its instance. It is never used again.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slot(usize);

/// The callbacks of an instance.
#[derive(Debug, Default)]
pub(crate) struct Callbacks(Vec<Registered>);

#[derive(Debug)]
struct Registered {
    /// Its index in the guest's function table.
    index: u64,
    /// The closure, until it is unregistered. Calls that are under way share it.
    closure: Option<Shared>,
    /// What the last call had of it, for the next one: so only calls within each other count references.
    spare: Option<Shared>,
}

/// A closure, of whichever type: what only passes it on is compiled once.
pub(crate) type Shared = Arc<dyn Any + Send + Sync>;

impl Callbacks {
    /// Unregisters a callback: returns its index, and its closure, which calls that are under way share.
    pub(crate) fn remove(&mut self, slot: Slot) -> Option<(u64, Shared)> {
        let registered = self.0.get_mut(slot.0)?;
        registered.spare = None;
        registered.closure.take().map(|closure| (registered.index, closure))
    }

    /// Tells whether none was ever registered.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn add(&mut self, index: u64, closure: Shared) {
        self.0.push(Registered { index, closure: Some(closure), spare: None });
    }

    #[inline]
    fn take(&mut self, slot: Slot) -> Option<Shared> {
        let registered = self.0.get_mut(slot.0)?;
        registered.spare.take().or_else(|| registered.closure.clone())
    }

    #[inline]
    fn put_back(&mut self, slot: Slot, closure: Shared) {
        if let Some(registered) = self.0.get_mut(slot.0).filter(|registered| registered.closure.is_some()) {
            registered.spare = Some(closure);
        }
    }
}

/// A closure that C code can call through a function pointer of type `P`, until this is dropped.
///
/// It can be passed where C takes such a function pointer, and stored in a struct's field with [`as_fn_ptr`](Self::as_fn_ptr). When it is dropped,
/// the guest can no longer call it, even if it has kept the pointer: that is a trap. Its pointer is not given to another closure before the sandbox is reset.
///
/// # Examples
///
/// ```
/// use sandbox::{Callback, Library, Result, Sandbox, TaintedFn, TaintedPtr, Void};
///
/// // typedef int (*Compare)(const void *, const void *);
/// type Compare<L> = TaintedFn<fn(TaintedPtr<Void, L>, TaintedPtr<Void, L>) -> i32, L>;
///
/// fn by_value<L: Library>(sb: &mut Sandbox<L>) -> Result<Callback<Compare<L>>> {
///     sb.register_callback::<Compare<L>, _>(|sb, (a, b)| {
///         let (a, b) = (sb.read(a.cast::<i32>())?, sb.read(b.cast::<i32>())?);
///         Ok(a - b)
///     })
/// }
/// ```
#[must_use = "the callback is unregistered when this is dropped: keep it, under a name that is not `_`, for as long as C may call it"]
pub struct Callback<P> {
    pointer: P,
    slot: Slot,
    /// Where to say that it is dropped, unless it was leaked.
    drops: Option<Arc<Drops>>,
}

impl<F, L> Callback<TaintedFn<F, L>> {
    /// Returns the function pointer, as for a struct's field. It does not keep the callback registered.
    ///
    /// # Examples
    ///
    /// ```
    /// # use sandbox::{Callback, TaintedFn};
    /// fn pointer<F, L>(callback: &Callback<TaintedFn<F, L>>) -> TaintedFn<F, L> { callback.as_fn_ptr() }
    /// ```
    #[must_use]
    pub fn as_fn_ptr(&self) -> TaintedFn<F, L> {
        self.pointer
    }

    /// Leaves the callback registered until the sandbox is reset or dropped, as for C code that
    /// keeps it for good: an allocator's hooks, an error handler.
    ///
    /// # Examples
    ///
    /// ```
    /// use sandbox::{Library, Result, Sandbox, TaintedFn};
    ///
    /// type OnError<L> = TaintedFn<fn(i32), L>;
    ///
    /// fn install<L: Library>(sb: &mut Sandbox<L>, set_handler: impl Fn(&mut Sandbox<L>, OnError<L>) -> Result<()>) -> Result<()> {
    ///     let handler = sb.register_callback::<OnError<L>, _>(|_, code| {
    ///         let code = code.unverified_because("it is only shown");
    ///         Err::<(), _>(format!("the library gives up: error {code}").into())
    ///     })?;
    ///     set_handler(sb, handler.leak())
    /// }
    /// ```
    #[must_use = "without the pointer nobody can call it"]
    pub fn leak(mut self) -> TaintedFn<F, L> {
        self.drops = None;
        self.pointer
    }
}

impl<P> Drop for Callback<P> {
    fn drop(&mut self) {
        if let Some(drops) = self.drops.take() {
            drops.push(Dropped::Callback(self.slot));
        }
    }
}

impl<P> fmt::Debug for Callback<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Callback<{}>(..)", std::any::type_name::<P>())
    }
}

impl<F: 'static, L: 'static> IntoGuest<TaintedFn<F, L>, L> for &Callback<TaintedFn<F, L>> {
    fn into_guest(self) -> TaintedFn<F, L> {
        self.pointer
    }
}

impl<F, L> From<&Callback<TaintedFn<F, L>>> for TaintedFn<F, L> {
    fn from(callback: &Callback<TaintedFn<F, L>>) -> Self {
        callback.pointer
    }
}

/// Puts a closure into the guest's function table.
pub(crate) fn register<P, O, C, L>(store: &mut StoreContextMut<'_, State>, closure: C) -> Result<Callback<TaintedFn<P::Signature, L>>>
where
    P: FnPointer<L>,
    O: IntoGuest<Output<P, L>, L>,
    C: Fn(&mut SandboxRef<'_, L>, Args<P, L>) -> Result<O, CallbackError> + Send + Sync + 'static,
    L: Library,
{
    store.data().usable()?;
    settle(store);
    let slot = Slot(store.data().callbacks.0.len());
    let limit = store.data().limiter.limits.callbacks;
    if u64::try_from(slot.0).unwrap_or(u64::MAX) >= limit {
        return Err(Error::limit(LimitKind::Callbacks, limit));
    }
    // The place first: a function that finds none would stay in the store for nothing.
    let (table, index) = grow(store, L::NAME)?;
    let host = move |store: &mut StoreContextMut<'_, State>, args, place| run::<P, O, C, L>(store, slot, args, place);
    let function = <Parameters<P, L> as Params<L>>::host_function::<Returned<P, L>>(store, host);
    let set = function.and_then(|function| table.set(&mut *store, index, Ref::Func(Some(function))));
    set.map_err(|error| Error::bug(format!("a callback cannot be made: {error:#}")))?;
    let (instance, state) = (store.data().id, store.data_mut());
    state.callbacks.add(index, Arc::new(closure));
    Ok(Callback { pointer: TaintedFn::at(pointer(index, instance)?), slot, drops: Some(Arc::clone(&state.drops)) })
}

/// Makes an empty place behind the end of the guest's function table.
pub(crate) fn grow(store: &mut StoreContextMut<'_, State>, library: &'static str) -> Result<(Table, u64)> {
    let table = store.data().live()?.table.ok_or_else(|| Error::Module {
        library,
        reason: "it does not export its function table, which pointers to functions need; build it with build-support".into(),
    })?;
    // What was refused before, to the guest itself, is no reason now.
    store.data_mut().limiter.take_refusal();
    table.grow(&mut *store, 1, Ref::Func(None)).map(|index| (table, index)).map_err(|_| {
        let most = table.ty(&*store).maximum().unwrap_or(u64::MAX);
        store.data_mut().limiter.take_refusal().unwrap_or_else(|| Error::limit(LimitKind::TableSlots, most))
    })
}

/// Returns the pointer to the function at `index` of the table.
pub(crate) fn pointer(index: u64, instance: InstanceId) -> Result<RawPtr> {
    let index = u32::try_from(index).map_err(|_| Error::bug("a table of more than 4 Gi functions"))?;
    Ok(RawPtr::new(index, instance))
}

type Parameters<P, L> = <<P as FnPointer<L>>::Signature as Signature<L>>::Params;
type Returned<P, L> = <Output<P, L> as GuestResult<L>>::Return;
type WasmArgs<P, L> = <Parameters<P, L> as Params<L>>::Wasm;
type WasmResult<P, L> = <Returned<P, L> as Return<L>>::Wasm;

/// Runs a callback: where the guest enters the host.
fn run<P, O, C, L>(
    store: &mut StoreContextMut<'_, State>,
    slot: Slot,
    args: WasmArgs<P, L>,
    place: u32,
) -> wasmtime::Result<WasmResult<P, L>>
where
    P: FnPointer<L>,
    O: IntoGuest<Output<P, L>, L>,
    C: Fn(&mut SandboxRef<'_, L>, Args<P, L>) -> Result<O, CallbackError> + Send + Sync + 'static,
    L: Library,
{
    const { fits(size_of::<<Output<P, L> as GuestResult<L>>::Tainted>()) };
    let (_span, begins) = (observe::callback_span(), Mark::now());
    let state = store.data_mut();
    state.meter.callback_begins(&state.limiter.limits).map_err(Ended::Refused)?;
    let shared = state.callbacks.take(slot).ok_or_else(|| Ended::Stale)?;
    let closure = shared.downcast_ref::<C>().ok_or_else(|| Ended::Refused(Error::bug("a callback of another type")))?;
    let args = <Parameters<P, L> as Params<L>>::lift(args, store).map_err(Ended::Refused)?;
    store.data_mut().status = Status::Callback;
    let observed = store.data_mut().observer.callback_begins(begins);
    let result = closure(&mut SandboxRef::new(store), args);
    let returned = store.data_mut().observer.callback_returns(observed);
    store.data_mut().callbacks.put_back(slot, shared);
    store.data_mut().meter.callback_ends();
    store.data_mut().observer.callback_ends(returned);
    let outcome = match (store.data().status, result) {
        (Status::Callback, Ok(result)) => {
            store.data_mut().status = Status::Running;
            match Returned::<P, L>::lower(result.into_guest(), place, store) {
                // Not in one with the others, so that the value stays in a register.
                Ok(lowered) => {
                    settled(store)?;
                    return Ok(lowered);
                }
                Err(error) => Ended::Refused(error).into(),
            }
        }
        (_, result) => went_on(store.data_mut(), result.err()),
    };
    settled(store)?;
    Err(outcome)
}

/// The last thing of a callback: what the closure returned may have owned callbacks, and it may be late.
#[inline]
fn settled(store: &mut StoreContextMut<'_, State>) -> wasmtime::Result<()> {
    settle(store);
    Ok(store.data_mut().meter.check()?)
}

/// Says why the guest does not go on after a callback, with this error of its own or none.
#[cold]
fn went_on(state: &mut State, error: Option<CallbackError>) -> wasmtime::Error {
    let status = std::mem::replace(&mut state.status, Status::Running);
    // Whatever the callback made of it: C code in its place could not stop it.
    if let (Status::Jumping, Some(jump)) = (status, state.jump.take()) {
        return jump;
    }
    if status == Status::Poisoned || error.is_none() {
        state.status = status;
    }
    match error {
        Some(error) => Ended::Callback(error).into(),
        // A call further in ended badly, and the callback went on as if it had not.
        None => Ended::Refused(state.usable().err().unwrap_or_else(|| Error::bug("a callback left the guest running"))).into(),
    }
}
