//! The values that cross the boundary: one by one, as the engine's typed calls take them, or in a
//! list, where there are more than these take.

use std::marker::PhantomData;

use wasmtime::{AsContextMut, Caller, Func, FuncType, StoreContextMut, TypedFunc, Val, ValType, WasmResults, WasmRet, WasmTy};

use crate::signature::HostFunction;
use crate::state::State;

/// One Wasm value.
#[doc(hidden)]
pub trait Number: Results + WasmTy {
    /// Its type.
    const TYPE: ValType;
    /// As the engine has it in a list.
    fn into_val(self) -> Val;
    /// Takes it out of a list, where it has this type.
    fn from_val(value: &Val) -> Option<Self>;
}

macro_rules! numbers {
    ($($ty:ident $kind:ident $into:expr, $from:expr;)*) => {$(
        impl Number for $ty {
            const TYPE: ValType = ValType::$kind;

            fn into_val(self) -> Val {
                let into: fn($ty) -> _ = $into;
                Val::$kind(into(self))
            }

            fn from_val(value: &Val) -> Option<Self> {
                match value {
                    Val::$kind(value) => Some(($from)(*value)),
                    _ => None,
                }
            }
        }
    )*};
}

numbers! {
    u32 I32 u32::cast_signed, i32::cast_unsigned;
    i32 I32 std::convert::identity, std::convert::identity;
    u64 I64 u64::cast_signed, i64::cast_unsigned;
    i64 I64 std::convert::identity, std::convert::identity;
    f32 F32 f32::to_bits, f32::from_bits;
    f64 F64 f64::to_bits, f64::from_bits;
}

/// What a function returns: a value, or nothing.
#[doc(hidden)]
pub trait Results: WasmResults + WasmRet + Sized + 'static {
    /// The types of a list of it.
    const TYPES: &'static [ValType];
    /// Takes it out of a list.
    fn from_vals(values: &[Val]) -> Option<Self>;
    /// Puts it into one.
    fn into_vals(self, values: &mut [Val]) -> Option<()>;
}

impl Results for () {
    const TYPES: &'static [ValType] = &[];

    fn from_vals(_values: &[Val]) -> Option<()> {
        Some(())
    }

    fn into_vals(self, _values: &mut [Val]) -> Option<()> {
        Some(())
    }
}

macro_rules! results {
    ($($ty:ident)*) => {$(
        impl Results for $ty {
            const TYPES: &'static [ValType] = &[$ty::TYPE];

            fn from_vals(values: &[Val]) -> Option<Self> {
                Self::from_val(values.first()?)
            }

            fn into_vals(self, values: &mut [Val]) -> Option<()> {
                *values.first_mut()? = self.into_val();
                Some(())
            }
        }
    )*};
}

results!(u32 i32 u64 i64 f32 f64);

/// What a function takes.
#[doc(hidden)]
pub trait Values: Sized + 'static {
    /// A function of the guest that takes these, and returns an `R`.
    type Function<R: Results>: Send + Sync + 'static;
    /// Checks that a function does.
    fn typed<R: Results>(function: Func, store: &StoreContextMut<'_, State>) -> wasmtime::Result<Self::Function<R>>;
    /// Calls it.
    fn call<R: Results>(self, function: &Self::Function<R>, store: StoreContextMut<'_, State>) -> wasmtime::Result<R>;
}

/// Values one by one.
macro_rules! one_by_one {
    ($($ty:ident)*) => {
        impl<$($ty: Number),*> Values for ($($ty,)*) {
            type Function<R: Results> = TypedFunc<Self, R>;

            #[inline]
            fn typed<R: Results>(function: Func, store: &StoreContextMut<'_, State>) -> wasmtime::Result<TypedFunc<Self, R>> {
                function.typed(store)
            }

            #[inline]
            fn call<R: Results>(self, function: &TypedFunc<Self, R>, store: StoreContextMut<'_, State>) -> wasmtime::Result<R> {
                function.call(store, self)
            }
        }
    };
}

/// Calls a macro for no value, for the first, for the first two, and so on.
macro_rules! for_each_prefix {
    ($mac:ident [$($done:tt)*]) => { $mac!($($done)*); };
    ($mac:ident [$($done:tt)*] $next:tt $($rest:tt)*) => {
        $mac!($($done)*);
        for_each_prefix!($mac [$($done)* $next] $($rest)*);
    };
}

pub(crate) use for_each_prefix;

// As many as the engine has typed calls for.
for_each_prefix!(one_by_one [] A B C D E F G H I J K L M N O P Q);

/// A list of values, with the types of the tuple `T`.
#[doc(hidden)]
#[derive(Debug)]
pub struct List<T> {
    values: Vec<Val>,
    types: PhantomData<fn() -> T>,
}

/// The types of a list.
#[doc(hidden)]
pub trait Types: 'static {
    /// One after the other.
    fn types() -> Vec<ValType>;
}

impl<T> List<T> {
    pub(crate) fn new(values: Vec<Val>) -> Self {
        Self { values, types: PhantomData }
    }

    /// Puts a value in front.
    pub(crate) fn behind<F: Number>(mut self, first: F) -> List<(F, T)> {
        self.values.insert(0, first.into_val());
        List::new(self.values)
    }

    pub(crate) fn values(&self) -> impl Iterator<Item = &Val> {
        self.values.iter()
    }
}

/// A value, and those behind it.
impl<F: Number, T: Types> Types for (F, T) {
    fn types() -> Vec<ValType> {
        let mut types = T::types();
        types.insert(0, F::TYPE);
        types
    }
}

/// A function whose type was checked, and what it returns.
#[doc(hidden)]
#[derive(Debug)]
pub struct Checked<R>(Func, PhantomData<fn() -> R>);

impl<T: Types> Values for List<T> {
    type Function<R: Results> = Checked<R>;

    fn typed<R: Results>(function: Func, store: &StoreContextMut<'_, State>) -> wasmtime::Result<Checked<R>> {
        let ty = function.ty(store);
        let same = |found: &mut dyn Iterator<Item = ValType>, wanted: &[ValType]| {
            let found: Vec<ValType> = found.collect();
            found.len() == wanted.len() && found.iter().zip(wanted).all(|(found, wanted)| ValType::eq(found, wanted))
        };
        if same(&mut ty.params(), &T::types()) && same(&mut ty.results(), R::TYPES) {
            return Ok(Checked(function, PhantomData));
        }
        Err(wasmtime::Error::msg(format!("the function has the type {ty}")))
    }

    fn call<R: Results>(self, function: &Checked<R>, store: StoreContextMut<'_, State>) -> wasmtime::Result<R> {
        let mut results = [Val::I32(0)];
        let results = results.get_mut(..R::TYPES.len()).unwrap_or_default();
        function.0.call(store, &self.values, results)?;
        R::from_vals(results).ok_or_else(wrong)
    }
}

/// Makes a function that the guest can call with a list of values.
pub(crate) fn host_function<T: Types, R: Results>(
    store: &mut StoreContextMut<'_, State>,
    place: bool,
    run: impl HostFunction<List<T>, R>,
) -> wasmtime::Result<Func> {
    let mut types = T::types();
    if place {
        types.insert(0, ValType::I32);
    }
    let ty = FuncType::new(store.engine(), types, R::TYPES.iter().cloned());
    Func::try_new(store, ty, move |mut caller: Caller<'_, State>, values: &[Val], results: &mut [Val]| {
        let (at, values) = if place { values.split_first().ok_or_else(wrong)? } else { (&Val::I32(0), values) };
        let at = u32::from_val(at).ok_or_else(wrong)?;
        let result = run(&mut caller.as_context_mut(), List::new(values.to_vec()), at)?;
        result.into_vals(results).ok_or_else(wrong)
    })
}

/// The engine checks a list against the type of a function.
pub(crate) fn wrong() -> wasmtime::Error {
    wasmtime::Error::msg("bug: the engine passes another list of values than its type says")
}
