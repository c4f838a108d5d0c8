//! Global variables of the guest.

use std::fmt;
use std::marker::PhantomData;

/// A global variable of the C library `L`: what its declaration says, without a sandbox.
///
/// `sandbox::library!` makes one for each variable of the header; [`Sandbox::global`](crate::Sandbox::global) says where it is in a sandbox.
///
/// # Examples
///
/// ```
/// # sandbox::library! {
/// #     #[precompiled(unsafe(&[]))]
/// #     pub mod lib { extern "C" { pub static mut verbosity: c_int; } }
/// # }
/// use sandbox::{Result, Sandbox};
///
/// fn quiet(sb: &mut Sandbox<lib::Library>) -> Result<()> {
///     let verbosity = sb.global(lib::verbosity)?;
///     sb.write(verbosity, 0)
/// }
/// ```
pub struct Global<T, L> {
    index: usize,
    variable: PhantomData<fn() -> (T, L)>,
}

impl<T, L> Global<T, L> {
    /// Names entry `index` of the library's variables.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(index: usize) -> Self {
        Self { index, variable: PhantomData }
    }

    pub(crate) fn index(self) -> usize {
        self.index
    }
}

impl<T, L> Clone for Global<T, L> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T, L> Copy for Global<T, L> {}

impl<T, L> fmt::Debug for Global<T, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Global<{}>(#{})", std::any::type_name::<T>(), self.index)
    }
}
