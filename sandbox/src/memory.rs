//! Checked access to linear memory: the only module that slices guest bytes.
//!
//! A range is checked in `u64` against the size that the memory has now, before anything is scanned, copied or allocated.

use std::ffi::CString;

use crate::abi::{BitType, Destination, GuestType, InstanceId};
use crate::error::{Error, MemoryError, Result};
use crate::{GuestSlice, Tainted, TaintedBits, TaintedPtr};

/// The guest's memory, borrowed for reading.
pub(crate) struct Memory<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) instance: InstanceId,
}

/// The guest's memory, borrowed for writing.
pub(crate) struct MemoryMut<'a> {
    pub(crate) bytes: &'a mut [u8],
    pub(crate) instance: InstanceId,
}

/// Returns `count * size`, or an error if a 32-bit guest cannot hold so much.
#[inline]
pub(crate) fn extent(count: u64, size: u32) -> Result<u64> {
    match count.checked_mul(u64::from(size)) {
        Some(bytes) if u32::try_from(bytes).is_ok() => Ok(bytes),
        _ => Err(Error::Memory(MemoryError::TooLarge { count, size })),
    }
}

/// Returns the range as indices into a memory of `size` bytes.
///
/// A null pointer is an error unless the range is empty, since C returns `NULL, 0` for "nothing";
/// any other empty range must lie within memory.
#[inline]
fn checked(address: u32, bytes: u64, size: usize) -> Result<std::ops::Range<usize>> {
    if address == 0 {
        return if bytes == 0 { Ok(0..0) } else { Err(MemoryError::Null.into()) };
    }
    let end = u64::from(address).checked_add(bytes).and_then(|end| usize::try_from(end).ok()).filter(|end| *end <= size);
    match (usize::try_from(address), end) {
        (Ok(start), Some(end)) => Ok(start..end),
        _ => Err(outside(address, bytes, size)),
    }
}

#[cold]
fn outside(address: u32, bytes: u64, size: usize) -> Error {
    let size = u64::try_from(size).unwrap_or(u64::MAX);
    Error::Memory(MemoryError::OutOfBounds { address, bytes, size })
}

/// Slices a checked range.
#[inline]
pub(crate) fn slice(memory: &[u8], address: u32, bytes: u64) -> Result<&[u8]> {
    let range = checked(address, bytes, memory.len())?;
    memory.get(range).ok_or_else(|| Error::bug("a checked range is outside of memory"))
}

/// Slices a checked range for writing.
#[inline]
pub(crate) fn slice_mut(memory: &mut [u8], address: u32, bytes: u64) -> Result<&mut [u8]> {
    let range = checked(address, bytes, memory.len())?;
    memory.get_mut(range).ok_or_else(|| Error::bug("a checked range is outside of memory"))
}

/// As large as a value may be that is read or written at once, in bytes of the host: it lies on the stack, and copies of it too.
const MAX_VALUE: usize = 128 << 10;

/// As large as a value may be that is encoded without an allocation.
const SMALL: usize = 64;

/// Refuses, when the program is compiled, a value that could overflow the stack.
const fn fits_on_the_stack<T>() {
    assert!(
        size_of::<T>() <= MAX_VALUE,
        "this type is too large to be read or written as one value: take its parts through the methods of a pointer to it, `.index(…)`, or \
         `view_slice` of its elements"
    );
}

impl<'a> Memory<'a> {
    #[inline]
    pub(crate) fn read<T: GuestType<L>, L>(&self, pointer: TaintedPtr<T, L>) -> Result<T::Tainted> {
        const { fits_on_the_stack::<T::Tainted>() };
        let bytes = self.bytes_of(pointer, 1)?;
        Ok(T::decode(bytes, self.instance))
    }

    pub(crate) fn read_slice<T: GuestType<L>, L>(&self, pointer: TaintedPtr<T, L>, count: u32) -> Result<Vec<T::Tainted>> {
        const { fits_on_the_stack::<T::Tainted>() };
        let bytes = self.bytes_of(pointer, count)?;
        let size = usize::try_from(T::SIZE).unwrap_or(usize::MAX);
        if size == 0 {
            // Of nothing, so many.
            return Ok(self.view_slice(pointer, count)?.iter().collect());
        }
        Ok(bytes.chunks_exact(size).map(|element| T::decode(element, self.instance)).collect())
    }

    pub(crate) fn read_bits<T: BitType, L>(&self, place: TaintedBits<T, L>) -> Result<Tainted<T, L>> {
        let address = place.raw().address_in(self.instance)?;
        Ok(place.bits().decode(slice(self.bytes, address, place.bits().bytes().into())?))
    }

    pub(crate) fn view_slice<T: GuestType<L>, L>(&self, pointer: TaintedPtr<T, L>, count: u32) -> Result<GuestSlice<'a, T, L>> {
        const { fits_on_the_stack::<T::Tainted>() };
        let bytes = self.bytes_of(pointer, count)?;
        Ok(GuestSlice::new(bytes, usize::try_from(count).unwrap_or(usize::MAX), self.instance))
    }

    pub(crate) fn view<L>(&self, pointer: TaintedPtr<u8, L>, count: u32) -> Result<Tainted<&'a [u8], L>> {
        Ok(Tainted::new(self.bytes_of(pointer, count)?))
    }

    pub(crate) fn read_c_str<L>(&self, pointer: TaintedPtr<i8, L>, limit: u32) -> Result<Tainted<CString, L>> {
        let address = pointer.raw().address_in(self.instance)?;
        if address == 0 {
            return Err(MemoryError::Null.into());
        }
        // Check first, then scan: what is scanned is the part of `limit + 1` bytes that lies in memory.
        let rest =
            slice(self.bytes, address, 0).map(|_| self.bytes.len().saturating_sub(usize::try_from(address).unwrap_or(usize::MAX)))?;
        let most = u64::from(limit).saturating_add(1).min(u64::try_from(rest).unwrap_or(u64::MAX));
        let scanned = slice(self.bytes, address, most)?;
        let length = scanned.iter().position(|byte| *byte == 0);
        let string = length.and_then(|length| scanned.get(..length)).ok_or(MemoryError::NoTerminator { address, limit: most })?;
        CString::new(string).map(Tainted::new).map_err(|_| Error::bug("a C string with a NUL inside"))
    }

    #[inline]
    pub(crate) fn bytes_of<T: GuestType<L>, L>(&self, pointer: TaintedPtr<T, L>, count: u32) -> Result<&'a [u8]> {
        let address = pointer.raw().address_in(self.instance)?;
        slice(self.bytes, address, extent(count.into(), T::SIZE)?)
    }
}

impl<'a> MemoryMut<'a> {
    pub(crate) fn range<L>(self, pointer: TaintedPtr<u8, L>, count: u32) -> Result<&'a mut [u8]> {
        slice_mut(self.bytes, pointer.raw().address_in(self.instance)?, count.into())
    }

    pub(crate) fn write_bits<T: BitType, L>(&mut self, place: TaintedBits<T, L>, value: &Tainted<T, L>) -> Result<()> {
        let address = place.raw().address_in(self.instance)?;
        place.bits().encode(value, slice_mut(self.bytes, address, place.bits().bytes().into())?)
    }

    pub(crate) fn write_slice<T: GuestType<L>, L>(&mut self, pointer: TaintedPtr<T, L>, values: &[T::Tainted]) -> Result<()> {
        let address = pointer.raw().address_in(self.instance)?;
        let bytes = extent(u64::try_from(values.len()).unwrap_or(u64::MAX), T::SIZE)?;
        let place = slice_mut(self.bytes, address, bytes)?;
        // As for a single value: all or nothing.
        let mut encoded = vec![0; place.len()];
        let size = usize::try_from(T::SIZE).unwrap_or(usize::MAX).max(1);
        for (element, value) in encoded.chunks_exact_mut(size).zip(values) {
            T::encode(value, element, &mut Destination::instance(self.instance))?;
        }
        place.copy_from_slice(&encoded);
        Ok(())
    }

    pub(crate) fn copy_within<L>(&mut self, to: TaintedPtr<u8, L>, from: TaintedPtr<u8, L>, count: u32) -> Result<()> {
        let from = checked(from.raw().address_in(self.instance)?, count.into(), self.bytes.len())?;
        let to = checked(to.raw().address_in(self.instance)?, count.into(), self.bytes.len())?;
        self.bytes.copy_within(from, to.start);
        Ok(())
    }

    #[inline]
    pub(crate) fn write<T: GuestType<L>, L>(&mut self, pointer: TaintedPtr<T, L>, value: &T::Tainted) -> Result<()> {
        const { fits_on_the_stack::<T::Tainted>() };
        let address = pointer.raw().address_in(self.instance)?;
        let place = slice_mut(self.bytes, address, T::SIZE.into())?;
        // Encoded apart first: a value that holds a foreign pointer writes nothing, and padding is zero.
        let (mut small, mut large) = ([0; SMALL], Vec::new());
        let encoded = match small.get_mut(..place.len()) {
            Some(small) => small,
            None => {
                large.resize(place.len(), 0);
                &mut large
            }
        };
        T::encode(value, encoded, &mut Destination::instance(self.instance))?;
        place.copy_from_slice(encoded);
        Ok(())
    }

    pub(crate) fn write_bytes<L>(&mut self, pointer: TaintedPtr<u8, L>, bytes: &[u8]) -> Result<()> {
        let address = pointer.raw().address_in(self.instance)?;
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        slice_mut(self.bytes, address, length)?.copy_from_slice(bytes);
        Ok(())
    }

    pub(crate) fn fill<L>(&mut self, pointer: TaintedPtr<u8, L>, byte: u8, count: u64) -> Result<()> {
        let address = pointer.raw().address_in(self.instance)?;
        slice_mut(self.bytes, address, count)?.fill(byte);
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::arithmetic_side_effects, clippy::as_conversions, reason = "tests")]
mod tests {
    use super::*;

    /// The same rule written the slow way: every byte of the range must be one of the memory's, and
    /// none is at null.
    fn model(address: u32, bytes: u64, size: usize) -> bool {
        if address == 0 {
            return bytes == 0;
        }
        (0..bytes).all(|i| u128::from(address) + u128::from(i) < size as u128) && u64::from(address) <= size as u64
    }

    #[test]
    fn ranges_agree_with_a_slow_model_at_every_edge() {
        for size in [0usize, 1, 2, 7, 64] {
            for address in (0..70u32).chain([u32::MAX - 1, u32::MAX]) {
                for bytes in 0..70u64 {
                    assert_eq!(checked(address, bytes, size).is_ok(), model(address, bytes, size), "{address} {bytes} {size}");
                }
                for bytes in [u64::from(u32::MAX), u64::MAX - 1, u64::MAX] {
                    assert!(checked(address, bytes, size).is_err(), "{address} {bytes} {size}");
                }
            }
        }
    }

    #[test]
    fn an_extent_above_four_gigabytes_is_too_large() {
        assert_eq!(extent(5, 4).unwrap(), 20);
        assert!(matches!(extent(1 << 30, 4), Err(Error::Memory(MemoryError::TooLarge { .. }))));
        assert!(extent(u64::MAX, 8).is_err());
    }
}
