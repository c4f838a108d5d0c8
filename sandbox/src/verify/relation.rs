//! Exact arithmetic for the relations of `#[derive(Verify)]`: fields are the guest's numbers, and no sum of them may overflow or panic.

use std::cmp::Ordering;
use std::ops::{Add, Div, Mul, Neg, Rem, Sub};

/// An integer, or nothing if a step before had no exact result.
///
/// It stands on the left of a comparison. Primitive numbers are not comparable with it: that would make `x == y.parse()?` ambiguous everywhere.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct Exact(Option<i128>);

impl Exact {
    /// A number of the relation's own.
    #[must_use]
    pub const fn literal(value: i128) -> Self {
        Self(Some(value))
    }

    /// Steps between a relation's numbers.
    fn step(self, rhs: Self, step: fn(i128, i128) -> Option<i128>) -> Self {
        Self(self.0.zip(rhs.0).and_then(|(a, b)| step(a, b)))
    }
}

/// What a field of a verified struct is in a relation.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "a relation cannot use a field of type `{Self}`",
    note = "relations are about integers, floats and bools; check other fields in a rule, or after verification"
)]
pub trait Related: Copy {
    /// An integer is exact; everything else is itself.
    type In;
    /// Converts the field.
    fn related(self) -> Self::In;
}

macro_rules! integers {
    ($($ty:ident)*) => {$(
        impl Related for $ty {
            type In = Exact;

            fn related(self) -> Exact {
                Exact::from(self)
            }
        }

        impl From<$ty> for Exact {
            fn from(value: $ty) -> Self {
                Self(i128::try_from(value).ok())
            }
        }

        impl PartialEq<$ty> for Exact {
            fn eq(&self, other: &$ty) -> bool {
                *self == Self::from(*other)
            }

            #[allow(clippy::partialeq_ne_impl, reason = "as for `Exact` itself")]
            fn ne(&self, other: &$ty) -> bool {
                *self != Self::from(*other)
            }
        }

        impl PartialOrd<$ty> for Exact {
            fn partial_cmp(&self, other: &$ty) -> Option<Ordering> {
                self.partial_cmp(&Self::from(*other))
            }
        }

        operators!($ty: Add add, Sub sub, Mul mul, Div div, Rem rem);
    )*};
}

macro_rules! operators {
    ($ty:ident: $($op:ident $method:ident),*) => {$(
        impl $op<$ty> for Exact {
            type Output = Self;

            fn $method(self, rhs: $ty) -> Self {
                $op::$method(self, Self::from(rhs))
            }
        }

        impl $op<Exact> for $ty {
            type Output = Exact;

            fn $method(self, rhs: Exact) -> Exact {
                $op::$method(Exact::from(self), rhs)
            }
        }
    )*};
}

macro_rules! steps {
    ($($op:ident $method:ident $step:ident)*) => {$(
        impl $op for Exact {
            type Output = Self;

            fn $method(self, rhs: Self) -> Self {
                self.step(rhs, i128::$step)
            }
        }
    )*};
}

steps! { Add add checked_add Sub sub checked_sub Mul mul checked_mul Div div checked_div Rem rem checked_rem }
integers!(i8 i16 i32 i64 u8 u16 u32 u64 usize);

/// Nothing equals nothing: a relation that has no exact result does not hold.
impl PartialEq for Exact {
    fn eq(&self, other: &Self) -> bool {
        self.partial_cmp(other) == Some(Ordering::Equal)
    }

    #[allow(clippy::partialeq_ne_impl, reason = "and nothing differs from nothing: no relation holds")]
    fn ne(&self, other: &Self) -> bool {
        matches!(self.partial_cmp(other), Some(Ordering::Less | Ordering::Greater))
    }
}

impl PartialOrd for Exact {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.0.zip(other.0).map(|(a, b)| a.cmp(&b))
    }
}

impl Neg for Exact {
    type Output = Self;

    fn neg(self) -> Self {
        Self(self.0.and_then(i128::checked_neg))
    }
}

/// Tells whether two numbers differ. Nothing, and NaN, differ from nothing: `!=` does not hold either where there is no answer.
#[doc(hidden)]
pub fn differs<A: PartialOrd<B>, B>(a: A, b: B) -> bool {
    matches!(a.partial_cmp(&b), Some(Ordering::Less | Ordering::Greater))
}

macro_rules! themselves {
    ($($ty:ident)*) => {$(
        impl Related for $ty {
            type In = Self;

            fn related(self) -> Self {
                self
            }
        }
    )*};
}

themselves!(f32 f64 bool);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_overflow_makes_a_relation_false_and_never_panics() {
        let most = u64::MAX.related();
        assert!(most + 1 > most);
        let overflown = most * most * 2;
        for nothing in [overflown, 1u32.related() / 0, 0u8.related() % 0u8.related()] {
            let holds = [nothing == 0, nothing != 0, nothing < 1, nothing >= 1, nothing == nothing + 0];
            assert_eq!(holds, [false; 5]);
        }
        assert!(!differs(f64::NAN, 0.0) && !differs(overflown, 0u8) && differs(1.0, 2.0));
        assert!(12u32.related() == 3u8.related() * 4u64);
        assert!(2 + 2u32.related() == 4 && 4i64.related() > 3);
    }
}
