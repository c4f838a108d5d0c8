//! Unions by value: the bytes, and the instance that they came from.

use std::fmt;

use super::{BitType, Bits, Destination, GuestType, InstanceId, decode_bits, decode_field, encode_bits, encode_field};
use crate::error::{Error, Result};
use crate::tainted::Tainted;

/// The bytes of a C union that was read, or that the host is about to write. What they mean is for whoever asks to say, as in C.
///
/// It remembers where it came from: pointers in it work in that sandbox only.
#[derive(Clone, Copy)]
pub struct UnionBytes<const N: usize> {
    bytes: [u8; N],
    instance: InstanceId,
}

impl<const N: usize> UnionBytes<N> {
    /// Takes the bytes of a union in the instance `from`.
    #[must_use]
    pub fn decode(bytes: &[u8], from: InstanceId) -> Self {
        Self { bytes: bytes.first_chunk().copied().unwrap_or([0; N]), instance: from }
    }

    /// Writes the bytes, if they belong there.
    ///
    /// # Errors
    ///
    /// [`Error::WrongSandbox`].
    pub fn encode(&self, bytes: &mut [u8], to: &mut Destination) -> Result<()> {
        if self.instance != InstanceId::NONE {
            to.admit(self.instance, "a union")?;
        }
        bytes.get_mut(..N).ok_or_else(|| Error::bug("short slice in encode"))?.copy_from_slice(&self.bytes);
        Ok(())
    }

    /// Reads the member of type `T` at an offset in bytes.
    #[must_use]
    pub fn get<T: GuestType<L>, L>(&self, offset: u32) -> T::Tainted {
        decode_field::<T, L>(&self.bytes, offset, self.instance)
    }

    /// Writes the member of type `T` at an offset in bytes; the bytes around it stay as they are.
    ///
    /// # Errors
    ///
    /// [`Error::WrongSandbox`] if a pointer in it is of another sandbox than the union's bytes are.
    pub fn set<T: GuestType<L>, L>(&mut self, offset: u32, value: impl Into<T::Tainted>) -> Result<()> {
        let (mut bytes, mut to) = (self.bytes, Destination::union(self.instance));
        encode_field::<T, L>(&value.into(), &mut bytes, offset, &mut to)?;
        *self = Self { bytes, instance: to.decided() };
        Ok(())
    }

    /// Reads a bit-field.
    #[must_use]
    pub fn get_bits<T: BitType, L>(&self, bits: Bits) -> Tainted<T, L> {
        decode_bits(&self.bytes, bits)
    }

    /// Writes a bit-field; the bits around it stay as they are.
    ///
    /// # Errors
    ///
    /// [`MemoryError::Bits`](crate::MemoryError::Bits) if the number has more bits than the field.
    pub fn set_bits<T: BitType, L>(&mut self, bits: Bits, value: impl Into<Tainted<T, L>>) -> Result<()> {
        encode_bits(&value.into(), &mut self.bytes, bits)
    }
}

/// Says how many bytes there are, not which.
impl<const N: usize> fmt::Debug for UnionBytes<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{N} bytes")
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::TaintedPtr;
    use crate::tainted::RawPtr;

    struct L;

    fn pointer(instance: InstanceId) -> TaintedPtr<u8, L> {
        TaintedPtr::from_raw(RawPtr::new(16, instance))
    }

    #[test]
    fn the_first_pointer_decides_where_a_union_belongs() {
        let (here, there) = (InstanceId::fresh(), InstanceId::fresh());
        let mut union = UnionBytes::<8>::decode(&[0; 8], InstanceId::NONE);
        union.set::<u32, L>(4, 7_u32).unwrap();
        union.set::<TaintedPtr<u8, L>, L>(0, pointer(here)).unwrap();
        assert!(matches!(union.set::<TaintedPtr<u8, L>, L>(0, pointer(there)), Err(Error::WrongSandbox { .. })));
        assert_eq!(union.get::<u32, L>(4).into_inner(), 7, "a member that was not written");
        let mut bytes = [0; 8];
        assert!(union.encode(&mut bytes, &mut Destination::instance(there)).is_err());
        assert_eq!(bytes, [0; 8]);
        union.encode(&mut bytes, &mut Destination::instance(here)).unwrap();
        assert_eq!(bytes, [16, 0, 0, 0, 7, 0, 0, 0]);
    }

    #[test]
    fn a_pointer_of_no_sandbox_does_not_come_in_by_a_union() {
        let mut union = UnionBytes::<4>::decode(&[0; 4], InstanceId::NONE);
        assert!(matches!(union.set::<TaintedPtr<u8, L>, L>(0, pointer(InstanceId::NONE)), Err(Error::WrongSandbox { .. })));
        assert!(union.set::<TaintedPtr<u8, L>, L>(0, TaintedPtr::<u8, L>::null()).is_ok());
    }

    #[test]
    fn a_union_of_numbers_goes_into_any_sandbox() {
        let union = UnionBytes::<4>::decode(&[1, 2, 3, 4], InstanceId::NONE);
        assert!(union.encode(&mut [0; 4], &mut Destination::instance(InstanceId::fresh())).is_ok());
    }
}
