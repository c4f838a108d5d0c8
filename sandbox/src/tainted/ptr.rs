//! Pointers into guest memory. To the host they are just numbers, checked when they are used.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use super::Tainted;
use crate::abi::{Destination, GuestScalar, GuestType, InstanceId, Wasm};
use crate::error::{Error, Result};

/// A type that a pointer of library `L` can point to.
///
/// Implemented by this crate for scalars, and by `sandbox::library!` for structs and opaque types.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a type that a pointer of this library can point to",
    note = "each library has types of its own; a pointer of one library cannot be used with another"
)]
pub trait Pointee<L>: Sized + 'static {
    /// The type's name in C.
    const C_NAME: &'static str;
    /// What a pointer to this type derefs to: a method per field.
    type Place: Copy + From<RawPtr> + Into<RawPtr> + Send + Sync;
}

/// An address and the instance that it belongs to.
#[doc(hidden)]
#[derive(Clone, Copy)]
pub struct RawPtr {
    address: u32,
    instance: InstanceId,
}

impl RawPtr {
    pub(crate) const fn new(address: u32, instance: InstanceId) -> Self {
        Self { address, instance }
    }

    pub(crate) const fn byte_offset(self, bytes: u32) -> Self {
        Self { address: self.address.wrapping_add(bytes), ..self }
    }

    /// The next address that is a multiple of `size`, a power of two.
    pub(crate) const fn align_up(self, size: u32) -> Self {
        let mask = size.wrapping_sub(1);
        Self { address: self.address.wrapping_add(mask) & !mask, ..self }
    }

    /// The place of a field. There is none in a struct that is not there: what a null pointer gives is refused when it is used.
    pub(crate) const fn field(self, offset: u32) -> Self {
        if self.address == 0 { self } else { self.byte_offset(offset) }
    }

    /// The instance that it belongs to; null belongs to every one.
    pub(crate) fn instance(self) -> Option<InstanceId> {
        (self.address != 0).then_some(self.instance)
    }

    /// Returns the address for use in the instance `to`.
    ///
    /// Null belongs to every instance.
    #[inline]
    pub(crate) fn address_in(self, to: InstanceId) -> Result<u32> {
        if self.instance == to || self.address == 0 { Ok(self.address) } else { Err(foreign()) }
    }
}

#[cold]
fn foreign() -> Error {
    Error::WrongSandbox { context: "a pointer".into() }
}

/// The place of a type without fields.
#[doc(hidden)]
#[derive(Clone, Copy)]
pub struct NoFields(RawPtr);

impl From<RawPtr> for NoFields {
    fn from(raw: RawPtr) -> Self {
        Self(raw)
    }
}

impl From<NoFields> for RawPtr {
    fn from(place: NoFields) -> Self {
        place.0
    }
}

/// C's `void`, of which only pointers exist.
#[derive(Clone, Copy, Debug)]
pub struct Void(());

impl<L> Pointee<L> for Void {
    const C_NAME: &'static str = "void";
    type Place = NoFields;
}

/// A pointer that came out of the guest of library `L`, or that the host made for it.
///
/// It is a number: arithmetic wraps at 4 GiB and accesses nothing. Each use checks that the whole range lies in the memory
/// of the instance that the pointer belongs to. C's `const` makes no difference, since the guest can write all of its memory.
///
/// A pointer to a C struct has a method for each field, which returns a pointer to the field. A field whose name is also a
/// method of `TaintedPtr` is reached through [`fields`](Self::fields).
///
/// # Trust
///
/// An attacker chooses the address: null, the last byte below 4 GiB, another object.
///
/// # Examples
///
/// ```
/// # struct L;
/// use sandbox::TaintedPtr;
///
/// let pointer = TaintedPtr::<u32, L>::null();
/// assert!(pointer.is_null());
/// assert!(!pointer.add(3).is_null());
/// ```
pub struct TaintedPtr<T: Pointee<L>, L> {
    place: T::Place,
    library: PhantomData<fn() -> L>,
}

impl<T: Pointee<L>, L> TaintedPtr<T, L> {
    #[doc(hidden)]
    #[must_use]
    pub fn from_raw(raw: RawPtr) -> Self {
        Self { place: raw.into(), library: PhantomData }
    }

    pub(crate) fn raw(self) -> RawPtr {
        self.place.into()
    }

    /// Returns the null pointer.
    ///
    /// # Examples
    ///
    /// ```
    /// # struct L;
    /// assert!(sandbox::TaintedPtr::<u8, L>::null().is_null());
    /// ```
    #[must_use]
    pub fn null() -> Self {
        Self::from_raw(RawPtr::new(0, InstanceId::NONE))
    }

    /// Tells whether the address is 0. A plain `bool`: an attacker gains nothing by choosing it (RLBox does the same).
    ///
    /// # Examples
    ///
    /// ```
    /// # struct L;
    /// fn optional(p: sandbox::TaintedPtr<u8, L>) -> Option<sandbox::TaintedPtr<u8, L>> {
    ///     (!p.is_null()).then_some(p)
    /// }
    /// # assert!(optional(sandbox::TaintedPtr::null()).is_none());
    /// ```
    #[must_use]
    pub fn is_null(self) -> bool {
        self.raw().address == 0
    }

    /// Returns the same address as a pointer to another type.
    ///
    /// # Examples
    ///
    /// ```
    /// # struct L;
    /// let bytes = sandbox::TaintedPtr::<u8, L>::null();
    /// let words: sandbox::TaintedPtr<u32, L> = bytes.cast();
    /// # let _ = words;
    /// ```
    #[must_use]
    pub fn cast<U: Pointee<L>>(self) -> TaintedPtr<U, L> {
        TaintedPtr::from_raw(self.raw())
    }

    /// Returns the address as a tainted number.
    ///
    /// # Examples
    ///
    /// ```
    /// # struct L;
    /// let address = sandbox::TaintedPtr::<u8, L>::null().address();
    /// assert_eq!(address.unverified_because("an example"), 0);
    /// ```
    #[must_use]
    pub fn address(self) -> Tainted<u32, L> {
        Tainted::new(self.raw().address)
    }

    /// Returns the place behind the pointer, which has a method for each field of the struct.
    ///
    /// # Examples
    ///
    /// ```
    /// # struct L;
    /// // The same as `p.width()`, also where `TaintedPtr` has a method of the field's name.
    /// let _ = sandbox::TaintedPtr::<u8, L>::null().fields();
    /// ```
    pub fn fields(&self) -> &T::Place {
        &self.place
    }
}

impl<T: Pointee<L>, L> Clone for TaintedPtr<T, L> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Pointee<L>, L> Copy for TaintedPtr<T, L> {}

impl<T: Pointee<L>, L> Deref for TaintedPtr<T, L> {
    type Target = T::Place;

    fn deref(&self) -> &T::Place {
        &self.place
    }
}

/// Says what it points to, not where.
impl<T: Pointee<L>, L> fmt::Debug for TaintedPtr<T, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TaintedPtr<{}>(..)", T::C_NAME)
    }
}

impl<T: Pointee<L>, L: 'static> Pointee<L> for TaintedPtr<T, L> {
    const C_NAME: &'static str = "pointer";
    type Place = NoFields;
}

impl<T: Pointee<L>, L: 'static> GuestType<L> for TaintedPtr<T, L> {
    type Tainted = Self;
    const SIZE: u32 = 4;
    const ALIGN: u32 = 4;

    fn decode(bytes: &[u8], from: InstanceId) -> Self {
        let address = <u32 as GuestType<L>>::decode(bytes, from).into_inner();
        Self::from_raw(RawPtr::new(address, from))
    }

    fn encode(value: &Self, bytes: &mut [u8], to: &mut Destination) -> Result<()> {
        let address = to.address(value.raw())?;
        <u32 as GuestType<L>>::encode(&Tainted::new(address), bytes, to)
    }
}

impl<T: Pointee<L>, L: 'static> GuestScalar<L> for TaintedPtr<T, L> {
    type Wasm = u32;
    const WASM: Wasm = Wasm::I32;

    fn lower(value: Self, to: InstanceId) -> Result<u32> {
        value.raw().address_in(to)
    }

    fn lift(wasm: u32, from: InstanceId) -> Self {
        Self::from_raw(RawPtr::new(wasm, from))
    }
}
