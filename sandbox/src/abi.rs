//! The guest's C ABI: ILP32, little-endian.
//!
//! Guest bytes are decoded one field after the other and never transmuted, so that the host's own layout, endianness and
//! word size do not matter.

mod bits;
mod destination;
mod passing;
mod union;

pub use bits::{BitType, Bits, bits_field, decode_bits, encode_bits};
pub use destination::Destination;
pub use passing::{GuestResult, Indirect, Passed, Passing, Single};
pub(crate) use passing::{Return, Value};
pub use union::UnionBytes;

use crate::error::{Error, Result};
use crate::tainted::{NoFields, Pointee, RawPtr, Tainted};

/// Identifies one instance of a sandbox, and tells a pointer of one from a pointer of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct InstanceId(u64);

impl InstanceId {
    /// Belongs to no instance: the id of a null pointer that the host made.
    pub(crate) const NONE: Self = Self(0);

    /// Returns an id that no other instance of this process has or had.
    pub(crate) fn fresh() -> Self {
        use std::sync::atomic::{AtomicU64, Ordering};
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

/// A type of the guest of library `L`, with its size, its alignment and its encoding in guest memory.
///
/// Implemented by this crate for scalars, pointers and arrays, and by `sandbox::library!` for structs and enums.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a type of this guest",
    note = "guest types are the fixed-width integers and floats, tainted pointers, arrays of them, and what `sandbox::library!` declares for the same library"
)]
pub trait GuestType<L>: Pointee<L> {
    /// What a value of this type is when it comes out of the guest.
    type Tainted: Clone;
    /// Size in bytes.
    const SIZE: u32;
    /// Alignment in bytes.
    const ALIGN: u32;

    /// Decodes a value from `bytes`, which are `SIZE` bytes of the instance `from`.
    #[doc(hidden)]
    fn decode(bytes: &[u8], from: InstanceId) -> Self::Tainted;

    /// Encodes a value into `bytes`, which are `SIZE` bytes of `to`.
    ///
    /// # Errors
    ///
    /// [`Error::WrongSandbox`] if the value holds a pointer of another instance.
    #[doc(hidden)]
    fn encode(value: &Self::Tainted, bytes: &mut [u8], to: &mut Destination) -> Result<()>;
}

/// A guest type that is passed as one Wasm value.
#[doc(hidden)]
pub trait GuestScalar<L>: GuestType<L> {
    /// The Wasm value.
    type Wasm: crate::values::Number;
    /// Its kind, for declarations.
    const WASM: Wasm;
    /// Makes the Wasm value.
    fn lower(value: Self::Tainted, to: InstanceId) -> Result<Self::Wasm>;
    /// Takes the Wasm value.
    fn lift(wasm: Self::Wasm, from: InstanceId) -> Self::Tainted;
}

/// A kind of Wasm value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[doc(hidden)]
pub enum Wasm {
    I32,
    I64,
    F32,
    F64,
}

/// Takes the first `N` bytes.
///
/// The caller slices by `SIZE` and field offset, both constants of the type, so a short slice is a bug of this crate and not
/// within a guest's reach; it reads as zero.
fn head<const N: usize>(bytes: &[u8]) -> [u8; N] {
    debug_assert!(bytes.len() >= N, "short slice");
    bytes.first_chunk::<N>().copied().unwrap_or([0; N])
}

/// Writes the first `N` bytes.
pub(crate) fn set_head<const N: usize>(bytes: &mut [u8], value: [u8; N]) -> Result<()> {
    *bytes.first_chunk_mut::<N>().ok_or_else(|| Error::bug("short slice in encode"))? = value;
    Ok(())
}

macro_rules! scalars {
    ($($ty:ident as $wasm:ident ($kind:ident): $size:literal, $lower:expr, $lift:expr;)*) => {$(
        impl<L> Pointee<L> for $ty {
            const C_NAME: &'static str = stringify!($ty);
            type Place = NoFields;
        }

        impl<L> GuestType<L> for $ty {
            type Tainted = Tainted<$ty, L>;
            const SIZE: u32 = $size;
            const ALIGN: u32 = $size;

            fn decode(bytes: &[u8], _from: InstanceId) -> Self::Tainted {
                Tainted::new(<$ty>::from_le_bytes(head::<$size>(bytes)))
            }

            fn encode(value: &Self::Tainted, bytes: &mut [u8], _to: &mut Destination) -> Result<()> {
                set_head::<$size>(bytes, value.peek().to_le_bytes())
            }
        }

        impl<L: 'static> GuestScalar<L> for $ty {
            type Wasm = $wasm;
            const WASM: Wasm = Wasm::$kind;

            fn lower(value: Self::Tainted, _to: InstanceId) -> Result<$wasm> {
                let lower: fn($ty) -> $wasm = $lower;
                Ok(lower(value.into_inner()))
            }

            fn lift(wasm: $wasm, _from: InstanceId) -> Self::Tainted {
                let lift: fn($wasm) -> $ty = $lift;
                Tainted::new(lift(wasm))
            }
        }
    )*};
}

// A narrow C type is passed in an i32, extended by its own sign. What comes back is cut to its width: a lying guest may
// have set the other bits. (Wasm tool conventions, BasicCABI.md.)
#[allow(clippy::as_conversions, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the cut is the rule above")]
mod scalar {
    use super::*;
    scalars! {
        i8 as i32 (I32): 1, i32::from, |v| v as i8;
        u8 as u32 (I32): 1, u32::from, |v| v as u8;
        i16 as i32 (I32): 2, i32::from, |v| v as i16;
        u16 as u32 (I32): 2, u32::from, |v| v as u16;
        i32 as i32 (I32): 4, |v| v, |v| v;
        u32 as u32 (I32): 4, |v| v, |v| v;
        i64 as i64 (I64): 8, |v| v, |v| v;
        u64 as u64 (I64): 8, |v| v, |v| v;
        f32 as f32 (F32): 4, |v| v, |v| v;
        f64 as f64 (F64): 8, |v| v, |v| v;
    }
}

/// A C `_Bool` as the guest left it: one byte that should be 0 or 1.
///
/// # Examples
///
/// ```
/// use sandbox::CBool;
/// assert_eq!(CBool::from(true).get(), Some(true));
/// assert_eq!(CBool::from_byte(7).get(), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CBool(u8);

impl CBool {
    /// Makes one from its byte, valid or not.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(sandbox::CBool::from_byte(1), sandbox::CBool::from(true));
    /// ```
    #[must_use]
    pub const fn from_byte(byte: u8) -> Self {
        Self(byte)
    }

    pub(crate) const fn byte(self) -> u8 {
        self.0
    }

    /// Returns the bool, or nothing if the byte is neither 0 nor 1.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(sandbox::CBool::from_byte(0).get(), Some(false));
    /// ```
    #[must_use]
    pub const fn get(self) -> Option<bool> {
        match self.0 {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }
}

impl From<bool> for CBool {
    fn from(value: bool) -> Self {
        Self(u8::from(value))
    }
}

impl<L> Pointee<L> for CBool {
    const C_NAME: &'static str = "_Bool";
    type Place = NoFields;
}

impl<L> GuestType<L> for CBool {
    type Tainted = Tainted<Self, L>;
    const SIZE: u32 = 1;
    const ALIGN: u32 = 1;

    fn decode(bytes: &[u8], _from: InstanceId) -> Self::Tainted {
        Tainted::new(Self(head::<1>(bytes)[0]))
    }

    fn encode(value: &Self::Tainted, bytes: &mut [u8], _to: &mut Destination) -> Result<()> {
        set_head(bytes, [value.peek().0])
    }
}

impl<L: 'static> GuestScalar<L> for CBool {
    type Wasm = u32;
    const WASM: Wasm = Wasm::I32;

    fn lower(value: Self::Tainted, _to: InstanceId) -> Result<u32> {
        Ok(u32::from(value.into_inner().0))
    }

    fn lift(wasm: u32, _from: InstanceId) -> Self::Tainted {
        // Anything outside of a byte is not a bool either.
        Tainted::new(Self(u8::try_from(wasm).unwrap_or(u8::MAX)))
    }
}

impl<T: GuestType<L>, L, const N: usize> Pointee<L> for [T; N] {
    const C_NAME: &'static str = T::C_NAME;
    type Place = NoFields;
}

impl<T: GuestType<L>, L, const N: usize> GuestType<L> for [T; N] {
    type Tainted = [T::Tainted; N];
    const SIZE: u32 = layout::array(T::SIZE, N);
    const ALIGN: u32 = T::ALIGN;

    fn decode(bytes: &[u8], from: InstanceId) -> Self::Tainted {
        std::array::from_fn(|index| T::decode(bytes.get(host_offset(T::SIZE, index)..).unwrap_or_default(), from))
    }

    fn encode(value: &Self::Tainted, bytes: &mut [u8], to: &mut Destination) -> Result<()> {
        for (index, value) in value.iter().enumerate() {
            let place = bytes.get_mut(host_offset(T::SIZE, index)..).ok_or_else(|| Error::bug("short slice in encode"))?;
            T::encode(value, place, to)?;
        }
        Ok(())
    }
}

/// The offset in bytes of element `index`, for a slice that already has the whole array's size.
fn host_offset(size: u32, index: usize) -> usize {
    usize::try_from(size).unwrap_or(usize::MAX).saturating_mul(index)
}

/// A C enum: its underlying integer, of which any value may come out of the guest. Implemented by `sandbox::library!`.
#[diagnostic::on_unimplemented(message = "`{Self}` is not an enum of C")]
pub trait GuestEnum: Copy + 'static {
    /// The underlying integer type.
    type Repr: Copy;
    /// The names and values of the header.
    const KNOWN: &'static [(&'static str, Self::Repr)];
    /// Wraps any value.
    #[doc(hidden)]
    fn from_repr(repr: Self::Repr) -> Self;
    /// Unwraps the value.
    #[doc(hidden)]
    fn repr(self) -> Self::Repr;
}

impl<E, L: 'static> GuestScalar<L> for E
where
    E: GuestEnum + GuestType<L, Tainted = Tainted<E, L>>,
    E::Repr: GuestScalar<L, Tainted = Tainted<<E as GuestEnum>::Repr, L>>,
{
    type Wasm = <E::Repr as GuestScalar<L>>::Wasm;
    const WASM: Wasm = <E::Repr as GuestScalar<L>>::WASM;

    fn lower(value: Self::Tainted, to: InstanceId) -> Result<Self::Wasm> {
        E::Repr::lower(Tainted::new(value.into_inner().repr()), to)
    }

    fn lift(wasm: Self::Wasm, from: InstanceId) -> Self::Tainted {
        Tainted::new(E::from_repr(E::Repr::lift(wasm, from).into_inner()))
    }
}

/// Shows an enum by the name of its value, and a value that the header has no name for by its
/// number: `color::RED`, `color(7)`.
#[doc(hidden)]
pub fn enum_debug<E>(value: E, c_name: &str, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result
where
    E: GuestEnum,
    E::Repr: PartialEq + std::fmt::Debug,
{
    match E::KNOWN.iter().find(|(_, known)| *known == value.repr()) {
        Some((name, _)) => write!(f, "{c_name}::{name}"),
        None => write!(f, "{c_name}({:?})", value.repr()),
    }
}

/// Decodes an enum through its underlying integer.
#[doc(hidden)]
pub fn enum_decode<E, L>(bytes: &[u8], from: InstanceId) -> Tainted<E, L>
where
    E: GuestEnum,
    E::Repr: GuestType<L, Tainted = Tainted<<E as GuestEnum>::Repr, L>>,
{
    Tainted::new(E::from_repr(E::Repr::decode(bytes, from).into_inner()))
}

/// Encodes an enum through its underlying integer.
#[doc(hidden)]
pub fn enum_encode<E, L>(value: &Tainted<E, L>, bytes: &mut [u8], to: &mut Destination) -> Result<()>
where
    E: GuestEnum,
    E::Repr: GuestType<L, Tainted = Tainted<<E as GuestEnum>::Repr, L>>,
{
    E::Repr::encode(&Tainted::new(value.peek().repr()), bytes, to)
}

/// Decodes the field of type `T` at `offset` of a struct.
#[doc(hidden)]
pub fn decode_field<T: GuestType<L>, L>(bytes: &[u8], offset: u32, from: InstanceId) -> T::Tainted {
    T::decode(bytes.get(host_offset(offset, 1)..).unwrap_or_default(), from)
}

/// Encodes the field of type `T` at `offset` of a struct.
#[doc(hidden)]
pub fn encode_field<T: GuestType<L>, L>(value: &T::Tainted, bytes: &mut [u8], offset: u32, to: &mut Destination) -> Result<()> {
    T::encode(value, bytes.get_mut(host_offset(offset, 1)..).ok_or_else(|| Error::bug("short slice in encode"))?, to)
}

/// Returns the value whose bytes are all zero.
#[doc(hidden)]
#[must_use]
pub fn zeroed<T: GuestType<L>, L>() -> T::Tainted {
    T::decode(&vec![0; host_offset(T::SIZE, 1)], InstanceId::NONE)
}

/// Returns a pointer to the field of type `T` at `offset` of the struct at `place`. Of a null pointer every field is null.
#[doc(hidden)]
#[must_use]
pub fn field<T: Pointee<L>, L>(place: RawPtr, offset: u32) -> crate::TaintedPtr<T, L> {
    crate::TaintedPtr::from_raw(place.field(offset))
}

/// C's layout rules, for constants.
#[doc(hidden)]
pub mod layout {
    /// Rounds `offset` up to a multiple of `align`.
    #[must_use]
    #[allow(clippy::arithmetic_side_effects, reason = "evaluated by the compiler, which reports an overflow as an error")]
    pub const fn align_up(offset: u32, align: u32) -> u32 {
        offset.div_ceil(align) * align
    }

    /// Returns the larger of the two.
    #[must_use]
    pub const fn max(a: u32, b: u32) -> u32 {
        if a > b { a } else { b }
    }

    /// Returns the size of an array.
    #[must_use]
    #[allow(
        clippy::arithmetic_side_effects,
        clippy::as_conversions,
        clippy::panic,
        clippy::cast_possible_truncation,
        reason = "evaluated by the compiler, which reports a failure as an error"
    )]
    pub const fn array(size: u32, count: usize) -> u32 {
        assert!(count <= u32::MAX as usize, "array is too long for a 32-bit guest");
        size * count as u32
    }

    /// Tells whether bits are in no byte of the given ranges, of offsets and sizes.
    #[must_use]
    #[allow(
        clippy::arithmetic_side_effects,
        clippy::indexing_slicing,
        reason = "evaluated by the compiler, which reports an overflow as an error"
    )]
    pub const fn apart(first: u32, width: u32, ranges: &[(u32, u32)]) -> bool {
        let (start, end) = (first / 8, (first + width).div_ceil(8));
        let mut index = 0;
        while index < ranges.len() {
            let (offset, size) = ranges[index];
            if offset < end && start < offset + size {
                return false;
            }
            index += 1;
        }
        true
    }

    /// Returns a size in bytes as the host counts.
    #[must_use]
    #[allow(clippy::as_conversions, clippy::panic, reason = "evaluated by the compiler, which reports a failure as an error")]
    pub const fn host(bytes: u32) -> usize {
        assert!(bytes as usize as u64 == bytes as u64, "too large for this host");
        bytes as usize
    }

    /// Returns the size of a guest type.
    #[must_use]
    pub const fn size_of<T: super::GuestType<L>, L>() -> u32 {
        T::SIZE
    }

    /// Returns the alignment of a guest type.
    #[must_use]
    pub const fn align_of<T: super::GuestType<L>, L>() -> u32 {
        T::ALIGN
    }
}
