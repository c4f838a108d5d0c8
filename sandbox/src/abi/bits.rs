//! Bit-fields: numbers of fewer bits than a byte, somewhere in a struct.
//!
//! C leaves their order to the ABI; for the guest's, which is little-endian, the first is in the lowest bits of the lowest byte.

use super::{CBool, GuestEnum};
use crate::error::{Error, MemoryError, Result};
use crate::tainted::{RawPtr, Tainted, TaintedBits};

/// Where a bit-field is: the bits from the start of its struct, and how many bits it has, 1 to 64.
#[derive(Clone, Copy, Debug)]
pub struct Bits {
    /// Bits before it.
    pub offset: u32,
    /// Its own bits.
    pub width: u32,
}

/// A type that a bit-field can have: integers, [`CBool`], and the enums of a library.
#[diagnostic::on_unimplemented(message = "`{Self}` is not a type that a bit-field can have")]
pub trait BitType: Copy {
    /// Makes a value out of the lowest `width` bits.
    #[doc(hidden)]
    fn from_bits(bits: u64, width: u32) -> Self;
    /// Returns the lowest `width` bits, if the value has no others.
    #[doc(hidden)]
    fn to_bits(self, width: u32) -> Option<u64>;
}

/// The lowest `width` bits.
fn mask(width: u32) -> u64 {
    1_u64.checked_shl(width).map_or(u64::MAX, |bit| bit.wrapping_sub(1))
}

macro_rules! unsigned {
    ($($ty:ident)*) => {$(
        impl BitType for $ty {
            fn from_bits(bits: u64, width: u32) -> Self {
                Self::try_from(bits & mask(width)).unwrap_or_default()
            }

            fn to_bits(self, width: u32) -> Option<u64> {
                Some(u64::from(self)).filter(|bits| *bits <= mask(width))
            }
        }
    )*};
}

macro_rules! signed {
    ($($ty:ident)*) => {$(
        impl BitType for $ty {
            fn from_bits(bits: u64, width: u32) -> Self {
                let unused = 64_u32.saturating_sub(width);
                let extended = bits.wrapping_shl(unused).cast_signed().wrapping_shr(unused);
                Self::try_from(extended).unwrap_or_default()
            }

            fn to_bits(self, width: u32) -> Option<u64> {
                let bits = i64::from(self).cast_unsigned() & mask(width);
                (Self::from_bits(bits, width) == self).then_some(bits)
            }
        }
    )*};
}

unsigned!(u8 u16 u32 u64);
signed!(i8 i16 i32 i64);

impl BitType for CBool {
    fn from_bits(bits: u64, width: u32) -> Self {
        Self::from_byte(u8::from_bits(bits, width))
    }

    fn to_bits(self, width: u32) -> Option<u64> {
        self.get().and_then(|bit| u8::from(bit).to_bits(width))
    }
}

impl<E: GuestEnum> BitType for E
where
    E::Repr: BitType,
{
    fn from_bits(bits: u64, width: u32) -> Self {
        E::from_repr(E::Repr::from_bits(bits, width))
    }

    fn to_bits(self, width: u32) -> Option<u64> {
        self.repr().to_bits(width)
    }
}

impl Bits {
    /// The first byte that holds a bit of it.
    pub(crate) const fn first_byte(self) -> u32 {
        self.offset / 8
    }

    /// Bits of the first byte before it.
    const fn shift(self) -> u32 {
        self.offset % 8
    }

    /// How many bytes hold a bit of it: 9 at most.
    pub(crate) const fn bytes(self) -> u32 {
        self.shift().saturating_add(self.width).div_ceil(8)
    }

    /// Reads the bits out of its bytes.
    fn get(self, bytes: &[u8]) -> u64 {
        let all = bytes.iter().rev().fold(0_u128, |all, byte| all.wrapping_shl(8) | u128::from(*byte));
        u64::try_from(all.wrapping_shr(self.shift()) & u128::from(mask(self.width))).unwrap_or_default()
    }

    /// Writes the bits into its bytes, and leaves the bits around them.
    fn set(self, bytes: &mut [u8], value: u64) {
        let mut kept = !u128::from(mask(self.width)).wrapping_shl(self.shift());
        let mut value = u128::from(value).wrapping_shl(self.shift());
        for byte in bytes {
            let [keep, ..] = kept.to_le_bytes();
            let [new, ..] = value.to_le_bytes();
            *byte = (*byte & keep) | new;
            kept = kept.wrapping_shr(8);
            value = value.wrapping_shr(8);
        }
    }

    /// Decodes a value out of its bytes.
    pub(crate) fn decode<T: BitType, L>(self, bytes: &[u8]) -> Tainted<T, L> {
        Tainted::new(T::from_bits(self.get(bytes), self.width))
    }

    /// Encodes a value into its bytes.
    ///
    /// C would cut a number that is too wide; here it is an error of whoever writes it.
    pub(crate) fn encode<T: BitType, L>(self, value: &Tainted<T, L>, bytes: &mut [u8]) -> Result<()> {
        let value = value.peek().to_bits(self.width).ok_or(MemoryError::Bits { width: self.width })?;
        self.set(bytes, value);
        Ok(())
    }

    /// Its bytes within those of the struct.
    fn within(self) -> Option<std::ops::Range<usize>> {
        let start = usize::try_from(self.first_byte()).ok()?;
        Some(start..start.checked_add(usize::try_from(self.bytes()).ok()?)?)
    }
}

/// Decodes a bit-field of the struct in `bytes`.
pub fn decode_bits<T: BitType, L>(bytes: &[u8], bits: Bits) -> Tainted<T, L> {
    bits.decode(bits.within().and_then(|range| bytes.get(range)).unwrap_or_default())
}

/// Encodes a bit-field of the struct in `bytes`.
pub fn encode_bits<T: BitType, L>(value: &Tainted<T, L>, bytes: &mut [u8], bits: Bits) -> Result<()> {
    let range = bits.within().ok_or_else(|| Error::bug("a bit-field outside of memory"))?;
    bits.encode(value, bytes.get_mut(range).ok_or_else(|| Error::bug("short slice in encode"))?)
}

/// Returns the place of a bit-field of the struct at `place`.
#[must_use]
pub fn bits_field<T: BitType, L>(place: RawPtr, bits: Bits) -> TaintedBits<T, L> {
    TaintedBits::new(place.field(bits.first_byte()), Bits { offset: bits.shift(), ..bits })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::as_conversions, reason = "tests")]
mod tests {
    use super::*;

    /// The same, one bit at a time.
    fn slow(bytes: &[u8], bits: Bits) -> u64 {
        (0..bits.width).map(|bit| (bits.offset + bit, bit)).map(|(at, bit)| u64::from(bytes[at as usize / 8] >> (at % 8) & 1) << bit).sum()
    }

    #[test]
    fn every_place_and_width_agrees_with_a_slow_model_and_leaves_its_neighbours() {
        let noise: Vec<u8> = (0..16_u32).map(|i| (i * 73 + 41).to_le_bytes()[0] ^ 0x5a).collect();
        for offset in 0..64 {
            for width in 1..=64 {
                let bits = Bits { offset, width };
                let read: Tainted<u64, ()> = decode_bits(&noise, bits);
                assert_eq!(*read.peek(), slow(&noise, bits), "{offset} {width}");
                for value in [0, 1, mask(width), 0xa5a5_a5a5_a5a5_a5a5 & mask(width)] {
                    let mut written = noise.clone();
                    encode_bits(&Tainted::<u64, ()>::new(value), &mut written, bits).unwrap();
                    assert_eq!(slow(&written, bits), value);
                    for other in (0..128).filter(|bit| !(offset..offset + width).contains(bit)) {
                        let one = Bits { offset: other, width: 1 };
                        assert_eq!(slow(&written, one), slow(&noise, one), "{offset} {width}: bit {other}");
                    }
                }
            }
        }
    }

    #[test]
    fn signed_fields_extend_and_numbers_that_do_not_fit_are_refused() {
        assert_eq!(i32::from_bits(0b111, 3), -1);
        assert_eq!(i8::from_bits(0x80, 8), i8::MIN);
        assert_eq!(i64::from_bits(u64::MAX, 64), -1);
        assert_eq!((3_i32.to_bits(3), 4_i32.to_bits(3), (-4_i32).to_bits(3), (-5_i32).to_bits(3)), (Some(3), None, Some(4), None));
        assert_eq!((7_u8.to_bits(3), 8_u8.to_bits(3)), (Some(7), None));
        assert_eq!(CBool::from_byte(2).to_bits(1), None);
        assert_eq!(u64::MAX.to_bits(64), Some(u64::MAX));
    }
}
