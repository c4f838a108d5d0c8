//! Arithmetic on tainted pointers, in the guest's element sizes. It accesses nothing: each use checks the range.

use super::{Tainted, TaintedPtr};
use crate::Pointee;
use crate::abi::GuestType;
use crate::error::{MemoryError, Result};

impl<T: GuestType<L>, L> TaintedPtr<T, L> {
    /// Returns a pointer that is `count` elements further; the guest's element size counts, and the sum wraps.
    ///
    /// # Examples
    ///
    /// ```
    /// # struct L;
    /// let third = sandbox::TaintedPtr::<u32, L>::null().add(2);
    /// assert_eq!(third.address().unverified_because("an example"), 8);
    /// ```
    #[must_use]
    #[allow(clippy::should_implement_trait, reason = "named after the method of Rust's pointers; an operator cannot take a count alone")]
    pub fn add(self, count: impl Into<Tainted<u32, L>>) -> Self {
        Self::from_raw(self.raw().byte_offset(count.into().into_inner().wrapping_mul(T::SIZE)))
    }

    /// Returns a pointer that is `count` elements before; the difference wraps.
    ///
    /// # Examples
    ///
    /// ```
    /// # struct L;
    /// let start = sandbox::TaintedPtr::<u32, L>::null().add(5).sub(5);
    /// assert!(start.is_null());
    /// ```
    #[must_use]
    #[allow(clippy::should_implement_trait, reason = "as for `add`")]
    pub fn sub(self, count: impl Into<Tainted<u32, L>>) -> Self {
        Self::from_raw(self.raw().byte_offset(count.into().into_inner().wrapping_mul(T::SIZE).wrapping_neg()))
    }

    /// Returns a pointer that is `count` elements further, or before if it is negative; the sum wraps.
    ///
    /// # Examples
    ///
    /// ```
    /// # struct L;
    /// let before = sandbox::TaintedPtr::<u16, L>::null().offset(3).offset(-2);
    /// assert_eq!(before.address().unverified_because("an example"), 2);
    /// ```
    #[must_use]
    pub fn offset(self, count: impl Into<Tainted<i32, L>>) -> Self {
        self.add(count.into().into_inner().cast_unsigned())
    }

    /// Returns how many elements this pointer is behind `origin`, rounded towards zero. C's difference of two pointers.
    ///
    /// # Examples
    ///
    /// ```
    /// # struct L;
    /// let origin = sandbox::TaintedPtr::<u32, L>::null();
    /// assert_eq!(origin.add(7).offset_from(origin).unverified_because("an example"), 7);
    /// ```
    #[must_use]
    pub fn offset_from(self, origin: Self) -> Tainted<i32, L> {
        let bytes = self.address().into_inner().wrapping_sub(origin.address().into_inner()).cast_signed();
        let size = i32::try_from(T::SIZE).unwrap_or(i32::MAX);
        // Elements without a size are nowhere apart.
        Tainted::new(bytes.checked_div(size).unwrap_or_default())
    }
}

impl<T: Pointee<L>, L> TaintedPtr<T, L> {
    /// Compares the addresses; the answer is tainted.
    ///
    /// # Examples
    ///
    /// ```
    /// # struct L;
    /// let p = sandbox::TaintedPtr::<u32, L>::null();
    /// assert!(p.eq(p).unverified_because("an example"));
    /// ```
    #[must_use]
    #[allow(clippy::should_implement_trait, reason = "the result is tainted, which no trait of the standard library allows")]
    pub fn eq(self, other: Self) -> Tainted<bool, L> {
        self.address().eq(other.address())
    }
}

impl<T: GuestType<L>, L: 'static, const N: usize> TaintedPtr<[T; N], L> {
    /// Returns a pointer to element `index` of the array, after a check against its length.
    ///
    /// # Errors
    ///
    /// [`MemoryError::Index`] if there is no such element.
    ///
    /// # Examples
    ///
    /// ```
    /// # struct L;
    /// let matrix = sandbox::TaintedPtr::<[[f32; 4]; 3], L>::null();
    /// assert!(matrix.index(2)?.index(3).is_ok());
    /// assert!(matrix.index(3).is_err());
    /// # Ok::<(), sandbox::Error>(())
    /// ```
    pub fn index(self, index: impl Into<Tainted<u32, L>>) -> Result<TaintedPtr<T, L>> {
        let index = index.into().into_inner();
        let length = u32::try_from(N).unwrap_or(u32::MAX);
        if index < length { Ok(self.first().add(index)) } else { Err(MemoryError::Index { length }.into()) }
    }

    /// Returns a pointer to the first element, as an array does in C.
    ///
    /// # Examples
    ///
    /// ```
    /// # struct L;
    /// let name: sandbox::TaintedPtr<i8, L> = sandbox::TaintedPtr::<[i8; 80], L>::null().first();
    /// # let _ = name;
    /// ```
    #[must_use]
    pub fn first(self) -> TaintedPtr<T, L> {
        self.cast()
    }
}
