//! Pointers to functions of the guest.

use std::fmt;
use std::marker::PhantomData;

use super::{NoFields, Null, Pointee, RawPtr};
use crate::abi::{Destination, GuestScalar, GuestType, InstanceId, Wasm};
use crate::error::Result;
use crate::{IntoGuest, Tainted};

/// A function pointer that came out of the guest of library `L`: an index into its function table.
///
/// `F` is the C signature, as a Rust function type. It can be stored in a struct of the guest, passed back, compared with null, and [called](Self::call).
///
/// # Examples
///
/// ```
/// # struct L;
/// let none = sandbox::TaintedFn::<fn(i32) -> i32, L>::null();
/// assert!(none.is_null());
/// ```
pub struct TaintedFn<F, L> {
    raw: RawPtr,
    signature: PhantomData<fn() -> (F, L)>,
}

impl<F, L> TaintedFn<F, L> {
    pub(crate) fn at(raw: RawPtr) -> Self {
        Self { raw, signature: PhantomData }
    }

    pub(crate) fn raw(self) -> RawPtr {
        self.raw
    }

    /// Returns the null function pointer.
    ///
    /// # Examples
    ///
    /// ```
    /// # struct L;
    /// assert!(sandbox::TaintedFn::<fn(), L>::null().is_null());
    /// ```
    #[must_use]
    pub const fn null() -> Self {
        Self { raw: RawPtr::new(0, InstanceId::NONE), signature: PhantomData }
    }

    /// Tells whether it is null. A plain `bool`, as with [`TaintedPtr::is_null`](crate::TaintedPtr::is_null).
    ///
    /// # Examples
    ///
    /// ```
    /// # struct L;
    /// fn has_handler(handler: sandbox::TaintedFn<fn(i32), L>) -> bool { !handler.is_null() }
    /// # assert!(!has_handler(sandbox::TaintedFn::null()));
    /// ```
    #[must_use]
    pub fn is_null(self) -> bool {
        self.raw.instance().is_none()
    }
}

/// The signature of a function pointer that the bindings do not know: `fn(...)` in a declaration. It can be stored and passed on, not called.
///
/// # Examples
///
/// ```
/// # struct L;
/// assert!(sandbox::TaintedFn::<sandbox::UnknownSignature, L>::null().is_null());
/// ```
#[derive(Clone, Copy, Debug)]
pub struct UnknownSignature(());

/// The signature `F` and further arguments: C's `...`, in a [`TaintedFn`].
///
/// # Examples
///
/// ```
/// # struct L;
/// use sandbox::{TaintedFn, TaintedPtr, Variadic};
///
/// // int (*print)(const char *format, ...)
/// type Print = TaintedFn<Variadic<fn(TaintedPtr<i8, L>) -> i32>, L>;
/// assert!(Print::null().is_null());
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Variadic<F>(PhantomData<fn() -> F>);

impl<F, L> Clone for TaintedFn<F, L> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<F, L> Copy for TaintedFn<F, L> {}

/// Says the signature, not the index.
impl<F, L> fmt::Debug for TaintedFn<F, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TaintedFn<{}>(..)", std::any::type_name::<F>())
    }
}

impl<F: 'static, L: 'static> Pointee<L> for TaintedFn<F, L> {
    const C_NAME: &'static str = "function pointer";
    type Place = NoFields;
}

impl<F: 'static, L: 'static> GuestType<L> for TaintedFn<F, L> {
    type Tainted = Self;
    const SIZE: u32 = 4;
    const ALIGN: u32 = 4;

    fn decode(bytes: &[u8], from: InstanceId) -> Self {
        Self::lift(<u32 as GuestType<L>>::decode(bytes, from).into_inner(), from)
    }

    fn encode(value: &Self, bytes: &mut [u8], to: &mut Destination) -> Result<()> {
        let index = to.address(value.raw)?;
        <u32 as GuestType<L>>::encode(&Tainted::new(index), bytes, to)
    }
}

impl<F: 'static, L: 'static> GuestScalar<L> for TaintedFn<F, L> {
    type Wasm = u32;
    const WASM: Wasm = Wasm::I32;

    fn lower(value: Self, to: InstanceId) -> Result<u32> {
        value.raw.address_in(to)
    }

    fn lift(wasm: u32, from: InstanceId) -> Self {
        Self::at(RawPtr::new(wasm, from))
    }
}

impl<F: 'static, L: 'static> IntoGuest<Self, L> for TaintedFn<F, L> {
    fn into_guest(self) -> Self {
        self
    }
}

impl<F: 'static, L: 'static> IntoGuest<TaintedFn<F, L>, L> for Null {
    fn into_guest(self) -> TaintedFn<F, L> {
        TaintedFn::null()
    }
}
