//! Ready rules for values of a guest: `rules::range(1..=4)`, `rules::utf8()`, and so on.
//!
//! # Examples
//!
//! ```
//! # struct L;
//! use sandbox::{Rule, Tainted, rules};
//!
//! let name = Tainted::<_, L>::new(c"IHDR".to_owned());
//! assert_eq!(name.verify_with(rules::ascii().and(rules::length(1..=4)))?, "IHDR");
//! # Ok::<(), sandbox::VerifyError>(())
//! ```

use std::fmt::{Debug, Display};
use std::marker::PhantomData;
use std::ops::RangeBounds;

mod text;

pub use text::{Bytes, ascii, length, nul_free, printable, utf8};

use super::{Broken, Rule, shown};
use crate::abi::{CBool, GuestEnum};
use crate::{Integer, Number, Pointee, TaintedPtr};

/// A rule made of a condition on the value and a bound of the host's: the value goes through unchanged. What it is not is said only of a value that breaks the rule.
#[derive(Debug, Clone, Copy)]
struct Condition<B, F, D, S> {
    bound: B,
    holds: F,
    describe: D,
    shown: S,
}

impl<T, B, F, D, S> Rule<T> for Condition<B, F, D, S>
where
    F: Fn(&B, &T) -> bool,
    D: Fn(&B) -> String,
    S: Fn(&T) -> Option<Box<str>>,
{
    type Output = T;

    #[inline]
    fn check(&self, value: T) -> Result<T, Broken> {
        if (self.holds)(&self.bound, &value) { Ok(value) } else { Err(self.broken(&value)) }
    }
}

impl<B, F, D, S> Condition<B, F, D, S> {
    #[cold]
    fn broken<T>(&self, value: &T) -> Broken
    where
        D: Fn(&B) -> String,
        S: Fn(&T) -> Option<Box<str>>,
    {
        Broken::new((self.describe)(&self.bound)).shown((self.shown)(value))
    }
}

fn condition<T, B: Clone>(
    bound: B,
    holds: impl Fn(&B, &T) -> bool + Clone,
    describe: impl Fn(&B) -> String + Clone,
    shown: impl Fn(&T) -> Option<Box<str>> + Clone,
) -> impl Rule<T, Output = T> + Clone {
    Condition { bound, holds, describe, shown }
}

/// A condition of one's own on the value. Made by [`that`].
#[derive(Debug, Clone, Copy)]
pub struct That<F> {
    holds: F,
    rule: &'static str,
}

impl<T, F: Fn(&T) -> bool> Rule<T> for That<F> {
    type Output = T;

    #[inline]
    fn check(&self, value: T) -> Result<T, Broken> {
        if (self.holds)(&value) { Ok(value) } else { Err(Broken::new(self.rule)) }
    }
}

/// A conversion of one's own, which can fail. Made by [`into`].
#[derive(Debug, Clone, Copy)]
pub struct Conversion<F> {
    convert: F,
    rule: &'static str,
}

impl<T, R, F: Fn(T) -> Option<R>> Rule<T> for Conversion<F> {
    type Output = R;

    fn check(&self, value: T) -> Result<R, Broken> {
        (self.convert)(value).ok_or(Broken::new(self.rule))
    }
}

/// A condition of one's own; `rule` completes the sentence "the value is not …".
///
/// # Examples
///
/// ```
/// # struct L;
/// use sandbox::{Tainted, rules};
///
/// let year = Tainted::<u32, L>::new(1900).verify_with(rules::that("after 1970", |year| *year > 1970));
/// assert_eq!(year.unwrap_err().rule(), "after 1970");
/// ```
pub fn that<T, F: Fn(&T) -> bool>(rule: &'static str, holds: F) -> That<F> {
    That { holds, rule }
}

/// A conversion of one's own; `rule` completes the sentence "the value is not …".
///
/// # Examples
///
/// ```
/// # struct L;
/// use sandbox::{Tainted, rules};
///
/// let letter = Tainted::<u32, L>::new(0x41).verify_with(rules::into("a Unicode character", char::from_u32))?;
/// assert_eq!(letter, 'A');
/// # Ok::<(), sandbox::VerifyError>(())
/// ```
pub fn into<T, R, F: Fn(T) -> Option<R>>(rule: &'static str, convert: F) -> Conversion<F> {
    Conversion { convert, rule }
}

/// Within a range, in any of Rust's forms.
///
/// # Examples
///
/// ```
/// # struct L;
/// use sandbox::{Tainted, rules};
///
/// assert!(Tainted::<i32, L>::new(-1).verify_with(rules::range(0..)).is_err());
/// assert!(Tainted::<f64, L>::new(f64::NAN).verify_with(rules::range(0.0..=1.0)).is_err());
/// ```
pub fn range<T: PartialOrd + Debug>(range: impl RangeBounds<T> + Debug + Clone) -> impl Rule<T, Output = T> + Clone {
    condition(range, |range, value| range.contains(value), |range| format!("within {range:?}"), shown::number)
}

/// At most `largest`. For a count against the length of a buffer of the host's there is [`count_up_to`].
///
/// # Examples
///
/// ```
/// # struct L;
/// use sandbox::{Tainted, rules};
///
/// let capacity = 64;
/// assert!(Tainted::<u32, L>::new(65).verify_with(rules::at_most(capacity)).is_err());
/// ```
pub fn at_most<T: PartialOrd + Display + Debug + Clone>(largest: T) -> impl Rule<T, Output = T> + Clone {
    condition(largest, |largest, value| value <= largest, |largest| format!("at most {largest}"), shown::number)
}

/// A count or length of at most `capacity`, as a `usize`: what a guest says that it has put into a buffer of the host's.
///
/// # Examples
///
/// ```
/// # struct L;
/// use sandbox::{Tainted, rules};
///
/// let buffer = [0; 64];
/// let filled = Tainted::<i32, L>::new(64).verify_with(rules::count_up_to(buffer.len()))?;
/// assert_eq!(buffer[..filled].len(), 64);
/// assert!(Tainted::<i32, L>::new(-1).verify_with(rules::count_up_to(buffer.len())).is_err());
/// # Ok::<(), sandbox::VerifyError>(())
/// ```
pub fn count_up_to<T: TryInto<usize> + Copy + Debug>(capacity: usize) -> impl Rule<T, Output = usize> + Clone {
    Within { holds: move |count| count <= capacity, describe: move || format!("a count of at most {capacity}"), value: PhantomData }
}

/// At least `smallest`.
///
/// # Examples
///
/// ```
/// # struct L;
/// use sandbox::{Tainted, rules};
///
/// assert!(Tainted::<u32, L>::new(7).verify_with(rules::at_least(8)).is_err());
/// ```
pub fn at_least<T: PartialOrd + Display + Debug + Clone>(smallest: T) -> impl Rule<T, Output = T> + Clone {
    condition(smallest, |smallest, value| value >= smallest, |smallest| format!("at least {smallest}"), shown::number)
}

/// An index of `count` elements, as a `usize` to index with.
///
/// # Examples
///
/// ```
/// # struct L;
/// use sandbox::{Tainted, rules};
///
/// let colors = ["red", "green"];
/// let index = Tainted::<i32, L>::new(1).verify_with(rules::index_of(colors.len()))?;
/// assert_eq!(colors[index], "green");
/// assert!(Tainted::<i32, L>::new(-1).verify_with(rules::index_of(colors.len())).is_err());
/// # Ok::<(), sandbox::VerifyError>(())
/// ```
pub fn index_of<T: TryInto<usize> + Copy + Debug>(count: usize) -> impl Rule<T, Output = usize> + Clone {
    Within { holds: move |index| index < count, describe: move || format!("an index of {count} elements"), value: PhantomData }
}

/// A rule for a number that is to be a `usize`.
#[derive(Clone)]
struct Within<T, F, D> {
    holds: F,
    describe: D,
    value: PhantomData<fn(T)>,
}

impl<T: TryInto<usize> + Copy + Debug, F: Fn(usize) -> bool, D: Fn() -> String> Rule<T> for Within<T, F, D> {
    type Output = usize;

    fn check(&self, value: T) -> Result<usize, Broken> {
        let number = value.try_into().ok().filter(|number| (self.holds)(*number));
        number.ok_or_else(|| Broken::new((self.describe)()).shown(shown::number(&value)))
    }
}

/// Equal to a value of the host's.
///
/// # Examples
///
/// ```
/// # struct L;
/// use sandbox::{Tainted, rules};
///
/// Tainted::<i32, L>::new(0).verify_with(rules::equal_to(0))?;
/// # Ok::<(), sandbox::VerifyError>(())
/// ```
pub fn equal_to<T: PartialEq + Display + Debug + Clone>(expected: T) -> impl Rule<T, Output = T> + Clone {
    condition(expected, |expected, value| value == expected, |expected| format!("equal to {expected}"), shown::number)
}

/// One of a few values.
///
/// # Examples
///
/// ```
/// # struct L;
/// use sandbox::{Tainted, rules};
///
/// assert!(Tainted::<u8, L>::new(7).verify_with(rules::one_of([1, 2, 4, 8, 16])).is_err());
/// ```
pub fn one_of<T: PartialEq + Debug + Clone, const N: usize>(values: [T; N]) -> impl Rule<T, Output = T> + Clone {
    condition(values, |values, value| values.contains(value), |values| format!("one of {values:?}"), shown::number)
}

/// Not zero, and not NaN.
///
/// # Examples
///
/// ```
/// # struct L;
/// use sandbox::{Tainted, rules};
///
/// assert!(Tainted::<u64, L>::new(0).verify_with(rules::non_zero()).is_err());
/// ```
pub fn non_zero<T: PartialOrd + Default>() -> impl Rule<T, Output = T> + Clone {
    that("other than zero", |value: &T| *value < T::default() || *value > T::default())
}

/// A `_Bool` that is 0 or 1.
///
/// # Examples
///
/// ```
/// # struct L;
/// use sandbox::{CBool, Tainted, rules};
///
/// assert!(Tainted::<CBool, L>::new(true.into()).verify_with(rules::boolean())?);
/// assert!(Tainted::<CBool, L>::new(CBool::from_byte(2)).verify_with(rules::boolean()).is_err());
/// # Ok::<(), sandbox::VerifyError>(())
/// ```
#[must_use]
pub fn boolean() -> impl Rule<CBool, Output = bool> + Clone {
    condition((), |(), value: &CBool| value.get().is_some(), |()| "0 or 1".into(), |value: &CBool| shown::number(&value.byte()))
        .and(into("0 or 1", CBool::get))
}

/// One of the constants that the header names for this enum.
///
/// # Examples
///
/// ```
/// # sandbox::library! { #[precompiled(unsafe(&[]))] pub mod lib { #[repr(u32)] pub enum color { RED, GREEN } } }
/// use sandbox::{Tainted, rules};
///
/// assert!(Tainted::<_, lib::Library>::new(lib::color::GREEN).verify_with(rules::known()).is_ok());
/// assert!(Tainted::<_, lib::Library>::new(lib::color(2)).verify_with(rules::known()).is_err());
/// ```
pub fn known<E: GuestEnum>() -> impl Rule<E, Output = E> + Clone
where
    E::Repr: PartialEq + Debug,
{
    let known = |(): &(), value: &E| E::KNOWN.iter().any(|(_, known)| *known == value.repr());
    condition((), known, |()| "a constant of its enum".into(), |value: &E| shown::number(&value.repr()))
}

/// An integer that is a multiple of another.
///
/// # Examples
///
/// ```
/// # struct L;
/// use sandbox::{Tainted, rules};
///
/// assert!(Tainted::<u32, L>::new(10).verify_with(rules::multiple_of(4)).is_err());
/// ```
pub fn multiple_of<T: Integer>(factor: T) -> impl Rule<T, Output = T> + Clone {
    condition(factor, |factor, value| is_multiple(*value, *factor), |factor| format!("a multiple of {factor}"), shown::number)
}

/// Tells whether `value` is a multiple of `factor`; of 0 only 0 is. The smallest number divided by -1 overflows, and is a multiple.
fn is_multiple<T: Integer>(value: T, factor: T) -> bool {
    if factor == T::default() { value == factor } else { value.checked_rem(factor).unwrap_or_default() == T::default() }
}

/// An integer that is a power of two: 1, 2, 4, …
///
/// # Examples
///
/// ```
/// # struct L;
/// use sandbox::{Tainted, rules};
///
/// assert!(Tainted::<i32, L>::new(i32::MIN).verify_with(rules::power_of_two()).is_err());
/// ```
pub fn power_of_two<T: Integer>() -> impl Rule<T, Output = T> + Clone {
    condition((), |(), value: &T| value.is_power_of_two(), |()| "a power of two".into(), shown::number)
}

/// A float that is neither infinite nor NaN.
///
/// # Examples
///
/// ```
/// # struct L;
/// use sandbox::{Tainted, rules};
///
/// assert!(Tainted::<f64, L>::new(f64::INFINITY).verify_with(rules::finite()).is_err());
/// ```
pub fn finite<T: Number>() -> impl Rule<T, Output = T> + Clone {
    condition((), |(), value: &T| value.is_finite(), |()| "finite".into(), shown::number)
}

/// A pointer that is not null. It stays a tainted pointer.
///
/// # Examples
///
/// ```
/// # struct L;
/// use sandbox::{Rule, TaintedPtr, rules};
///
/// assert!(rules::non_null().check(TaintedPtr::<u8, L>::null()).is_err());
/// ```
pub fn non_null<T: Pointee<L>, L>() -> impl Rule<TaintedPtr<T, L>, Output = TaintedPtr<T, L>> + Clone {
    that("other than null", |pointer: &TaintedPtr<T, L>| !pointer.is_null())
}

/// A pointer whose address is a multiple of `bytes`. It stays a tainted pointer.
///
/// # Examples
///
/// ```
/// # struct L;
/// use sandbox::{Rule, TaintedPtr, rules};
///
/// assert!(rules::aligned_to(16).check(TaintedPtr::<u8, L>::null()).is_ok());
/// ```
pub fn aligned_to<T: Pointee<L>, L>(bytes: u32) -> impl Rule<TaintedPtr<T, L>, Output = TaintedPtr<T, L>> + Clone {
    condition(
        bytes,
        |bytes, pointer: &TaintedPtr<T, L>| is_multiple(pointer.address().into_inner(), *bytes),
        |bytes| format!("aligned to {bytes} bytes"),
        |pointer| shown::address(pointer.address().into_inner()),
    )
}
