//! The values of arguments and results, from the tables that C has too.

use sandbox::{CBool, Pointee, Tainted, TaintedPtr};

use crate::run::{Mismatch, Outcome};
use crate::{BOOL, F32, F64, I8, I16, I32, I64, POINTER, U8, U16, U32, U64};

/// All tables are of one length.
pub(crate) const LENGTH: usize = I8.len();

pub(crate) const WHY: &str = "the test compares it with what C has in its table";

/// What the guest calls `(char *)1`: pointers are made of it.
pub(crate) type Source<L> = TaintedPtr<u8, L>;

/// What can be an argument or a result.
pub(crate) trait Value<L>: Sized {
    /// Makes value `n`.
    fn at(source: Source<L>, n: usize) -> Self;
    /// Tells whether this is value `n`, bit for bit.
    fn is(&self, n: usize) -> bool;
}

impl<L> Value<L> for () {
    fn at(_source: Source<L>, _n: usize) -> Self {}

    fn is(&self, _n: usize) -> bool {
        true
    }
}

macro_rules! values {
    ($($ty:ty, $table:ident, |$bits:ident| $made:expr, |$value:ident| $unmade:expr;)*) => {$(
        impl<L> Value<L> for Tainted<$ty, L> {
            fn at(_source: Source<L>, n: usize) -> Self {
                let $bits = $table[n % LENGTH];
                Self::new($made)
            }

            fn is(&self, n: usize) -> bool {
                let $value = self.clone().unverified_because(WHY);
                $unmade == $table[n % LENGTH]
            }
        }
    )*};
}

values! {
    i8, I8, |bits| bits.cast_signed(), |value| value.cast_unsigned();
    u8, U8, |bits| bits, |value| value;
    i16, I16, |bits| bits.cast_signed(), |value| value.cast_unsigned();
    u16, U16, |bits| bits, |value| value;
    i32, I32, |bits| bits.cast_signed(), |value| value.cast_unsigned();
    u32, U32, |bits| bits, |value| value;
    i64, I64, |bits| bits.cast_signed(), |value| value.cast_unsigned();
    u64, U64, |bits| bits, |value| value;
    f32, F32, |bits| f32::from_bits(bits), |value| value.to_bits();
    f64, F64, |bits| f64::from_bits(bits), |value| value.to_bits();
    CBool, BOOL, |bits| CBool::from_byte(bits), |value| value.get().map_or(u8::MAX, u8::from);
}

impl<T: Pointee<L>, L> Value<L> for TaintedPtr<T, L> {
    fn at(source: Source<L>, n: usize) -> Self {
        source.add(POINTER[n % LENGTH].wrapping_sub(1)).cast()
    }

    fn is(&self, n: usize) -> bool {
        self.address().unverified_because(WHY) == POINTER[n % LENGTH]
    }
}

/// The values of one call.
pub(crate) struct Values<L> {
    pub(crate) start: usize,
    pub(crate) step: usize,
    pub(crate) source: Source<L>,
}

impl<L> Clone for Values<L> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<L> Copy for Values<L> {}

impl<L> Values<L> {
    fn index(self, position: usize) -> usize {
        (self.start + self.step * position) % LENGTH
    }

    /// Makes the value at a position.
    pub(crate) fn at<T: Value<L>>(self, position: usize) -> T {
        T::at(self.source, self.index(position))
    }

    /// Returns the position's bit if this is not the value at it.
    pub(crate) fn wrong(self, position: usize, value: &impl Value<L>) -> u32 {
        u32::from(!value.is(self.index(position))) << position
    }

    /// Makes an error of the bits.
    #[allow(clippy::unused_self, reason = "it reads as the others")]
    pub(crate) fn end(self, wrong: u32) -> Outcome {
        if wrong == 0 { Ok(()) } else { Err(Box::new(Mismatch { wrong })) }
    }
}
