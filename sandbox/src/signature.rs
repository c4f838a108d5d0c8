//! Signatures of C functions: tuples of parameters, and Rust function types that stand for C ones.

use wasmtime::{AsContextMut, Caller, Func, StoreContextMut, ValType};

use crate::abi::{GuestResult, Passed, Passing, Return};
use crate::error::{Error, Result};
use crate::frame::Frame;
use crate::state::State;
use crate::values::{self, List, Number, Types, Values, for_each_prefix};
use crate::{GuestType, IntoGuest, TaintedFn, VaList, Variadic};

/// The parameters of a C function: a tuple of guest types.
pub trait Params<L>: 'static {
    /// The arguments of a call.
    type Tainted;
    /// The arguments as a callback takes them: none is `()`, one stands alone, more are a tuple.
    type Args;
    /// The arguments as Wasm takes them.
    type Wasm: Values;
    /// The same with a pointer to the result in front.
    type WithPlace: Values;
    /// Lowers the arguments of a call; an error says which one it was, by its index.
    #[doc(hidden)]
    fn lower(args: Self::Tainted, frame: &mut Frame<'_, '_>) -> Result<Self::Wasm, (usize, Error)>;
    /// Lifts the arguments of a callback.
    #[doc(hidden)]
    fn lift(wasm: Self::Wasm, store: &StoreContextMut<'_, State>) -> Result<Self::Args>;
    /// Puts a pointer to the result in front.
    #[doc(hidden)]
    fn with_place(place: u32, wasm: Self::Wasm) -> Self::WithPlace;
    /// Makes a function that the guest can call, which gets its arguments and the place of the result.
    #[doc(hidden)]
    fn host_function<R: Return<L>>(
        store: &mut StoreContextMut<'_, State>,
        run: impl HostFunction<Self::Wasm, R::Wasm>,
    ) -> wasmtime::Result<Func>;
}

/// The host's end of a function that the guest calls.
#[doc(hidden)]
pub trait HostFunction<P, R>: Fn(&mut StoreContextMut<'_, State>, P, u32) -> wasmtime::Result<R> + Send + Sync + 'static {}

impl<F, P, R> HostFunction<P, R> for F where F: Fn(&mut StoreContextMut<'_, State>, P, u32) -> wasmtime::Result<R> + Send + Sync + 'static {}

/// A C signature, as a Rust function type: `fn(i32, TaintedPtr<u8, L>) -> u64`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a C signature of this library",
    note = "a function pointer of a header is a type of the library's module, as in `register_callback::<expat::XML_StartElementHandler, _>(…)`; one whose signature the bindings do not know needs a typedef in the header"
)]
pub trait Signature<L>: 'static {
    /// Its parameters.
    #[doc(hidden)]
    type Params: Params<L>;
    /// Its result.
    #[doc(hidden)]
    type Result: GuestResult<L>;
}

/// A type of function pointers: [`TaintedFn`], and every typedef of the header that is one.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a function pointer of this library",
    note = "name the type of the header, as in `register_callback::<expat::XML_StartElementHandler, _>(…)`"
)]
pub trait FnPointer<L> {
    /// Its signature.
    type Signature: Signature<L>;
}

impl<F: Signature<L>, L> FnPointer<L> for TaintedFn<F, L> {
    type Signature = F;
}

/// The arguments that a callback of type `P` takes.
pub(crate) type Args<P, L> = <<<P as FnPointer<L>>::Signature as Signature<L>>::Params as Params<L>>::Args;
/// The result that a callback of type `P` returns.
pub(crate) type Output<P, L> = <<P as FnPointer<L>>::Signature as Signature<L>>::Result;

/// Arguments for the parameters `P`, each tainted or not: none is `()`, one stands alone, more are a tuple.
#[diagnostic::on_unimplemented(
    message = "`{Self}` are not the arguments of a function that takes `{P}`",
    note = "one argument stands alone, several are a tuple: `callback.call(&mut sb, (1, pointer))`"
)]
pub trait IntoArgs<P: Params<L>, L> {
    /// Makes the arguments.
    #[doc(hidden)]
    fn into_args(self) -> P::Tainted;
}

/// The type of one argument.
type Wasm<T, L> = <<T as Passed<L>>::By as Passing<T, L>>::Wasm;

/// As large as the arguments of a callback, and its result, may be, in bytes of the host: they lie on its stack, in several copies, below the guest's deepest frame.
const MAX_ARGS: usize = 8 << 10;

pub(crate) const fn fits(bytes: usize) {
    assert!(bytes <= MAX_ARGS, "the structs that C and this callback pass by value are too large: let a shim pass pointers to them");
}

/// No type is `()`, one stands alone, more are a tuple.
macro_rules! alone_or_tuple {
    ($one:ty) => { $one };
    ($($many:ty),*) => { ($($many,)*) };
}

macro_rules! signatures {
    ($(($ty:ident $given:ident $arg:ident $index:literal))*) => {
        impl<L: 'static, $($ty: Passed<L>),*> Params<L> for ($($ty,)*) {
            type Tainted = ($(<$ty as GuestType<L>>::Tainted,)*);
            type Args = alone_or_tuple!($(<$ty as GuestType<L>>::Tainted),*);
            type Wasm = ($(Wasm<$ty, L>,)*);
            type WithPlace = (u32, $(Wasm<$ty, L>,)*);

            #[allow(unused_variables, clippy::unused_unit, reason = "the empty tuple")]
            fn lower(($($arg,)*): Self::Tainted, frame: &mut Frame<'_, '_>) -> Result<Self::Wasm, (usize, Error)> {
                // Not `map_err`: its closures, one for each argument of each signature, took a fifth of the time to compile a caller.
                $(let $arg = match $ty::By::lower($arg, frame) {
                    Ok(wasm) => wasm,
                    Err(error) => return Err(($index, error)),
                };)*
                Ok(($($arg,)*))
            }

            #[allow(unused_variables, unused_parens, clippy::needless_question_mark, reason = "the empty tuple, and one that stands alone")]
            fn lift(($($arg,)*): Self::Wasm, store: &StoreContextMut<'_, State>) -> Result<Self::Args> {
                const { fits(size_of::<Self::Args>()) };
                Ok(($($ty::By::lift($arg, store)?),*))
            }

            fn with_place(place: u32, ($($arg,)*): Self::Wasm) -> Self::WithPlace {
                (place, $($arg,)*)
            }

            fn host_function<R: Return<L>>(
                store: &mut StoreContextMut<'_, State>,
                run: impl HostFunction<Self::Wasm, R::Wasm>,
            ) -> wasmtime::Result<Func> {
                if R::IN_MEMORY {
                    Func::try_wrap(store, move |mut caller: Caller<'_, State>, place: u32, $($arg: Wasm<$ty, L>),*| {
                        run(&mut caller.as_context_mut(), ($($arg,)*), place)
                    })
                } else {
                    Func::try_wrap(store, move |mut caller: Caller<'_, State>, $($arg: Wasm<$ty, L>),*| {
                        run(&mut caller.as_context_mut(), ($($arg,)*), 0)
                    })
                }
            }
        }

        impl<L: 'static, R: GuestResult<L> + 'static, $($ty: Passed<L>),*> Signature<L> for fn($($ty),*) -> R {
            type Params = ($($ty,)*);
            type Result = R;
        }
    };
}

macro_rules! variadic_signatures {
    ($(($ty:ident $given:ident $arg:ident $index:literal))*) => {
        impl<L: 'static, R: GuestResult<L> + 'static, $($ty: Passed<L>),*> Signature<L> for Variadic<fn($($ty),*) -> R> {
            type Params = ($($ty,)* VaList<L>,);
            type Result = R;
        }
    };
}

macro_rules! arguments {
    () => {
        impl<L> IntoArgs<(), L> for ()
        where
            (): Params<L, Tainted = ()>,
        {
            fn into_args(self) {}
        }
    };
    (($ty:ident $given:ident $arg:ident $index:literal)) => {
        impl<L: 'static, $ty: Passed<L>, $given: IntoGuest<$ty, L>> IntoArgs<($ty,), L> for $given {
            fn into_args(self) -> (<$ty as GuestType<L>>::Tainted,) {
                (self.into_guest(),)
            }
        }
    };
    ($(($ty:ident $given:ident $arg:ident $index:literal))*) => {
        impl<L: 'static, $($ty: Passed<L>, $given: IntoGuest<$ty, L>),*> IntoArgs<($($ty,)*), L> for ($($given,)*) {
            fn into_args(self) -> ($(<$ty as GuestType<L>>::Tainted,)*) {
                let ($($arg,)*) = self;
                ($($arg.into_guest(),)*)
            }
        }
    };
}

/// Parameters of which there are more than the engine's typed calls take, besides a place for the
/// result: in a list.
macro_rules! wide_signatures {
    ($(($ty:ident $given:ident $arg:ident $index:literal))*) => {
        impl<$($ty: Number),*> Types for ($($ty,)*) {
            fn types() -> Vec<ValType> {
                vec![$($ty::TYPE),*]
            }
        }

        impl<L: 'static, $($ty: Passed<L>),*> Params<L> for ($($ty,)*) {
            type Tainted = ($(<$ty as GuestType<L>>::Tainted,)*);
            type Args = ($(<$ty as GuestType<L>>::Tainted,)*);
            type Wasm = List<($(Wasm<$ty, L>,)*)>;
            type WithPlace = List<(u32, ($(Wasm<$ty, L>,)*))>;

            fn lower(($($arg,)*): Self::Tainted, frame: &mut Frame<'_, '_>) -> Result<Self::Wasm, (usize, Error)> {
                $(let $arg = match $ty::By::lower($arg, frame) {
                    Ok(wasm) => wasm.into_val(),
                    Err(error) => return Err(($index, error)),
                };)*
                Ok(List::new(vec![$($arg),*]))
            }

            fn lift(wasm: Self::Wasm, store: &StoreContextMut<'_, State>) -> Result<Self::Args> {
                const { fits(size_of::<Self::Args>()) };
                let mut values = wasm.values();
                let missing = || Error::bug("a callback gets another list of arguments than its type says");
                Ok(($($ty::By::lift(values.next().and_then(Number::from_val).ok_or_else(missing)?, store)?,)*))
            }

            fn with_place(place: u32, wasm: Self::Wasm) -> Self::WithPlace {
                wasm.behind(place)
            }

            fn host_function<R: Return<L>>(
                store: &mut StoreContextMut<'_, State>,
                run: impl HostFunction<Self::Wasm, R::Wasm>,
            ) -> wasmtime::Result<Func> {
                values::host_function(store, R::IN_MEMORY, run)
            }
        }

        impl<L: 'static, R: GuestResult<L> + 'static, $($ty: Passed<L>),*> Signature<L> for fn($($ty),*) -> R {
            type Params = ($($ty,)*);
            type Result = R;
        }
    };
}

/// Calls a macro for up to 16 parameters.
macro_rules! for_few {
    ($mac:ident) => {
        for_each_prefix!($mac [] (A A1 a 0) (B B1 b 1) (C C1 c 2) (D D1 d 3) (E E1 e 4) (F F1 f 5) (G G1 g 6) (H H1 h 7) (I I1 i 8)
            (J J1 j 9) (K K1 k 10) (M M1 m 11) (N N1 n 12) (O O1 o 13) (P P1 p 14) (Q Q1 q 15));
    };
}

/// Calls a macro for 17 parameters, and so on up to 31, and with `last` for 32.
macro_rules! for_many {
    ($mac:ident $($last:tt)*) => {
        for_each_prefix!($mac [(A A1 a 0) (B B1 b 1) (C C1 c 2) (D D1 d 3) (E E1 e 4) (F F1 f 5) (G G1 g 6) (H H1 h 7) (I I1 i 8)
            (J J1 j 9) (K K1 k 10) (M M1 m 11) (N N1 n 12) (O O1 o 13) (P P1 p 14) (Q Q1 q 15) (S S1 s 16)]
            (T T1 t 17) (U U1 u 18) (V V1 v 19) (W W1 w 20) (X X1 x 21) (Y Y1 y 22) (Z Z1 z 23) (AA AA1 aa 24) (AB AB1 ab 25)
            (AC AC1 ac 26) (AD AD1 ad 27) (AE AE1 ae 28) (AF AF1 af 29) (AG AG1 ag 30) $($last)*);
    };
}

for_few!(signatures);
for_many!(wide_signatures (AH AH1 ah 31));
for_few!(variadic_signatures);
// The list behind the parameters is one more.
for_many!(variadic_signatures);
for_few!(arguments);
for_many!(arguments (AH AH1 ah 31));
