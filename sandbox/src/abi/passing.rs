//! How values are passed to functions and returned by them: the C ABI of the Wasm tool conventions (`BasicCABI.md`).
//!
//! A scalar is one Wasm value. A struct or union that holds one scalar and nothing else is passed as that scalar. Every other one is passed as a
//! pointer to a copy on the caller's stack, and returned through a pointer that the caller passes in front of the parameters.

use std::marker::PhantomData;

use wasmtime::StoreContextMut;

use super::{CBool, Destination, GuestEnum, GuestScalar, GuestType, Wasm};
use crate::error::Result;
use crate::frame::Frame;
use crate::memory::{slice, slice_mut};
use crate::signature::Params;
use crate::state::State;
use crate::tainted::{Pointee, TaintedFn, TaintedPtr};
use crate::values::{Number, Results, Values};

/// A guest type that can be a parameter.
#[diagnostic::on_unimplemented(message = "`{Self}` cannot be passed by value", note = "C passes arrays and functions as pointers")]
pub trait Passed<L>: GuestType<L> + GuestResult<L, Tainted = <Self as GuestType<L>>::Tainted> {
    /// The way it is passed.
    #[doc(hidden)]
    type By: Passing<Self, L>;
}

/// A way to pass a `T`.
#[doc(hidden)]
pub trait Passing<T: GuestType<L>, L> {
    /// The Wasm value that stands for it.
    type Wasm: Number;
    /// The way to return it.
    type Return: Return<L, Tainted = T::Tainted>;
    /// The kind of the Wasm value.
    const WASM: Wasm;
    /// Makes the Wasm value.
    fn lower(value: T::Tainted, frame: &mut Frame<'_, '_>) -> Result<Self::Wasm>;
    /// Takes the Wasm value of a guest that calls.
    fn lift(wasm: Self::Wasm, store: &StoreContextMut<'_, State>) -> Result<T::Tainted>;
}

/// As itself.
#[doc(hidden)]
#[derive(Debug)]
pub struct Direct;

impl<T: GuestScalar<L>, L> Passing<T, L> for Direct {
    type Wasm = T::Wasm;
    type Return = Value<T, Self>;
    const WASM: Wasm = T::WASM;

    fn lower(value: T::Tainted, frame: &mut Frame<'_, '_>) -> Result<T::Wasm> {
        T::lower(value, frame.instance())
    }

    fn lift(wasm: T::Wasm, store: &StoreContextMut<'_, State>) -> Result<T::Tainted> {
        Ok(T::lift(wasm, store.data().id))
    }
}

/// A struct or union whose only part is the scalar `S`: as that.
#[doc(hidden)]
#[derive(Debug)]
pub struct Single<S>(PhantomData<fn() -> S>);

/// The size of the largest scalar.
const LARGEST: usize = 8;

impl<T: GuestType<L>, S: GuestScalar<L>, L> Passing<T, L> for Single<S> {
    type Wasm = S::Wasm;
    type Return = Value<T, Self>;
    const WASM: Wasm = S::WASM;

    fn lower(value: T::Tainted, frame: &mut Frame<'_, '_>) -> Result<S::Wasm> {
        let mut bytes = [0; LARGEST];
        let instance = frame.instance();
        T::encode(&value, &mut bytes, &mut Destination::instance(instance))?;
        S::lower(S::decode(&bytes, instance), instance)
    }

    fn lift(wasm: S::Wasm, store: &StoreContextMut<'_, State>) -> Result<T::Tainted> {
        let mut bytes = [0; LARGEST];
        let instance = store.data().id;
        S::encode(&S::lift(wasm, instance), &mut bytes, &mut Destination::instance(instance))?;
        Ok(T::decode(&bytes, instance))
    }
}

/// As a pointer to a copy that the caller makes and the callee may change.
#[doc(hidden)]
#[derive(Debug)]
pub struct Indirect;

impl<T: GuestType<L>, L> Passing<T, L> for Indirect {
    type Wasm = u32;
    type Return = InMemory<T>;
    const WASM: Wasm = Wasm::I32;

    fn lower(value: T::Tainted, frame: &mut Frame<'_, '_>) -> Result<u32> {
        let address = frame.take(T::SIZE, T::ALIGN)?;
        encode_at::<T, L>(&value, address, frame.store())?;
        Ok(address)
    }

    fn lift(address: u32, store: &StoreContextMut<'_, State>) -> Result<T::Tainted> {
        let memory = store.data().live()?.memory;
        Ok(T::decode(slice(memory.data(store), address, T::SIZE.into())?, store.data().id))
    }
}

fn encode_at<T: GuestType<L>, L>(value: &T::Tainted, address: u32, store: &mut StoreContextMut<'_, State>) -> Result<()> {
    let (memory, instance) = (store.data().live()?.memory, store.data().id);
    T::encode(value, slice_mut(memory.data_mut(store), address, T::SIZE.into())?, &mut Destination::instance(instance))
}

/// The result of a C function: nothing, or a type that can be passed.
pub trait GuestResult<L> {
    /// The result as the caller gets it.
    #[doc(hidden)]
    type Tainted;
    /// The way it is returned.
    #[doc(hidden)]
    type Return: Return<L, Tainted = Self::Tainted>;
}

/// A way to return a value.
#[doc(hidden)]
pub trait Return<L> {
    /// The value.
    type Tainted;
    /// What Wasm returns.
    type Wasm: Results;
    /// The parameters of a function that returns so.
    type Params<P: Params<L>>: Values;
    /// Whether the caller passes the place of the result.
    const IN_MEMORY: bool;
    /// Adds the place of the result, which it returns too, to the parameters of a call.
    fn params<P: Params<L>>(params: P::Wasm, frame: &mut Frame<'_, '_>) -> Result<(Self::Params<P>, u32)>;
    /// Takes the result of a call.
    fn lift(wasm: Self::Wasm, place: u32, store: &StoreContextMut<'_, State>) -> Result<Self::Tainted>;
    /// Makes the result of a callback.
    fn lower(value: Self::Tainted, place: u32, store: &mut StoreContextMut<'_, State>) -> Result<Self::Wasm>;
}

/// No value.
#[doc(hidden)]
#[derive(Debug)]
pub struct Nothing;

impl<L> Return<L> for Nothing {
    type Tainted = ();
    type Wasm = ();
    type Params<P: Params<L>> = P::Wasm;
    const IN_MEMORY: bool = false;

    fn params<P: Params<L>>(params: P::Wasm, _frame: &mut Frame<'_, '_>) -> Result<(P::Wasm, u32)> {
        Ok((params, 0))
    }

    fn lift((): (), _place: u32, _store: &StoreContextMut<'_, State>) -> Result<()> {
        Ok(())
    }

    fn lower((): (), _place: u32, _store: &mut StoreContextMut<'_, State>) -> Result<()> {
        Ok(())
    }
}

/// A `T`, as the Wasm value by which it is passed too.
#[doc(hidden)]
#[derive(Debug)]
pub struct Value<T, B>(PhantomData<fn() -> (T, B)>);

impl<T: GuestType<L>, B: Passing<T, L>, L> Return<L> for Value<T, B> {
    type Tainted = T::Tainted;
    type Wasm = B::Wasm;
    type Params<P: Params<L>> = P::Wasm;
    const IN_MEMORY: bool = false;

    fn params<P: Params<L>>(params: P::Wasm, _frame: &mut Frame<'_, '_>) -> Result<(P::Wasm, u32)> {
        Ok((params, 0))
    }

    fn lift(wasm: B::Wasm, _place: u32, store: &StoreContextMut<'_, State>) -> Result<T::Tainted> {
        B::lift(wasm, store)
    }

    fn lower(value: T::Tainted, _place: u32, store: &mut StoreContextMut<'_, State>) -> Result<B::Wasm> {
        B::lower(value, &mut Frame::new(store))
    }
}

/// A `T`, at the place that the caller passes.
#[doc(hidden)]
#[derive(Debug)]
pub struct InMemory<T>(PhantomData<fn() -> T>);

impl<T: GuestType<L>, L> Return<L> for InMemory<T> {
    type Tainted = T::Tainted;
    type Wasm = ();
    type Params<P: Params<L>> = P::WithPlace;
    const IN_MEMORY: bool = true;

    fn params<P: Params<L>>(params: P::Wasm, frame: &mut Frame<'_, '_>) -> Result<(P::WithPlace, u32)> {
        let place = frame.take(T::SIZE, T::ALIGN)?;
        Ok((P::with_place(place, params), place))
    }

    fn lift((): (), place: u32, store: &StoreContextMut<'_, State>) -> Result<T::Tainted> {
        <Indirect as Passing<T, L>>::lift(place, store)
    }

    fn lower(value: T::Tainted, place: u32, store: &mut StoreContextMut<'_, State>) -> Result<()> {
        encode_at::<T, L>(&value, place, store)
    }
}

impl<L> GuestResult<L> for () {
    type Tainted = ();
    type Return = Nothing;
}

/// One impl per kind of scalar: a blanket one could not stand beside the one for `()`.
macro_rules! scalars {
    ($([$($generics:tt)*] $ty:ty $(where [$($bounds:tt)*])?;)*) => {$(
        impl<$($generics)*> Passed<L> for $ty $(where $($bounds)*)? {
            type By = Direct;
        }

        impl<$($generics)*> GuestResult<L> for $ty $(where $($bounds)*)? {
            type Tainted = <$ty as GuestType<L>>::Tainted;
            type Return = <Direct as Passing<$ty, L>>::Return;
        }
    )*};
}

scalars! {
    [L: 'static] i8; [L: 'static] u8; [L: 'static] i16; [L: 'static] u16; [L: 'static] i32; [L: 'static] u32;
    [L: 'static] i64; [L: 'static] u64; [L: 'static] f32; [L: 'static] f64; [L: 'static] CBool;
    [T: Pointee<L>, L: 'static] TaintedPtr<T, L>;
    [F: 'static, L: 'static] TaintedFn<F, L>;
    [E, L: 'static] E where [E: GuestEnum + GuestScalar<L>];
}
