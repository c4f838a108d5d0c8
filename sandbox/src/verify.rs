//! Verification with ready rules, which combine and which say what was wrong.

use std::borrow::Cow;
use std::fmt;

use crate::{Number, Tainted};

pub(crate) mod relation;
pub mod rules;
mod shown;

/// A rule that a value of the guest has to keep, and what the host gets if it does.
///
/// The ready ones are in [`rules`]; combine them with [`and`](Rule::and) and [`or`](Rule::or), give a closure to
/// [`rules::that`] for one of your own. They are `Clone`, if what they are made with is: one rule
/// can be used again and again.
///
/// # Examples
///
/// ```
/// # struct L;
/// use sandbox::{Rule, Tainted, rules};
///
/// let stride = Tainted::<u32, L>::new(642);
/// let rule = rules::range(1..=65_536).and(rules::multiple_of(4));
/// let error = stride.verify_with(rule).unwrap_err();
/// assert_eq!(error.to_string(), "a `uint32_t` from the guest is not a multiple of 4, but 642");
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a rule for a `{T}`",
    note = "take one of `sandbox::rules`, such as `rules::range(1..=10)`; a closure of your own goes to `verify`, or into `rules::that`"
)]
pub trait Rule<T> {
    /// What the host gets.
    type Output;

    /// Checks the value.
    ///
    /// # Errors
    ///
    /// What the value is not, if it breaks the rule.
    fn check(&self, value: T) -> Result<Self::Output, Broken>;

    /// Checks this rule, and then `next` on what came of it.
    ///
    /// # Examples
    ///
    /// ```
    /// # struct L;
    /// use sandbox::{Rule, Tainted, rules};
    ///
    /// let rule = rules::at_most(100).and(rules::power_of_two());
    /// assert_eq!(Tainted::<u32, L>::new(64).verify_with(rule)?, 64);
    /// # Ok::<(), sandbox::VerifyError>(())
    /// ```
    fn and<N: Rule<Self::Output>>(self, next: N) -> And<Self, N>
    where
        Self: Sized,
    {
        And(self, next)
    }

    /// Checks this rule, and `other` if the value breaks it.
    ///
    /// # Examples
    ///
    /// ```
    /// # struct L;
    /// use sandbox::{Rule, Tainted, rules};
    ///
    /// let error = Tainted::<i32, L>::new(7).verify_with(rules::equal_to(-1).or(rules::range(0..=4))).unwrap_err();
    /// assert_eq!(error.rule(), "equal to -1, nor within 0..=4");
    /// ```
    fn or<N: Rule<T, Output = Self::Output>>(self, other: N) -> Or<Self, N>
    where
        Self: Sized,
        T: Clone,
    {
        Or(self, other)
    }
}

/// What a value is not, as the end of the sentence "the value is not …", and which value it was, if
/// that is a number.
///
/// # Examples
///
/// ```
/// let broken = sandbox::Broken::new("a leap year");
/// assert_eq!(broken.to_string(), "a leap year");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    rule: Cow<'static, str>,
    /// The value, if it is a number or an address.
    value: Option<Box<str>>,
}

impl Broken {
    /// Makes one, for a [`Rule`] of one's own. The text must come from the host: a value in it would carry bytes of the guest.
    ///
    /// # Examples
    ///
    /// ```
    /// let broken = sandbox::Broken::new(format!("at most {}", 100));
    /// # let _ = broken;
    /// ```
    #[must_use]
    pub fn new(rule: impl Into<Cow<'static, str>>) -> Self {
        Self { rule: rule.into(), value: None }
    }

    /// Adds the number that broke the rule, for the message. Text of the guest's has no place
    /// there.
    ///
    /// # Examples
    ///
    /// ```
    /// use sandbox::{Broken, Rule, Tainted};
    ///
    /// struct Even;
    ///
    /// impl Rule<u32> for Even {
    ///     type Output = u32;
    ///
    ///     fn check(&self, value: u32) -> Result<u32, Broken> {
    ///         if value.is_multiple_of(2) { Ok(value) } else { Err(Broken::new("even").but(value)) }
    ///     }
    /// }
    ///
    /// # struct L;
    /// let error = Tainted::<u32, L>::new(7).verify_with(Even).unwrap_err();
    /// assert_eq!(error.to_string(), "a `uint32_t` from the guest is not even, but 7");
    /// ```
    #[must_use]
    pub fn but<N: Number>(self, value: N) -> Self {
        self.shown(shown::number(&value))
    }

    fn shown(mut self, value: Option<Box<str>>) -> Self {
        self.value = value;
        self
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.rule)
    }
}

/// Two rules of which both must hold. Made by [`Rule::and`].
#[derive(Debug, Clone, Copy)]
pub struct And<A, B>(A, B);

impl<T, A: Rule<T>, B: Rule<A::Output>> Rule<T> for And<A, B> {
    type Output = B::Output;

    fn check(&self, value: T) -> Result<B::Output, Broken> {
        self.1.check(self.0.check(value)?)
    }
}

/// Two rules of which one must hold. Made by [`Rule::or`].
#[derive(Debug, Clone, Copy)]
pub struct Or<A, B>(A, B);

impl<T: Clone, A: Rule<T>, B: Rule<T, Output = A::Output>> Rule<T> for Or<A, B> {
    type Output = A::Output;

    fn check(&self, value: T) -> Result<A::Output, Broken> {
        self.0.check(value.clone()).or_else(|first| {
            let both = |second: Broken| Broken::new(format!("{first}, nor {second}")).shown(first.value.clone().or(second.value));
            self.1.check(value).map_err(both)
        })
    }
}

/// A value of the guest that broke a rule: which one, where, and of which C type. A number is
/// shown; text and bytes never are.
///
/// # Examples
///
/// ```
/// # struct L;
/// use sandbox::{Tainted, rules};
///
/// let error = Tainted::<u8, L>::new(3).verify_with(rules::one_of([1, 2, 4])).unwrap_err();
/// assert_eq!((error.field(), error.c_type(), error.rule()), ("", "uint8_t", "one of [1, 2, 4]"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifyError {
    field: String,
    c_type: Cow<'static, str>,
    rule: Broken,
}

impl VerifyError {
    /// Makes one for a value of its own, which is no field.
    #[doc(hidden)]
    #[must_use]
    #[cold]
    pub fn new<T>(rule: Broken) -> Self {
        Self { field: String::new(), c_type: c_type::<T>(), rule }
    }

    /// Makes one for a relation between the fields of a C struct.
    #[doc(hidden)]
    #[must_use]
    pub fn relation(c_type: &'static str, rule: &'static str) -> Self {
        Self { field: String::new(), c_type: c_type.into(), rule: Broken::new(format!("such that `{rule}`")) }
    }

    /// Adds the field that the value was in, or the index, from the inside to the outside.
    #[doc(hidden)]
    #[must_use]
    pub fn within(mut self, field: impl fmt::Display) -> Self {
        self.field = match self.field.as_str() {
            "" => field.to_string(),
            inner if inner.starts_with('[') => format!("{field}{inner}"),
            inner => format!("{field}.{inner}"),
        };
        self
    }

    /// Returns the path to the field of the struct, such as `header.width` or `bins[3]`; empty if the value was no field.
    ///
    /// # Examples
    ///
    /// ```
    /// fn is_width(error: &sandbox::VerifyError) -> bool { error.field() == "width" }
    /// ```
    #[must_use]
    pub fn field(&self) -> &str {
        &self.field
    }

    /// Returns the value's type in C, or the struct's if a relation between its fields was broken.
    ///
    /// # Examples
    ///
    /// ```
    /// fn is_number(error: &sandbox::VerifyError) -> bool { error.c_type().starts_with("uint") }
    /// ```
    #[must_use]
    pub fn c_type(&self) -> &str {
        &self.c_type
    }

    /// Returns what the value is not, as in "within 1..=4".
    ///
    /// # Examples
    ///
    /// ```
    /// fn log(error: &sandbox::VerifyError) { eprintln!("expected: {}", error.rule()); }
    /// ```
    #[must_use]
    pub fn rule(&self) -> &str {
        &self.rule.rule
    }

    /// Returns the value, if it is a number, or an address in hex, and the rule is a ready one.
    ///
    /// # Trust
    ///
    /// It is the guest's choice, in Rust's way to write a number: good for a message.
    ///
    /// # Examples
    ///
    /// ```
    /// # struct L;
    /// use sandbox::{Tainted, rules};
    ///
    /// let error = Tainted::<i32, L>::new(-7).verify_with(rules::range(0..=100)).unwrap_err();
    /// assert_eq!(error.value(), Some("-7"));
    /// ```
    #[must_use]
    pub fn value(&self) -> Option<&str> {
        self.rule.value.as_deref()
    }
}

impl fmt::Display for VerifyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { field, c_type, rule } = self;
        match field.as_str() {
            "" => write!(f, "a `{c_type}` from the guest is not {rule}")?,
            field => write!(f, "field `{field}` (`{c_type}`) from the guest is not {rule}")?,
        }
        self.value().map_or(Ok(()), |value| write!(f, ", but {value}"))
    }
}

impl std::error::Error for VerifyError {}

/// The C name of what a tainted value holds, for messages.
fn c_type<T>() -> Cow<'static, str> {
    let name = std::any::type_name::<T>();
    let number = |bits: &str| bits.parse::<u8>().is_ok();
    match name.split_at_checked(1) {
        Some(("u", bits)) if number(bits) => format!("uint{bits}_t").into(),
        Some(("i", bits)) if number(bits) => format!("int{bits}_t").into(),
        _ => match name {
            "f32" => "float".into(),
            "f64" => "double".into(),
            name if name.ends_with("::CString") => "char *".into(),
            name if name.ends_with("[u8]") || name.ends_with("Vec<u8>") => "uint8_t[]".into(),
            name if name.ends_with("::CBool") => "_Bool".into(),
            name => name.rsplit("::").next().unwrap_or(name).into(),
        },
    }
}

impl<T, L> Tainted<T, L> {
    /// Checks the value with a ready rule, or several.
    ///
    /// # Errors
    ///
    /// [`VerifyError`], which converts into [`Error`](crate::Error) with `?`.
    ///
    /// # Examples
    ///
    /// ```
    /// # struct L;
    /// use sandbox::{Tainted, rules};
    ///
    /// let channels = Tainted::<u8, L>::new(3).verify_with(rules::range(1..=4))?;
    /// assert_eq!(channels, 3);
    /// # Ok::<(), sandbox::VerifyError>(())
    /// ```
    #[inline]
    pub fn verify_with<R: Rule<T>>(self, rule: R) -> Result<R::Output, VerifyError> {
        rule.check(self.into_inner()).map_err(VerifyError::new::<T>)
    }
}

/// Checks each element of a slice that came out of a guest.
///
/// # Examples
///
/// ```
/// # struct L;
/// use sandbox::{Tainted, VerifyEach, rules};
///
/// let bins = [1, 5, 9].map(Tainted::<u32, L>::new);
/// assert_eq!(bins.verify_each(rules::at_most(9))?, [1, 5, 9]);
/// assert_eq!(bins.verify_each(rules::at_most(8)).unwrap_err().field(), "[2]");
/// # Ok::<(), sandbox::VerifyError>(())
/// ```
pub trait VerifyEach<T> {
    /// Checks each element with the same rule.
    ///
    /// # Errors
    ///
    /// The first [`VerifyError`], whose field is the element's index.
    fn verify_each<R: Rule<T>>(&self, rule: R) -> Result<Vec<R::Output>, VerifyError>;
}

impl<T: Clone, L> VerifyEach<T> for [Tainted<T, L>] {
    fn verify_each<R: Rule<T>>(&self, rule: R) -> Result<Vec<R::Output>, VerifyError> {
        let check = |(index, value): (usize, &Tainted<T, L>)| {
            rule.check(value.peek().clone()).map_err(|broken| VerifyError::new::<T>(broken).within(format_args!("[{index}]")))
        };
        self.iter().enumerate().map(check).collect()
    }
}

/// A host type that is made out of a tainted one by verification.
///
/// `#[derive(Verify)]` implements it for a struct, with a rule per field and relations between fields.
///
/// # Examples
///
/// ```
/// use sandbox::{Sandbox, Verify, rules};
/// # sandbox::library! {
/// #     #[precompiled(unsafe(&[]))]
/// #     pub mod png { pub struct header { pub width: u32, pub channels: u32, pub rowbytes: u32 } }
/// # }
///
/// #[derive(Verify, Debug)]
/// #[verify(from = png::header, relation(rowbytes == width * channels))]
/// struct Header {
///     #[verify(rules::range(1..=65_536))]
///     width: u32,
///     #[verify(rules::one_of([1, 3, 4]))]
///     channels: u32,
///     #[verify(rules::at_least(1))]
///     rowbytes: u32,
/// }
///
/// # fn read(sb: &Sandbox<png::Library>, pointer: sandbox::TaintedPtr<png::header, png::Library>) -> sandbox::Result<Header> {
/// let header: Header = sb.read_verified(pointer)?;
/// # Ok(header)
/// # }
/// ```
pub trait Verify<G>: Sized {
    /// Checks every field of a value that was read once, and the relations between them.
    ///
    /// # Errors
    ///
    /// [`VerifyError`]: the first field or relation that is wrong.
    fn verify(guest: G) -> Result<Self, VerifyError>;
}

/// What a rule gets of a field: the value of a tainted number, the values of an array, a pointer, struct or union as it is.
#[doc(hidden)]
pub trait Field {
    /// What rules are given.
    type Inner;
    /// Takes it out, for a rule to check.
    fn into_inner(self) -> Self::Inner;
    /// Its type in C.
    fn c_type() -> Cow<'static, str>;
}

impl<T, L> Field for Tainted<T, L> {
    type Inner = T;

    fn into_inner(self) -> T {
        self.into_inner()
    }

    fn c_type() -> Cow<'static, str> {
        c_type::<T>()
    }
}

impl<T: crate::Pointee<L>, L> Field for crate::TaintedPtr<T, L> {
    type Inner = Self;

    fn into_inner(self) -> Self {
        self
    }

    fn c_type() -> Cow<'static, str> {
        format!("{} *", T::C_NAME).into()
    }
}

impl<F: 'static, L: 'static> Field for crate::TaintedFn<F, L> {
    type Inner = Self;

    fn into_inner(self) -> Self {
        self
    }

    fn c_type() -> Cow<'static, str> {
        "function pointer".into()
    }
}

impl<F: Field, const N: usize> Field for [F; N] {
    type Inner = [F::Inner; N];

    fn into_inner(self) -> Self::Inner {
        self.map(F::into_inner)
    }

    fn c_type() -> Cow<'static, str> {
        format!("{}[{N}]", F::c_type()).into()
    }
}

/// A struct or union of a guest, which a rule gets as it is: its fields are tainted.
#[doc(hidden)]
pub trait Record {
    /// Its name in C.
    const C_NAME: &'static str;
}

impl<R: Record> Field for R {
    type Inner = Self;

    fn into_inner(self) -> Self {
        self
    }

    fn c_type() -> Cow<'static, str> {
        R::C_NAME.into()
    }
}

/// Gives a field to its rule; the error names the field.
#[doc(hidden)]
pub fn field<F: Field, R: Rule<F::Inner>>(name: &str, value: F, rule: &R) -> Result<R::Output, VerifyError> {
    let broken = |rule| VerifyError { field: name.to_owned(), c_type: F::c_type(), rule };
    rule.check(value.into_inner()).map_err(broken)
}

/// Releases a field without a check, for a reason.
#[doc(hidden)]
pub fn release<F: Field>(value: F, reason: &'static str) -> F::Inner {
    let _ = reason;
    value.into_inner()
}

/// Gives each element of an array field to the rule of the elements.
#[doc(hidden)]
pub fn elements<F: Field, R: Rule<F::Inner>, const N: usize>(name: &str, value: [F; N], rule: &R) -> Result<[R::Output; N], VerifyError> {
    let broken = |index| move |rule| VerifyError { field: format!("{name}[{index}]"), c_type: F::c_type(), rule };
    let check = |(index, element): (usize, F)| rule.check(element.into_inner()).map_err(broken(index));
    let outputs = value.into_iter().enumerate().map(check).collect::<Result<Vec<_>, _>>()?;
    outputs.try_into().map_err(|_| VerifyError::new::<F::Inner>(Broken::new("an array of the declared length")).within(name))
}

/// Verifies a field that is a struct itself.
#[doc(hidden)]
pub fn nested<G, V: Verify<G>>(name: &str, value: G) -> Result<V, VerifyError> {
    V::verify(value).map_err(|error| error.within(name))
}
