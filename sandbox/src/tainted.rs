//! Values that came out of a guest.

mod arg;
mod arithmetic;
mod bits;
mod func;
mod global;
mod number;
mod ops;
mod ptr;

pub use arg::{IntoGuest, Null, null};
pub use bits::TaintedBits;
pub use func::{TaintedFn, UnknownSignature, Variadic};
pub use global::Global;
pub use number::Number;
pub use ops::Integer;
pub use ptr::{NoFields, Pointee, RawPtr, TaintedPtr, Void};

use std::fmt;
use std::marker::PhantomData;

use crate::abi::GuestEnum;

/// A value that came out of the guest of library `L` and that nobody has verified.
///
/// It can be stored, copied and passed back into the guest. To use it on the host, verify it.
///
/// # Trust
///
/// An attacker who has taken the library over chooses every bit of the value.
///
/// # Examples
///
/// ```
/// # struct L;
/// use sandbox::Tainted;
///
/// let rows: Tainted<u32, L> = Tainted::new(480);
/// let rows = rows.verify(|rows| if rows <= 65_535 { Ok(rows) } else { Err("too many rows") })?;
/// assert_eq!(rows, 480);
/// # Ok::<(), &str>(())
/// ```
pub struct Tainted<T, L> {
    value: Unverified<T>,
    library: PhantomData<fn() -> L>,
}

/// Keeps the compiler from proposing the field to somebody who needs a `T`.
#[derive(Clone, Copy)]
struct Unverified<T>(T);

impl<T, L> Tainted<T, L> {
    /// Taints a value of the host, which is always allowed.
    ///
    /// # Examples
    ///
    /// ```
    /// # struct L;
    /// let level = sandbox::Tainted::<i32, L>::new(9);
    /// # let _ = level;
    /// ```
    pub const fn new(value: T) -> Self {
        Self { value: Unverified(value), library: PhantomData }
    }

    /// Gives the value to `check`, which returns what the host may use, or the caller's own error.
    ///
    /// The value is a copy or a view of memory that the guest cannot write meanwhile, so what is checked is what is used.
    /// (RLBox: `copy_and_verify`.)
    ///
    /// # Errors
    ///
    /// What `check` returns.
    ///
    /// # Examples
    ///
    /// ```
    /// # struct L;
    /// let channels = sandbox::Tainted::<u8, L>::new(9);
    /// let refused = channels.verify(|n| if matches!(n, 1..=4) { Ok(n) } else { Err("no such pixel format") });
    /// assert_eq!(refused, Err("no such pixel format"));
    /// ```
    pub fn verify<R, E>(self, check: impl FnOnce(T) -> Result<R, E>) -> Result<R, E> {
        check(self.value.0)
    }

    /// Releases the value without a check, for a reason that a reviewer can judge: any value would do.
    ///
    /// (RLBox: `unverified_safe_because`.)
    ///
    /// # Examples
    ///
    /// ```
    /// # struct L;
    /// let grey = sandbox::Tainted::<u8, L>::new(200);
    /// let grey = grey.unverified_because("every byte is a valid shade of grey");
    /// assert_eq!(grey, 200);
    /// ```
    pub fn unverified_because(self, reason: &'static str) -> T {
        let _ = reason;
        self.value.0
    }

    /// Returns the integer behind a C enum, which stays tainted. Flags are tested with its operators.
    ///
    /// # Examples
    ///
    /// ```
    /// # sandbox::library! { #[precompiled(unsafe(&[]))] pub mod lib { #[repr(u32)] pub enum mode { READ = 1, WRITE = 2 } } }
    /// use sandbox::{Tainted, rules};
    ///
    /// let mode = Tainted::<_, lib::Library>::new(lib::READ | lib::WRITE);
    /// let writes = (mode.number() & lib::WRITE.0).verify_with(rules::one_of([0, lib::WRITE.0]))? != 0;
    /// assert!(writes);
    /// # Ok::<(), sandbox::VerifyError>(())
    /// ```
    #[must_use]
    pub fn number(self) -> Tainted<T::Repr, L>
    where
        T: GuestEnum,
    {
        Tainted::new(self.value.0.repr())
    }

    pub(crate) fn into_inner(self) -> T {
        self.value.0
    }

    pub(crate) const fn peek(&self) -> &T {
        &self.value.0
    }
}

impl<T: Clone, L> Clone for Tainted<T, L> {
    fn clone(&self) -> Self {
        Self::new(self.value.0.clone())
    }
}

impl<T: Copy, L> Copy for Tainted<T, L> {}

impl<T, L> From<T> for Tainted<T, L> {
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

/// Says that there is a tainted value, not which one.
impl<T, L> fmt::Debug for Tainted<T, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tainted<{}>(..)", std::any::type_name::<T>())
    }
}
