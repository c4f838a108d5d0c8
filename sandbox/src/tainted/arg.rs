//! What can be passed to the guest: anything of the right type, tainted or not.

use super::{Pointee, Tainted, TaintedFn, TaintedPtr};
use crate::abi::{CBool, GuestEnum, GuestResult};

/// A value that can be passed where C expects a `T`.
///
/// Values of the host may always enter the guest. There is no implicit conversion between widths or pointer types.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be passed where the C function takes `{T}`",
    label = "the C function takes `{T}` here",
    note = "pass a value of exactly that type, tainted or not; for a pointer use `sandbox::null()`, a `TaintedPtr` of the same library (`.cast()` changes what it points to) or an `&Allocation`; a host reference must first be copied in with `copy_in`, and a closure registered with `register_callback`; what stands for C's `...` is a tuple, `(7,)` or `()`"
)]
pub trait IntoGuest<T: GuestResult<L>, L> {
    /// Makes the value to be passed.
    #[doc(hidden)]
    fn into_guest(self) -> T::Tainted;
}

/// What a callback without a result returns.
#[diagnostic::do_not_recommend]
impl<L> IntoGuest<(), L> for () {
    fn into_guest(self) {}
}

macro_rules! scalars {
    ($($ty:ident)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<L: 'static> IntoGuest<$ty, L> for $ty {
            fn into_guest(self) -> Tainted<$ty, L> {
                Tainted::new(self)
            }
        }
    )*};
}

scalars!(i8 u8 i16 u16 i32 u32 i64 u64 f32 f64 CBool);

#[diagnostic::do_not_recommend]
impl<L: 'static> IntoGuest<CBool, L> for bool {
    fn into_guest(self) -> Tainted<CBool, L> {
        Tainted::new(self.into())
    }
}

impl<T: GuestResult<L, Tainted = Self>, L> IntoGuest<T, L> for Tainted<T, L> {
    fn into_guest(self) -> Self {
        self
    }
}

impl<E, L> IntoGuest<E, L> for E
where
    E: GuestEnum + GuestResult<L, Tainted = Tainted<E, L>>,
{
    fn into_guest(self) -> Tainted<E, L> {
        Tainted::new(self)
    }
}

impl<T: Pointee<L>, L: 'static> IntoGuest<Self, L> for TaintedPtr<T, L> {
    fn into_guest(self) -> Self {
        self
    }
}

/// C's `NULL`, for any pointer or function pointer parameter. Made by [`null`].
#[derive(Clone, Copy, Debug)]
pub struct Null(());

impl<L> From<bool> for Tainted<CBool, L> {
    fn from(value: bool) -> Self {
        Self::new(value.into())
    }
}

impl<T: Pointee<L>, L> From<Null> for TaintedPtr<T, L> {
    fn from(_: Null) -> Self {
        Self::null()
    }
}

impl<F, L> From<Null> for TaintedFn<F, L> {
    fn from(_: Null) -> Self {
        Self::null()
    }
}

/// Returns C's `NULL`, for any pointer or function pointer parameter.
///
/// # Examples
///
/// ```
/// let nothing = sandbox::null();
/// # let _ = nothing;
/// ```
#[must_use]
pub const fn null() -> Null {
    Null(())
}

impl<T: Pointee<L>, L: 'static> IntoGuest<TaintedPtr<T, L>, L> for Null {
    fn into_guest(self) -> TaintedPtr<T, L> {
        TaintedPtr::null()
    }
}
