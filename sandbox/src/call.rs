//! Calls into the guest: status, arguments, and what became of them.

use std::any::Any;
use std::convert::Infallible;

use wasmtime::{AsContextMut, StoreContextMut, TypedFunc, WasmBacktrace, WasmParams, WasmResults};

use crate::abi::{CBool, GuestEnum, GuestScalar, GuestType, InstanceId};
use crate::error::{Error, LimitKind, Result, Trap, TrapKind};
use crate::imports::Ended;
use crate::module::Library;
use crate::sandbox::SandboxRef;
use crate::state::{State, Status};
use crate::tainted::{Pointee, TaintedFn, TaintedPtr};

/// Frames of a trap that are worth a line in an error message.
const FRAMES: usize = 8;

/// The parameters of a C function: a tuple of guest types.
pub trait Params<L> {
    /// The arguments as the caller gives them.
    type Tainted;
    /// The arguments as Wasm takes them.
    type Wasm: WasmParams + 'static;
    /// Lowers the arguments; an error says which one it was, by its index.
    fn lower(args: Self::Tainted, to: InstanceId) -> Result<Self::Wasm, (usize, Error)>;
}

macro_rules! params {
    ($($ty:ident $arg:ident $index:literal)*) => {
        impl<L, $($ty: GuestScalar<L>),*> Params<L> for ($($ty,)*) {
            type Tainted = ($($ty::Tainted,)*);
            type Wasm = ($($ty::Wasm,)*);

            #[allow(unused_variables, clippy::unused_unit, reason = "the empty tuple")]
            fn lower(($($arg,)*): Self::Tainted, to: InstanceId) -> Result<Self::Wasm, (usize, Error)> {
                Ok(($($ty::lower($arg, to).map_err(|error| ($index, error))?,)*))
            }
        }
    };
}

params!();
params!(A a 0);
params!(A a 0 B b 1);
params!(A a 0 B b 1 C c 2);
params!(A a 0 B b 1 C c 2 D d 3);
params!(A a 0 B b 1 C c 2 D d 3 E e 4);
params!(A a 0 B b 1 C c 2 D d 3 E e 4 F f 5);
params!(A a 0 B b 1 C c 2 D d 3 E e 4 F f 5 G g 6);
params!(A a 0 B b 1 C c 2 D d 3 E e 4 F f 5 G g 6 H h 7);
params!(A a 0 B b 1 C c 2 D d 3 E e 4 F f 5 G g 6 H h 7 I i 8);
params!(A a 0 B b 1 C c 2 D d 3 E e 4 F f 5 G g 6 H h 7 I i 8 J j 9);
params!(A a 0 B b 1 C c 2 D d 3 E e 4 F f 5 G g 6 H h 7 I i 8 J j 9 K k 10);
params!(A a 0 B b 1 C c 2 D d 3 E e 4 F f 5 G g 6 H h 7 I i 8 J j 9 K k 10 M m 11);
params!(A a 0 B b 1 C c 2 D d 3 E e 4 F f 5 G g 6 H h 7 I i 8 J j 9 K k 10 M m 11 N n 12);
params!(A a 0 B b 1 C c 2 D d 3 E e 4 F f 5 G g 6 H h 7 I i 8 J j 9 K k 10 M m 11 N n 12 O o 13);
params!(A a 0 B b 1 C c 2 D d 3 E e 4 F f 5 G g 6 H h 7 I i 8 J j 9 K k 10 M m 11 N n 12 O o 13 P p 14);
params!(A a 0 B b 1 C c 2 D d 3 E e 4 F f 5 G g 6 H h 7 I i 8 J j 9 K k 10 M m 11 N n 12 O o 13 P p 14 Q q 15);

/// The result of a C function: nothing, or a guest type.
pub trait GuestResult<L> {
    /// The result as the caller gets it.
    type Tainted;
    /// The result as Wasm gives it.
    type Wasm: WasmResults + 'static;
    /// Lifts the result.
    fn lift(wasm: Self::Wasm, from: InstanceId) -> Self::Tainted;
}

impl<L> GuestResult<L> for () {
    type Tainted = ();
    type Wasm = ();

    fn lift((): (), _from: InstanceId) {}
}

/// One impl per kind of scalar: a blanket one could not stand beside the one for `()`.
macro_rules! results {
    ($([$($generics:tt)*] $ty:ty $(where [$($bounds:tt)*])?;)*) => {$(
        impl<$($generics)*> GuestResult<L> for $ty $(where $($bounds)*)? {
            type Tainted = <$ty as GuestType<L>>::Tainted;
            type Wasm = <$ty as GuestScalar<L>>::Wasm;

            fn lift(wasm: Self::Wasm, from: InstanceId) -> Self::Tainted {
                <$ty as GuestScalar<L>>::lift(wasm, from)
            }
        }
    )*};
}

results! {
    [L: 'static] i8; [L: 'static] u8; [L: 'static] i16; [L: 'static] u16; [L: 'static] i32; [L: 'static] u32;
    [L: 'static] i64; [L: 'static] u64; [L: 'static] f32; [L: 'static] f64; [L: 'static] CBool;
    [T: Pointee<L>, L: 'static] TaintedPtr<T, L>;
    [F: 'static, L: 'static] TaintedFn<F, L>;
    [E, L: 'static] E where [E: GuestEnum + GuestScalar<L>];
}

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
    let id = sandbox.store.data().id;
    let args = P::lower(args, id).map_err(|(argument, error)| match error {
        Error::WrongSandbox { .. } => {
            let argument = decl.param_names.get(argument).copied().unwrap_or_default();
            Error::WrongSandbox { context: format!("argument `{argument}` of `{}`", decl.name).into() }
        }
        other => other,
    })?;
    let function = function::<P::Wasm, R::Wasm>(&mut sandbox.store, index)?;
    let result = guest_call(&mut sandbox.store, decl.name, &function, args)?;
    Ok(R::lift(result, id))
}

/// Calls a function that is declared not to return.
///
/// # Errors
///
/// Always: how it ended.
pub fn call_noreturn<L: Library, P: Params<L>>(mut sandbox: SandboxRef<'_, L>, index: usize, args: P::Tainted) -> Result<Infallible> {
    let name = L::FUNCTIONS.get(index).map_or("?", |decl| decl.name);
    call::<L, P, ()>(sandbox.reborrow(), index, args)?;
    let error = Error::Trap(Box::new(Trap { function: name, kind: TrapKind::Returned, frames: Vec::new() }));
    sandbox.store.data_mut().status = Status::Poisoned(error.to_string().into());
    Err(error)
}

/// Finds the typed function, which is looked up once per instance.
fn function<P, R>(store: &mut StoreContextMut<'_, State>, index: usize) -> Result<TypedFunc<P, R>>
where
    P: WasmParams + 'static,
    R: WasmResults + 'static,
{
    let known: Option<&(dyn Any + Send + Sync)> = store.data().functions.get(index).and_then(Option::as_deref);
    if let Some(function) = known.and_then(|known| known.downcast_ref::<TypedFunc<P, R>>()) {
        return Ok(function.clone());
    }
    let export = *store.data().loaded.functions.get(index).ok_or_else(|| Error::bug("a function that is not exported"))?;
    let instance = store.data().live()?.instance;
    let function = instance
        .get_module_export(&mut *store, &export)
        .and_then(wasmtime::Extern::into_func)
        .ok_or_else(|| Error::bug("an exported function is gone"))?
        .typed::<P, R>(&mut *store)
        .map_err(|error| Error::bug(format!("a checked signature does not fit: {error}")))?;
    let functions = &mut store.data_mut().functions;
    if functions.len() <= index {
        functions.resize_with(index.saturating_add(1), || None);
    }
    if let Some(place) = functions.get_mut(index) {
        *place = Some(Box::new(function.clone()));
    }
    Ok(function)
}

/// Runs guest code: the only place where the guest is entered.
pub(crate) fn guest_call<P: WasmParams, R: WasmResults>(
    store: &mut StoreContextMut<'_, State>,
    name: &'static str,
    function: &TypedFunc<P, R>,
    args: P,
) -> Result<R> {
    store.data_mut().status = Status::Running;
    let result = function.call(store.as_context_mut(), args);
    match result {
        Ok(result) => {
            store.data_mut().status = Status::Ready;
            Ok(result)
        }
        Err(error) => {
            let error = ended(store, name, &error);
            store.data_mut().status = Status::Poisoned(error.to_string().into());
            Err(error)
        }
    }
}

/// Says how a call ended.
pub(crate) fn ended(store: &mut StoreContextMut<'_, State>, function: &'static str, error: &wasmtime::Error) -> Error {
    use wasmtime::Trap as Code;

    if let Some(ended) = error.downcast_ref::<Ended>() {
        return match ended {
            Ended::Exit(code) => Error::Exit { function, code: *code },
            Ended::Denied(import) => Error::DeniedImport { function, import: import.clone() },
        };
    }
    let out_of_memory = || Error::Limit { which: LimitKind::Memory, limit: store.data().limiter.memory_limit() };
    if error.is::<wasmtime::GcHeapOutOfMemory<()>>() {
        return out_of_memory();
    }
    let kind = match error.downcast_ref::<Code>() {
        Some(Code::StackOverflow) => {
            return Error::Limit { which: LimitKind::CallStack, limit: sandbox_engine::CALL_STACK_BYTES };
        }
        Some(Code::AllocationTooLarge) => return out_of_memory(),
        Some(Code::MemoryOutOfBounds | Code::HeapMisaligned) => TrapKind::OutOfBounds,
        Some(Code::TableOutOfBounds | Code::IndirectCallToNull) => TrapKind::NullFunction,
        Some(Code::BadSignature) => TrapKind::BadSignature,
        Some(Code::UnreachableCodeReached) => TrapKind::Abort,
        Some(Code::IntegerDivisionByZero) => TrapKind::DivisionByZero,
        Some(Code::IntegerOverflow | Code::BadConversionToInteger) => TrapKind::Overflow,
        _ if error.is::<wasmtime::ThrownException>() => TrapKind::UncaughtJump,
        _ => TrapKind::Other,
    };
    let frames = error
        .downcast_ref::<WasmBacktrace>()
        .map(|backtrace| {
            let names = backtrace.frames().iter().filter_map(wasmtime::FrameInfo::func_name);
            names.take(FRAMES).map(Into::into).collect()
        })
        .unwrap_or_default();
    Error::Trap(Box::new(Trap { function, kind, frames }))
}
