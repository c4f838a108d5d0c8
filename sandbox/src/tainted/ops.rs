//! Operators on tainted numbers: the result stays tainted, and no value of the guest can panic or signal the host.
//!
//! Integers wrap, as they do in WebAssembly; shifts use the count modulo the width. Where wrapping would hide a mistake there is a
//! checked form, whose result is a tainted `Option`. Division by a tainted number has only the checked form.

use std::fmt::Display;
use std::ops::{
    Add, AddAssign, BitAnd, BitAndAssign, BitOr, BitOrAssign, BitXor, BitXorAssign, Div, Mul, MulAssign, Neg, Not, Rem, Shl, Shr, Sub,
    SubAssign,
};

use super::{Number, Tainted};

/// The three ways to write an operator with a tainted operand, and the one that assigns.
macro_rules! operator {
    ($ty:ident: $($op:ident $method:ident $([$assign:ident $assign_method:ident])? = $body:expr;)*) => {$(
        impl<L> $op for Tainted<$ty, L> {
            type Output = Self;

            fn $method(self, rhs: Self) -> Self {
                let body: fn($ty, $ty) -> $ty = $body;
                Self::new(body(self.into_inner(), rhs.into_inner()))
            }
        }

        impl<L> $op<$ty> for Tainted<$ty, L> {
            type Output = Self;

            fn $method(self, rhs: $ty) -> Self {
                let body: fn($ty, $ty) -> $ty = $body;
                Self::new(body(self.into_inner(), rhs))
            }
        }

        impl<L> $op<Tainted<$ty, L>> for $ty {
            type Output = Tainted<$ty, L>;

            fn $method(self, rhs: Tainted<$ty, L>) -> Tainted<$ty, L> {
                let body: fn($ty, $ty) -> $ty = $body;
                Tainted::new(body(self, rhs.into_inner()))
            }
        }

        $(
            impl<L> $assign for Tainted<$ty, L> {
                fn $assign_method(&mut self, rhs: Self) {
                    let body: fn($ty, $ty) -> $ty = $body;
                    *self = Self::new(body(*self.peek(), rhs.into_inner()));
                }
            }

            impl<L> $assign<$ty> for Tainted<$ty, L> {
                fn $assign_method(&mut self, rhs: $ty) {
                    let body: fn($ty, $ty) -> $ty = $body;
                    *self = Self::new(body(*self.peek(), rhs));
                }
            }
        )?
    )*};
}

macro_rules! shift {
    ($ty:ident: $($op:ident $method:ident $wrapping:ident;)*) => {$(
        impl<L> $op<u32> for Tainted<$ty, L> {
            type Output = Self;

            fn $method(self, count: u32) -> Self {
                Self::new(self.into_inner().$wrapping(count))
            }
        }

        impl<L> $op<Tainted<u32, L>> for Tainted<$ty, L> {
            type Output = Self;

            fn $method(self, count: Tainted<u32, L>) -> Self {
                Self::new(self.into_inner().$wrapping(count.into_inner()))
            }
        }
    )*};
}

macro_rules! integers {
    ($($ty:ident)*) => {$(
        operator! { $ty:
            Add add [AddAssign add_assign] = $ty::wrapping_add;
            Sub sub [SubAssign sub_assign] = $ty::wrapping_sub;
            Mul mul [MulAssign mul_assign] = $ty::wrapping_mul;
            BitAnd bitand [BitAndAssign bitand_assign] = |a, b| a & b;
            BitOr bitor [BitOrAssign bitor_assign] = |a, b| a | b;
            BitXor bitxor [BitXorAssign bitxor_assign] = |a, b| a ^ b;
        }

        shift! { $ty: Shl shl wrapping_shl; Shr shr wrapping_shr; }

        /// Divides by a number of the host's, which must not be 0, as in Rust.
        #[allow(clippy::arithmetic_side_effects, reason = "the divisor is the host's; by the guest's there is only the checked form")]
        impl<L> Div<$ty> for Tainted<$ty, L> {
            type Output = Self;

            fn div(self, rhs: $ty) -> Self {
                Self::new(self.into_inner().wrapping_div(rhs))
            }
        }

        /// Divides by a number of the host's, which must not be 0, as in Rust.
        #[allow(clippy::arithmetic_side_effects, reason = "the divisor is the host's; by the guest's there is only the checked form")]
        impl<L> Rem<$ty> for Tainted<$ty, L> {
            type Output = Self;

            fn rem(self, rhs: $ty) -> Self {
                Self::new(self.into_inner().wrapping_rem(rhs))
            }
        }

        impl<L> Not for Tainted<$ty, L> {
            type Output = Self;

            fn not(self) -> Self {
                Self::new(!self.into_inner())
            }
        }

        impl Integer for $ty {
            fn checked_add(self, rhs: Self) -> Option<Self> {
                self.checked_add(rhs)
            }

            fn checked_sub(self, rhs: Self) -> Option<Self> {
                self.checked_sub(rhs)
            }

            fn checked_mul(self, rhs: Self) -> Option<Self> {
                self.checked_mul(rhs)
            }

            fn checked_div(self, rhs: Self) -> Option<Self> {
                self.checked_div(rhs)
            }

            fn checked_rem(self, rhs: Self) -> Option<Self> {
                self.checked_rem(rhs)
            }

            fn saturating_add(self, rhs: Self) -> Self {
                self.saturating_add(rhs)
            }

            fn saturating_sub(self, rhs: Self) -> Self {
                self.saturating_sub(rhs)
            }

            fn is_power_of_two(self) -> bool {
                self > 0 && self.count_ones() == 1
            }
        }
    )*};
}

macro_rules! floats {
    ($($ty:ident)*) => {$(
        operator! { $ty:
            Add add [AddAssign add_assign] = |a, b| a + b;
            Sub sub [SubAssign sub_assign] = |a, b| a - b;
            Mul mul [MulAssign mul_assign] = |a, b| a * b;
            Div div = |a, b| a / b;
            Rem rem = |a, b| a % b;
        }
    )*};
}

macro_rules! negation {
    ($($ty:ident: $body:expr;)*) => {$(
        impl<L> Neg for Tainted<$ty, L> {
            type Output = Self;

            fn neg(self) -> Self {
                let body: fn($ty) -> $ty = $body;
                Self::new(body(self.into_inner()))
            }
        }
    )*};
}

integers!(i8 i16 i32 i64 u8 u16 u32 u64);
#[allow(clippy::arithmetic_side_effects, reason = "floats do not overflow, trap or panic")]
mod float {
    use super::*;
    floats!(f32 f64);
    negation! { f32: |v| -v; f64: |v| -v; }
}
negation! { i8: i8::wrapping_neg; i16: i16::wrapping_neg; i32: i32::wrapping_neg; i64: i64::wrapping_neg; }

operator! { bool:
    BitAnd bitand [BitAndAssign bitand_assign] = |a, b| a & b;
    BitOr bitor [BitOrAssign bitor_assign] = |a, b| a | b;
    BitXor bitxor [BitXorAssign bitxor_assign] = |a, b| a ^ b;
}

impl<L> Not for Tainted<bool, L> {
    type Output = Self;

    fn not(self) -> Self {
        Self::new(!self.into_inner())
    }
}

/// Comparisons are methods, not operators: `==` has a plain `bool` as its result, and a guest must not choose the host's way unnoticed.
macro_rules! comparisons {
    ($($(#[$doc:meta])* $name:ident $bound:ident;)*) => {
        impl<T, L> Tainted<T, L> {$(
            $(#[$doc])*
            #[must_use]
            #[allow(clippy::should_implement_trait, reason = "the result is tainted, which no trait of the standard library allows")]
            pub fn $name(self, other: impl Into<Self>) -> Tainted<bool, L>
            where
                T: $bound,
            {
                Tainted::new(self.peek().$name(other.into().peek()))
            }
        )*}
    };
}

comparisons! {
    /// Compares for equality; the answer is tainted.
    ///
    /// # Examples
    ///
    /// ```
    /// # struct L;
    /// let code = sandbox::Tainted::<i32, L>::new(1);
    /// code.eq(1).verify(|is_end| if is_end { Ok(()) } else { Err("not at the end") })?;
    /// # Ok::<(), &str>(())
    /// ```
    eq PartialEq;
    /// Compares for inequality; the answer is tainted.
    ///
    /// # Examples
    ///
    /// ```
    /// # struct L;
    /// let differs = sandbox::Tainted::<i32, L>::new(1).ne(2);
    /// assert!(differs.unverified_because("an example"));
    /// ```
    ne PartialEq;
    /// Tells whether this is less; the answer is tainted.
    ///
    /// # Examples
    ///
    /// ```
    /// # struct L;
    /// let below = sandbox::Tainted::<i32, L>::new(-1).lt(0);
    /// assert!(below.unverified_because("an example"));
    /// ```
    lt PartialOrd;
    /// Tells whether this is less or equal; the answer is tainted.
    ///
    /// # Examples
    ///
    /// ```
    /// # struct L;
    /// let fits = sandbox::Tainted::<u32, L>::new(640).le(640);
    /// assert!(fits.unverified_because("an example"));
    /// ```
    le PartialOrd;
    /// Tells whether this is greater; the answer is tainted.
    ///
    /// # Examples
    ///
    /// ```
    /// # struct L;
    /// let above = sandbox::Tainted::<f64, L>::new(f64::NAN).gt(0.0);
    /// assert!(!above.unverified_because("an example"));
    /// ```
    gt PartialOrd;
    /// Tells whether this is greater or equal; the answer is tainted.
    ///
    /// # Examples
    ///
    /// ```
    /// # struct L;
    /// let enough = sandbox::Tainted::<u32, L>::new(8).ge(8);
    /// assert!(enough.unverified_because("an example"));
    /// ```
    ge PartialOrd;
}

impl<L> Tainted<bool, L> {
    /// Chooses one of two values; which one it was stays tainted. C's `? :`.
    ///
    /// # Examples
    ///
    /// ```
    /// # struct L;
    /// use sandbox::Tainted;
    ///
    /// let length = Tainted::<u32, L>::new(5000);
    /// let capped = length.gt(4096).select(4096, length);
    /// assert_eq!(capped.unverified_because("an example"), 4096);
    /// ```
    #[must_use]
    pub fn select<T>(self, yes: impl Into<Tainted<T, L>>, no: impl Into<Tainted<T, L>>) -> Tainted<T, L> {
        if self.into_inner() { yes.into() } else { no.into() }
    }
}

/// An integer of C, for what floats do not have.
#[diagnostic::on_unimplemented(message = "`{Self}` is not an integer of C", note = "the integers are `i8` to `i64` and `u8` to `u64`")]
pub trait Integer: Number + Display + Ord + Default {
    #[doc(hidden)]
    fn checked_add(self, rhs: Self) -> Option<Self>;
    #[doc(hidden)]
    fn checked_sub(self, rhs: Self) -> Option<Self>;
    #[doc(hidden)]
    fn checked_mul(self, rhs: Self) -> Option<Self>;
    #[doc(hidden)]
    fn checked_div(self, rhs: Self) -> Option<Self>;
    #[doc(hidden)]
    fn checked_rem(self, rhs: Self) -> Option<Self>;
    #[doc(hidden)]
    fn saturating_add(self, rhs: Self) -> Self;
    #[doc(hidden)]
    fn saturating_sub(self, rhs: Self) -> Self;
    #[doc(hidden)]
    fn is_power_of_two(self) -> bool;
}

/// Methods with a plain or tainted operand and a tainted result.
macro_rules! methods {
    ($($(#[$doc:meta])* $name:ident -> $out:ty;)*) => {
        impl<T: Integer, L> Tainted<T, L> {$(
            $(#[$doc])*
            #[must_use]
            pub fn $name(self, rhs: impl Into<Self>) -> Tainted<$out, L> {
                Tainted::new(T::$name(self.into_inner(), rhs.into().into_inner()))
            }
        )*}
    };
}

methods! {
/// Adds; a tainted `None` on overflow.
        ///
        /// # Examples
        ///
        /// ```
        /// # struct L;
        /// let length = sandbox::Tainted::<u32, L>::new(u32::MAX);
        /// assert_eq!(length.checked_add(1).verify(|sum| sum.ok_or("overflow")), Err("overflow"));
        /// ```
        checked_add -> Option<T>;
        /// Subtracts; a tainted `None` on overflow.
        ///
        /// # Examples
        ///
        /// ```
        /// # struct L;
        /// let used = sandbox::Tainted::<u32, L>::new(3);
        /// assert_eq!(used.checked_sub(1).verify(|left| left.ok_or("overflow")), Ok(2));
        /// ```
        checked_sub -> Option<T>;
        /// Multiplies; a tainted `None` on overflow.
        ///
        /// # Examples
        ///
        /// ```
        /// # struct L;
        /// let count = sandbox::Tainted::<u32, L>::new(1 << 30);
        /// assert_eq!(count.checked_mul(4).verify(|bytes| bytes.ok_or("too many")), Err("too many"));
        /// ```
        checked_mul -> Option<T>;
        /// Divides; a tainted `None` if the divisor is 0 or the quotient does not fit.
        ///
        /// # Examples
        ///
        /// ```
        /// # struct L;
        /// let zero = sandbox::Tainted::<i32, L>::new(0);
        /// assert_eq!(sandbox::Tainted::<i32, L>::new(7).checked_div(zero).verify(|quotient| quotient.ok_or("no quotient")), Err("no quotient"));
        /// ```
        checked_div -> Option<T>;
        /// Takes the remainder; a tainted `None` if the divisor is 0 or the quotient does not fit.
        ///
        /// # Examples
        ///
        /// ```
        /// # struct L;
        /// let bytes = sandbox::Tainted::<u32, L>::new(13);
        /// assert_eq!(bytes.checked_rem(4).verify(|rest| rest.ok_or("no divisor")), Ok(1));
        /// ```
        checked_rem -> Option<T>;
        /// Adds, and stays at the largest or smallest value instead of an overflow.
        ///
        /// # Examples
        ///
        /// ```
        /// # struct L;
        /// let high = sandbox::Tainted::<u8, L>::new(250).saturating_add(10);
        /// assert_eq!(high.unverified_because("an example"), 255);
        /// ```
        saturating_add -> T;
        /// Subtracts, and stays at the smallest or largest value instead of an overflow.
        ///
        /// # Examples
        ///
        /// ```
        /// # struct L;
        /// let left = sandbox::Tainted::<u8, L>::new(3).saturating_sub(10);
        /// assert_eq!(left.unverified_because("an example"), 0);
        /// ```
        saturating_sub -> T;
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::arithmetic_side_effects, clippy::as_conversions, clippy::float_cmp, reason = "tests")]
mod tests {
    use super::*;

    struct L;

    fn t<T>(value: T) -> Tainted<T, L> {
        Tainted::new(value)
    }

    fn v<T, A>(value: Tainted<T, A>) -> T {
        value.unverified_because("the test compares it with the model")
    }

    const EDGES: [i32; 12] = [0, 1, -1, 2, -2, 31, 32, 33, i32::MAX, i32::MIN, i32::MAX - 1, i32::MIN + 1];

    #[test]
    fn integers_agree_with_wrapping_arithmetic_in_i128_and_never_panic() {
        for a in EDGES {
            for b in EDGES {
                let (wide_a, wide_b) = (i128::from(a), i128::from(b));
                assert_eq!(v(t(a) + t(b)), (wide_a + wide_b) as i32);
                assert_eq!(v(t(a) - b), (wide_a - wide_b) as i32);
                assert_eq!(v(a * t(b)), (wide_a * wide_b) as i32);
                let quotient = (b != 0).then(|| wide_a / wide_b).and_then(|q| i32::try_from(q).ok());
                assert_eq!(v(t(a).checked_div(b)), quotient, "{a} / {b}");
                assert_eq!(v(t(a).checked_mul(b)), i32::try_from(wide_a * wide_b).ok());
                assert_eq!(v(t(a).checked_rem(b)).is_some(), b != 0 && quotient.is_some());
                assert_eq!(v(t(a) << t(b.cast_unsigned())), ((wide_a as u32 as u64) << (b.cast_unsigned() % 32)) as u32 as i32);
                assert_eq!(v(t(a) >> b.cast_unsigned()), a >> (b.cast_unsigned() % 32));
                assert_eq!((v(t(a).lt(b)), v(t(a).ge(t(b))), v(t(a).eq(b))), (a < b, a >= b, a == b));
                if b != 0 {
                    assert_eq!(v(t(a) / b), (wide_a / wide_b) as i32);
                }
            }
            assert_eq!(v(-t(a)), (-i128::from(a)) as i32);
            assert_eq!(v(!t(a)), !a);
        }
        let mut sum = t(250u8);
        sum += 10;
        sum |= t(1);
        assert_eq!(v(sum), 5);
    }

    #[test]
    fn tainted_bools_combine_and_select() {
        let (yes, no) = (t(true), t(false));
        assert!(v((yes & !no) | no) && !v(yes ^ yes));
        assert_eq!(v(no.select(1u8, t(2u8))), 2);
    }
}
