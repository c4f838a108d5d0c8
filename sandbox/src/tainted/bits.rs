//! Bit-fields behind a pointer.

use std::fmt;
use std::marker::PhantomData;

use super::RawPtr;
use crate::abi::Bits;

/// The place of a bit-field in guest memory, for [`read_bits`](crate::Sandbox::read_bits) and
/// [`write_bits`](crate::Sandbox::write_bits). C has no pointers to bit-fields, so there is no arithmetic.
///
/// # Trust
///
/// As for a [`TaintedPtr`](crate::TaintedPtr): an attacker chooses the address.
///
/// # Examples
///
/// ```
/// # use sandbox::{Library, Result, Sandbox, TaintedBits};
/// fn toggle<L: Library>(sb: &mut Sandbox<L>, flag: TaintedBits<u32, L>) -> Result<()> {
///     let old = sb.read_bits(flag)?;
///     sb.write_bits(flag, old ^ 1)
/// }
/// ```
pub struct TaintedBits<T, L> {
    raw: RawPtr,
    bits: Bits,
    value: PhantomData<fn() -> (T, L)>,
}

impl<T, L> TaintedBits<T, L> {
    pub(crate) fn new(raw: RawPtr, bits: Bits) -> Self {
        Self { raw, bits, value: PhantomData }
    }

    pub(crate) fn raw(self) -> RawPtr {
        self.raw
    }

    pub(crate) fn bits(self) -> Bits {
        self.bits
    }
}

impl<T, L> Clone for TaintedBits<T, L> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T, L> Copy for TaintedBits<T, L> {}

/// Says how wide it is, not where.
impl<T, L> fmt::Debug for TaintedBits<T, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TaintedBits<{}>({} bits)", std::any::type_name::<T>(), self.bits.width)
    }
}
