//! The numbers of C, and conversions between them.

use super::Tainted;

/// A number of C: the integers and floats that [`Tainted::cast`] converts between.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a number of C",
    note = "the numbers are `i8` to `i64`, `u8` to `u64`, `f32` and `f64`"
)]
pub trait Number: Copy + sealed::Number + 'static {}

mod sealed {
    pub trait Number: Copy + std::fmt::Debug {
        fn from_int(value: i128) -> Self;
        fn from_float(value: f64) -> Self;
        fn to(self) -> Wide;
        /// Tells whether this is neither infinite nor NaN.
        fn is_finite(self) -> bool;
        /// The same number, if this type has it.
        fn exact(value: Wide) -> Option<Self>
        where
            Self: Sized;
    }

    /// Every number of C without loss: of the floats `f64` is the widest.
    #[derive(Clone, Copy)]
    pub enum Wide {
        Int(i128),
        Float(f64),
    }
}

use sealed::Wide;

#[allow(clippy::as_conversions, clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
#[allow(clippy::float_cmp, clippy::cast_lossless, reason = "these are the casts of C, and `exact` looks whether they lost anything")]
mod cast {
    use super::{Number, Wide, sealed};

    macro_rules! numbers {
        (integers $($int:ident)*; floats $($float:ident)*) => {
            $(
                impl Number for $int {}

                impl sealed::Number for $int {
                    fn from_int(value: i128) -> Self {
                        value as $int
                    }

                    // Saturates, and takes NaN for 0: C leaves it undefined, Wasm has both forms.
                    fn from_float(value: f64) -> Self {
                        value as $int
                    }

                    fn to(self) -> Wide {
                        Wide::Int(self as i128)
                    }

                    fn is_finite(self) -> bool {
                        true
                    }

                    fn exact(value: Wide) -> Option<Self> {
                        match value {
                            Wide::Int(value) => Self::try_from(value).ok(),
                            Wide::Float(value) => Self::try_from(value as i128).ok().filter(|_| value as i128 as f64 == value),
                        }
                    }
                }
            )*
            $(
                impl Number for $float {}

                impl sealed::Number for $float {
                    fn from_int(value: i128) -> Self {
                        value as $float
                    }

                    fn from_float(value: f64) -> Self {
                        value as $float
                    }

                    fn to(self) -> Wide {
                        Wide::Float(self as f64)
                    }

                    fn is_finite(self) -> bool {
                        self.is_finite()
                    }

                    fn exact(value: Wide) -> Option<Self> {
                        match value {
                            Wide::Int(value) => Some(value as $float).filter(|float| *float as i128 == value),
                            Wide::Float(value) => Some(value as $float).filter(|float| *float as f64 == value || value.is_nan()),
                        }
                    }
                }
            )*
        };
    }

    numbers!(integers i8 i16 i32 i64 u8 u16 u32 u64; floats f32 f64);
}

impl<T: Number, L> Tainted<T, L> {
    /// Converts to another number type as a cast in C does: integers are cut to the width, floats saturate.
    ///
    /// # Examples
    ///
    /// ```
    /// # struct L;
    /// let byte = sandbox::Tainted::<u32, L>::new(0x1ff).cast::<u8>();
    /// assert_eq!(byte.unverified_because("an example"), 0xff);
    /// ```
    #[must_use]
    pub fn cast<U: Number>(self) -> Tainted<U, L> {
        Tainted::new(match self.into_inner().to() {
            Wide::Int(value) => U::from_int(value),
            Wide::Float(value) => U::from_float(value),
        })
    }

    /// Converts to another number type; a tainted `None` if that type does not have the number.
    ///
    /// # Examples
    ///
    /// ```
    /// # struct L;
    /// let count = sandbox::Tainted::<i32, L>::new(-1).checked_cast::<u32>();
    /// assert_eq!(count.verify(|count| count.ok_or("a negative count")), Err("a negative count"));
    /// ```
    #[must_use]
    pub fn checked_cast<U: Number>(self) -> Tainted<Option<U>, L> {
        Tainted::new(U::exact(self.into_inner().to()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct L;

    fn t<T>(value: T) -> Tainted<T, L> {
        Tainted::new(value)
    }

    fn v<T, A>(value: Tainted<T, A>) -> T {
        value.unverified_because("the test compares it with the model")
    }

    #[test]
    fn casts_cut_as_in_c_and_checked_ones_keep_the_number() {
        assert_eq!(v(t(-1i32).cast::<u64>()), u64::MAX);
        assert_eq!(v(t(-1i8).cast::<u16>()), u16::MAX);
        assert_eq!(v(t(u64::MAX).cast::<i16>()), -1);
        assert_eq!(v(t(f64::NAN).cast::<i32>()), 0);
        assert_eq!(v(t(1e300).cast::<u8>()), 255);
        assert_eq!(v(t(1e300).checked_cast::<u64>()), None);
        assert_eq!(v(t(1.5f32).checked_cast::<i32>()), None);
        assert_eq!(v(t(f64::NAN).checked_cast::<i32>()), None);
        assert_eq!(v(t(f64::INFINITY).checked_cast::<i64>()), None);
        assert_eq!(v(t(-2.0f64).checked_cast::<i8>()), Some(-2));
        assert_eq!(v(t(u32::MAX).checked_cast::<i32>()), None);
        assert_eq!(v(t(u64::MAX).checked_cast::<f64>()), None);
        assert_eq!(v(t(1u64 << 53).checked_cast::<f64>()), Some(9_007_199_254_740_992.0));
    }
}
