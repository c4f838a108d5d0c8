//! What changes the guest: writing to its memory, and allocating in it.

use std::ffi::CStr;

use super::{allocate, memory_mut};
use crate::abi::{BitType, GuestType};
use crate::alloc::Allocation;
use crate::error::{MemoryError, Result};
use crate::memory::extent;
use crate::module::Library;
use crate::sandbox::{Sandbox, SandboxRef, enter};
use crate::{GuestWriter, Tainted, TaintedBits, TaintedPtr};

macro_rules! writing {
    (impl<$($lifetime:lifetime,)? L> $ty:ty) => {
        impl<L: Library> $ty {
            /// Writes a value through a pointer.
            ///
            /// # Errors
            ///
            /// As [`read`](Self::read). Nothing is written unless the whole value fits.
            ///
            /// # Examples
            ///
            /// ```
            /// # use sandbox::{Library, Result, Sandbox, TaintedPtr};
            /// fn set<L: Library>(sb: &mut Sandbox<L>, level: TaintedPtr<i32, L>) -> Result<()> { sb.write(level, 9) }
            /// ```
            #[inline]
            pub fn write<T: GuestType<L>>(&mut self, pointer: TaintedPtr<T, L>, value: impl Into<T::Tainted>) -> Result<()> {
                memory_mut(self.context_mut())?.write(pointer, &value.into())
            }

            /// Copies bytes of the host to a place in guest memory.
            ///
            /// # Errors
            ///
            /// As [`write`](Self::write).
            ///
            /// # Examples
            ///
            /// ```
            /// # use sandbox::{Library, Result, Sandbox, TaintedPtr};
            /// fn feed<L: Library>(sb: &mut Sandbox<L>, at: TaintedPtr<u8, L>) -> Result<()> { sb.write_bytes(at, b"IHDR") }
            /// ```
            pub fn write_bytes(&mut self, pointer: TaintedPtr<u8, L>, bytes: &[u8]) -> Result<()> {
                memory_mut(self.context_mut())?.write_bytes(pointer, bytes)
            }

            /// Writes a bit-field behind a pointer; the bits around it stay as they are.
            ///
            /// # Errors
            ///
            /// As [`write`](Self::write), and [`MemoryError::Bits`](crate::MemoryError::Bits) if the number has more bits than the field.
            ///
            /// # Examples
            ///
            /// ```
            /// # use sandbox::{Library, Result, Sandbox, TaintedBits};
            /// fn raise<L: Library>(sb: &mut Sandbox<L>, flag: TaintedBits<u32, L>) -> Result<()> { sb.write_bits(flag, 1) }
            /// ```
            pub fn write_bits<T: BitType>(&mut self, place: TaintedBits<T, L>, value: impl Into<Tainted<T, L>>) -> Result<()> {
                memory_mut(self.context_mut())?.write_bits(place, &value.into())
            }

            /// Writes elements one behind the other.
            ///
            /// # Errors
            ///
            /// As [`write`](Self::write). Nothing is written unless all values fit and belong to this sandbox.
            ///
            /// # Examples
            ///
            /// ```
            /// # use sandbox::{Library, Result, Sandbox, Tainted, TaintedPtr};
            /// fn set<L: Library>(sb: &mut Sandbox<L>, weights: TaintedPtr<i16, L>) -> Result<()> {
            ///     sb.write_slice(weights, &[1, 2, 1].map(Tainted::new))
            /// }
            /// ```
            pub fn write_slice<T: GuestType<L>>(&mut self, pointer: TaintedPtr<T, L>, values: &[T::Tainted]) -> Result<()> {
                memory_mut(self.context_mut())?.write_slice(pointer, values)
            }

            /// Borrows `count` bytes as a [`Write`](std::io::Write) and [`Seek`](std::io::Seek) of that size.
            ///
            /// # Errors
            ///
            /// As [`write`](Self::write).
            ///
            /// # Examples
            ///
            /// ```
            /// # use sandbox::{Library, Result, Sandbox, TaintedPtr};
            /// use std::io::Write;
            ///
            /// fn name<L: Library>(sb: &mut Sandbox<L>, place: TaintedPtr<u8, L>, id: u32) -> Result<bool> {
            ///     Ok(write!(sb.writer(place, 32)?, "image-{id:08}\0").is_ok())
            /// }
            /// ```
            pub fn writer(&mut self, pointer: TaintedPtr<u8, L>, count: u32) -> Result<GuestWriter<'_>> {
                Ok(GuestWriter::new(memory_mut(self.context_mut())?.range(pointer, count)?))
            }

            /// Sets `count` bytes. C's `memset`.
            ///
            /// # Errors
            ///
            /// As [`write`](Self::write).
            ///
            /// # Examples
            ///
            /// ```
            /// # use sandbox::{Library, Result, Sandbox, TaintedPtr};
            /// fn wipe<L: Library>(sb: &mut Sandbox<L>, key: TaintedPtr<u8, L>) -> Result<()> { sb.fill(key, 0, 32) }
            /// ```
            pub fn fill(&mut self, pointer: TaintedPtr<u8, L>, byte: u8, count: u32) -> Result<()> {
                memory_mut(self.context_mut())?.fill(pointer, byte, count.into())
            }

            /// Copies `count` bytes from one place of the guest to another; the ranges may overlap. C's `memmove`.
            ///
            /// # Errors
            ///
            /// As [`write`](Self::write).
            ///
            /// # Examples
            ///
            /// ```
            /// # use sandbox::{Library, Result, Sandbox, TaintedPtr};
            /// fn shift<L: Library>(sb: &mut Sandbox<L>, row: TaintedPtr<u8, L>) -> Result<()> { sb.copy_within(row, row.add(4), 636) }
            /// ```
            pub fn copy_within(&mut self, to: TaintedPtr<u8, L>, from: TaintedPtr<u8, L>, count: u32) -> Result<()> {
                memory_mut(self.context_mut())?.copy_within(to, from, count)
            }

            /// Allocates `count` elements in the guest, all bytes zero.
            ///
            /// # Errors
            ///
            /// [`Error::Allocation`](crate::Error::Allocation) if the guest has no memory left, [`Error::LyingAllocator`](crate::Error::LyingAllocator) if its `malloc` is not to be trusted,
            /// a trap if it ends badly, [`Error::Poisoned`](crate::Error::Poisoned).
            ///
            /// # Examples
            ///
            /// ```
            /// # use sandbox::{Allocation, Library, Result, Sandbox};
            /// fn counter<L: Library>(sb: &mut Sandbox<L>) -> Result<Allocation<u32, L>> { sb.alloc(1) }
            /// ```
            pub fn alloc<T: GuestType<L>>(&mut self, count: u32) -> Result<Allocation<T, L>> {
                let allocation: Allocation<T, L> = allocate(&mut self.context_mut(), count)?;
                let bytes = extent(count.into(), T::SIZE)?;
                memory_mut(self.context_mut())?.fill(allocation.as_ptr().cast(), 0, bytes)?;
                Ok(allocation)
            }

            /// Copies bytes into a new block of the guest.
            ///
            /// # Errors
            ///
            /// As [`alloc`](Self::alloc).
            ///
            /// # Examples
            ///
            /// ```
            /// # use sandbox::{Allocation, Library, Result, Sandbox};
            /// fn input<L: Library>(sb: &mut Sandbox<L>, file: &[u8]) -> Result<Allocation<u8, L>> { sb.copy_in(file) }
            /// ```
            pub fn copy_in(&mut self, bytes: &[u8]) -> Result<Allocation<u8, L>> {
                let count = extent(u64::try_from(bytes.len()).unwrap_or(u64::MAX), 1)?;
                let allocation = allocate(&mut self.context_mut(), u32::try_from(count).unwrap_or(u32::MAX))?;
                self.write_bytes(allocation.as_ptr(), bytes)?;
                Ok(allocation)
            }

            /// Copies a C string, terminator included, into a new block of the guest.
            ///
            /// # Errors
            ///
            /// As [`alloc`](Self::alloc).
            ///
            /// # Examples
            ///
            /// ```
            /// # use sandbox::{Allocation, Library, Result, Sandbox};
            /// fn version<L: Library>(sb: &mut Sandbox<L>) -> Result<Allocation<i8, L>> { sb.copy_in_c_str(c"1.6.50") }
            /// ```
            pub fn copy_in_c_str(&mut self, string: &CStr) -> Result<Allocation<i8, L>> {
                let bytes = string.to_bytes_with_nul();
                let count = extent(u64::try_from(bytes.len()).unwrap_or(u64::MAX), 1)?;
                let allocation = allocate::<i8, L>(&mut self.context_mut(), u32::try_from(count).unwrap_or(u32::MAX))?;
                self.write_bytes(allocation.as_ptr().cast(), bytes)?;
                Ok(allocation)
            }

            /// Writes a C string, terminator included, into a buffer of the guest that has `capacity` bytes.
            ///
            /// C's `strncpy` would cut a longer string and leave out its terminator; here it is an error, and nothing is written.
            ///
            /// # Errors
            ///
            /// As [`write`](Self::write), and [`MemoryError::StringTooLong`](crate::MemoryError::StringTooLong).
            ///
            /// # Examples
            ///
            /// ```
            /// # use sandbox::{Library, Result, Sandbox, TaintedPtr};
            /// fn rename<L: Library>(sb: &mut Sandbox<L>, name: TaintedPtr<[i8; 32], L>) -> Result<()> {
            ///     sb.write_c_str(name.first(), 32, c"IHDR")
            /// }
            /// ```
            pub fn write_c_str(&mut self, pointer: TaintedPtr<i8, L>, capacity: u32, string: &CStr) -> Result<()> {
                let bytes = string.to_bytes_with_nul();
                if u32::try_from(bytes.len()).is_ok_and(|length| length <= capacity) {
                    self.write_bytes(pointer.cast(), bytes)
                } else {
                    Err(MemoryError::StringTooLong { capacity }.into())
                }
            }

            /// Frees a block now, instead of at the next entry after its drop.
            ///
            /// # Errors
            ///
            /// A trap if the guest's `free` ends badly; [`Error::WrongSandbox`](crate::Error::WrongSandbox); [`Error::Poisoned`](crate::Error::Poisoned).
            ///
            /// # Examples
            ///
            /// ```
            /// # use sandbox::{Allocation, Library, Result, Sandbox};
            /// fn done<L: Library>(sb: &mut Sandbox<L>, block: Allocation<u8, L>) -> Result<()> { sb.free(block) }
            /// ```
            pub fn free<T: GuestType<L>>(&mut self, allocation: Allocation<T, L>) -> Result<()> {
                let store = &mut self.context_mut();
                allocation.as_ptr().raw().address_in(store.data().id)?;
                drop(allocation);
                enter(store)
            }
        }
    };
}

writing!(impl<L> Sandbox<L>);
writing!(impl<L> SandboxRef<'_, L>);
