//! Calls into the guest: status, arguments, and what became of them.

use std::any::Any;
use std::convert::Infallible;

use wasmtime::{AsContextMut, Func, ModuleExport, StoreContextMut};

use crate::abi::{GuestResult, Return};
use crate::ended::ended;
use crate::error::{Error, Result, Trap, TrapKind};
use crate::frame::Frame;
use crate::module::{Library, Loaded};
use crate::observe::{self, Mark};
use crate::sandbox::SandboxRef;
use crate::signature::Params;
use crate::state::{State, Status};
use crate::values::{Results, Values};

/// A function of the guest with parameters `P` and result `R`, as Wasm sees it.
pub(crate) type Typed<P, R, L> = <Lowered<P, R, L> as Values>::Function<Returned<R, L>>;

/// The Wasm parameters of a function with parameters `P` and result `R`, a place for the result included.
type Lowered<P, R, L> = <<R as GuestResult<L>>::Return as Return<L>>::Params<P>;
/// And its Wasm result.
type Returned<R, L> = <<R as GuestResult<L>>::Return as Return<L>>::Wasm;

/// Calls function `index` of the library's declarations.
///
/// # Errors
///
/// Everything that a guest can do wrong.
pub fn call<L: Library, P: Params<L>, R: GuestResult<L>>(
    mut sandbox: SandboxRef<'_, L>,
    index: usize,
    args: P::Tainted,
) -> Result<R::Tainted> {
    let decl = L::FUNCTIONS.get(index).ok_or_else(|| Error::bug("a function that is not declared"))?;
    sandbox.enter()?;
    invoke::<P, R, L>(&mut sandbox.store, decl.name, decl.param_names, args, |store, args| {
        let function = take::<P, R, L>(store, index)?;
        // After an error the next call, if there is one, looks it up again.
        let result = guest_call::<_, Returned<R, L>>(store, decl.name, &*function, args)?;
        put_back(store, index, function);
        Ok(result)
    })
}

/// Calls a function that is declared not to return.
///
/// # Errors
///
/// Always: how it ended.
pub fn call_noreturn<L: Library, P: Params<L>>(mut sandbox: SandboxRef<'_, L>, index: usize, args: P::Tainted) -> Result<Infallible> {
    let name = L::FUNCTIONS.get(index).map_or("?", |decl| decl.name);
    call::<L, P, ()>(sandbox.reborrow(), index, args)?;
    let (message, denied) = (None, sandbox.store.data().provided.denied.list());
    let error = Error::Trap(Box::new(Trap { function: name, kind: TrapKind::Returned, message, frames: Vec::new(), denied }));
    sandbox.store.data_mut().poison_because(&error.to_string());
    Err(error)
}

/// Lowers the arguments, calls, and lifts the result.
#[inline]
pub(crate) fn invoke<P: Params<L>, R: GuestResult<L>, L>(
    store: &mut StoreContextMut<'_, State>,
    name: &'static str,
    param_names: &'static [&'static str],
    args: P::Tainted,
    run: impl FnOnce(&mut StoreContextMut<'_, State>, Lowered<P, R, L>) -> Result<Returned<R, L>>,
) -> Result<R::Tainted> {
    let begins = Mark::now();
    let mut frame = Frame::new(store);
    let args = P::lower(args, &mut frame).map_err(|(argument, error)| match error {
        Error::WrongSandbox { .. } => {
            let argument = param_names.get(argument).copied().unwrap_or("...");
            Error::WrongSandbox { context: format!("argument `{argument}` of `{name}`").into() }
        }
        other => other,
    })?;
    let (args, place) = R::Return::params::<P>(args, &mut frame)?;
    frame.store().data_mut().observer.crossed(name, begins);
    let result = run(frame.store(), args)?;
    let begins = Mark::now();
    let result = R::Return::lift(result, place, frame.store());
    frame.store().data_mut().observer.crossed(name, begins);
    result
}

/// Takes the typed function, for the time of a call: to copy one would count references, which threads with sandboxes of their own share. A call of the same
/// function from within looks it up again.
#[inline]
fn take<P: Params<L>, R: GuestResult<L>, L>(store: &mut StoreContextMut<'_, State>, index: usize) -> Result<Box<Typed<P, R, L>>> {
    let known = store.data_mut().functions.get_mut(index).and_then(Option::take);
    match known.map(|function| function.downcast::<Typed<P, R, L>>()) {
        Some(Ok(function)) => Ok(function),
        _ => look_up::<P, R, L>(store, index),
    }
}

#[inline]
fn put_back<F: Any + Send + Sync>(store: &mut StoreContextMut<'_, State>, index: usize, function: Box<F>) {
    match store.data_mut().functions.get_mut(index) {
        Some(place @ None) => *place = Some(function),
        // A call of the same function from within was first.
        _ => drop(function),
    }
}

#[cold]
fn look_up<P: Params<L>, R: GuestResult<L>, L>(store: &mut StoreContextMut<'_, State>, index: usize) -> Result<Box<Typed<P, R, L>>> {
    let functions = &mut store.data_mut().functions;
    if functions.len() <= index {
        functions.resize_with(index.saturating_add(1), || None);
    }
    let function = exported(store, index)?;
    typed::<P, R, L>(function, store).map(Box::new).map_err(|error| does_not_fit(&error))
}

/// Finds function `index` of the library's declarations.
pub(crate) fn exported(store: &mut StoreContextMut<'_, State>, index: usize) -> Result<Func> {
    let export = *store.data().loaded.functions.get(index).ok_or_else(|| Error::bug("a function that is not exported"))?;
    function(store, &export)
}

/// Finds a function that the runtime itself calls, if the module exports it.
pub(crate) fn typed_export<P: Values, R: Results>(
    store: &mut StoreContextMut<'_, State>,
    export: impl Fn(&Loaded) -> Option<&ModuleExport>,
) -> Result<Option<P::Function<R>>> {
    let export = export(&store.data().loaded).copied();
    export.map(|export| P::typed(function(store, &export)?, store).map_err(|error| does_not_fit(&error))).transpose()
}

fn function(store: &mut StoreContextMut<'_, State>, export: &ModuleExport) -> Result<Func> {
    let instance = store.data().live()?.instance;
    let export = instance.get_module_export(&mut *store, export).and_then(wasmtime::Extern::into_func);
    export.ok_or_else(|| Error::bug("an exported function is gone"))
}

/// Checks the type of a function.
pub(crate) fn typed<P: Params<L>, R: GuestResult<L>, L>(
    function: Func,
    store: &mut StoreContextMut<'_, State>,
) -> wasmtime::Result<Typed<P, R, L>> {
    Lowered::<P, R, L>::typed(function, store)
}

fn does_not_fit(error: &wasmtime::Error) -> Error {
    Error::bug(format!("a checked signature does not fit: {error}"))
}

/// Runs guest code: the only place where the guest is entered.
#[inline]
pub(crate) fn guest_call<P: Values, R: Results>(
    store: &mut StoreContextMut<'_, State>,
    name: &'static str,
    function: &P::Function<R>,
    args: P,
) -> Result<R> {
    let nested = matches!(store.data().status, Status::Callback);
    let _watched = store.data_mut().meter.enters(nested)?;
    store.data_mut().status = Status::Running;
    let _span = observe::call_span(name);
    let observed = store.data_mut().observer.call_begins(nested);
    let entered = Entered(store);
    let result = match entered.0.data_mut().meter.check() {
        // Late is late, also where the guest did something that cannot be stopped in between.
        Ok(()) => args
            .call(function, entered.0.as_context_mut())
            .and_then(|result| entered.0.data_mut().meter.check().map(|()| result).map_err(Into::into)),
        Err(stopped) => Err(stopped.into()),
    };
    entered.0.data_mut().observer.call_ends(name, observed);
    let rest = if nested { Status::Callback } else { Status::Ready };
    entered.left(name, result, rest)
}

/// The guest runs. A panic of a callback that unwinds through it leaves it in no known state.
struct Entered<'a, 'b>(&'a mut StoreContextMut<'b, State>);

impl Entered<'_, '_> {
    /// The guest is left: in status `rest`, if all is well.
    #[inline]
    fn left<R>(self, name: &'static str, result: wasmtime::Result<R>, rest: Status) -> Result<R> {
        let state = self.0.data_mut();
        state.meter.left(&state.limiter.limits, rest == Status::Callback);
        let result = match result {
            Ok(result) if state.status == Status::Running => {
                state.status = rest;
                Ok(result)
            }
            other => Err(failed(self.0, name, other.err(), rest)),
        };
        std::mem::forget(self);
        result
    }
}

/// Says why the guest was left otherwise than by returning, and what status it is in for that.
#[cold]
fn failed(store: &mut StoreContextMut<'_, State>, name: &'static str, error: Option<wasmtime::Error>, rest: Status) -> Error {
    let Some(error) = error else { return Error::bug("the guest went on after a callback that ended it") };
    let state = store.data_mut();
    // The jump goes on to a frame below the callback, if there is one that waits for it.
    if state.status == Status::Running && rest == Status::Callback && error.is::<wasmtime::ThrownException>() {
        state.status = Status::Jumping;
        state.jump = Some(error);
        return Error::LongJump;
    }
    let error = ended(store, name, error);
    store.data_mut().poison(&error);
    error
}

impl Drop for Entered<'_, '_> {
    fn drop(&mut self) {
        self.0.data_mut().poison_because("a panic of the host went through a call");
    }
}
