//! What only looks: values, views and strings of guest memory, and the state of a sandbox.

use std::ffi::CString;

use super::memory;
use crate::abi::{BitType, GuestType};
use crate::error::{Error, Result};
use crate::module::Library;
use crate::sandbox::{Sandbox, SandboxRef};
use crate::state::Status;
use crate::tainted::RawPtr;
use crate::{Global, GuestSlice, Pointee, Tainted, TaintedBits, TaintedPtr, Verify};

macro_rules! reading {
    (impl<$($lifetime:lifetime,)? L> $ty:ty) => {
        impl<L: Library> $ty {
            /// Reads the value behind a pointer, once: what is returned is a copy that the guest cannot change.
            ///
            /// # Errors
            ///
            /// [`Error::Memory`] if the whole value is not in guest memory, [`Error::WrongSandbox`], [`Error::Poisoned`].
            ///
            /// # Examples
            ///
            /// ```
            /// # use sandbox::{Library, Result, Sandbox, TaintedPtr};
            /// fn peek<L: Library>(sb: &Sandbox<L>, rows: TaintedPtr<u32, L>) -> Result<Option<u32>> {
            ///     sb.read(rows)?.verify(|rows| Ok((rows < 10_000).then_some(rows)))
            /// }
            /// ```
            ///
            /// A value lies on the stack, so that a type of more than 128 KiB does not compile. Take its parts: the methods of the pointer,
            /// [`index`](TaintedPtr::index), [`view_slice`](Self::view_slice).
            ///
            /// ```compile_fail
            /// # use sandbox::{Result, Sandbox, TaintedPtr};
            /// # sandbox::library! { #[precompiled(unsafe(&[]))] pub mod lib { } }
            /// fn image(sb: &Sandbox<lib::Library>, image: TaintedPtr<[u8; 1 << 20], lib::Library>) -> Result<()> {
            ///     sb.read(image).map(drop)
            /// }
            /// # std::hint::black_box(image as fn(_, _) -> _); // only what is used is compiled to the end
            /// ```
            #[inline]
            pub fn read<T: GuestType<L>>(&self, pointer: TaintedPtr<T, L>) -> Result<T::Tainted> {
                memory(self.context())?.read(pointer)
            }

            /// Reads the value behind a pointer, once, and verifies it into a type of the host.
            ///
            /// # Errors
            ///
            /// As [`read`](Self::read), and [`Error::Verify`] with the first field or relation that is wrong.
            ///
            /// # Examples
            ///
            /// ```
            /// # use sandbox::{GuestType, Library, Result, Sandbox, TaintedPtr, Verify};
            /// fn checked<V: Verify<T::Tainted>, T: GuestType<L>, L: Library>(sb: &Sandbox<L>, p: TaintedPtr<T, L>) -> Result<V> {
            ///     sb.read_verified(p)
            /// }
            /// ```
            pub fn read_verified<V: Verify<T::Tainted>, T: GuestType<L>>(&self, pointer: TaintedPtr<T, L>) -> Result<V> {
                Ok(V::verify(self.read(pointer)?)?)
            }

            /// Reads `count` elements, each once, and verifies each into a type of the host.
            ///
            /// # Errors
            ///
            /// As [`read_verified`](Self::read_verified); the field of the error begins with the index, as in `[3].width`.
            ///
            /// # Examples
            ///
            /// ```
            /// # use sandbox::{GuestType, Library, Result, Sandbox, TaintedPtr, Verify};
            /// fn all<V: Verify<T::Tainted>, T: GuestType<L>, L: Library>(sb: &Sandbox<L>, p: TaintedPtr<T, L>) -> Result<Vec<V>> {
            ///     sb.read_slice_verified(p, 16)
            /// }
            /// ```
            pub fn read_slice_verified<V: Verify<T::Tainted>, T: GuestType<L>>(
                &self,
                pointer: TaintedPtr<T, L>,
                count: u32,
            ) -> Result<Vec<V>> {
                let elements = self.view_slice(pointer, count)?;
                let verified = elements
                    .iter()
                    .enumerate()
                    .map(|(index, element)| V::verify(element).map_err(|error| error.within(format_args!("[{index}]")).into()));
                verified.collect()
            }

            /// Reads a bit-field behind a pointer.
            ///
            /// # Errors
            ///
            /// As [`read`](Self::read).
            ///
            /// # Examples
            ///
            /// ```
            /// # use sandbox::{Library, Result, Sandbox, Tainted, TaintedBits};
            /// fn version<L: Library>(sb: &Sandbox<L>, version: TaintedBits<u8, L>) -> Result<Tainted<u8, L>> { sb.read_bits(version) }
            /// ```
            pub fn read_bits<T: BitType>(&self, place: TaintedBits<T, L>) -> Result<Tainted<T, L>> {
                memory(self.context())?.read_bits(place)
            }

            /// Reads `count` elements.
            ///
            /// # Errors
            ///
            /// As [`read`](Self::read).
            ///
            /// # Examples
            ///
            /// ```
            /// # use sandbox::{Library, Result, Sandbox, Tainted, TaintedPtr};
            /// fn histogram<L: Library>(sb: &Sandbox<L>, bins: TaintedPtr<u32, L>) -> Result<Vec<Tainted<u32, L>>> {
            ///     sb.read_slice(bins, 256)
            /// }
            /// ```
            pub fn read_slice<T: GuestType<L>>(&self, pointer: TaintedPtr<T, L>, count: u32) -> Result<Vec<T::Tainted>> {
                memory(self.context())?.read_slice(pointer, count)
            }

            /// Borrows `count` bytes of guest memory. The guest cannot run while the view lives.
            ///
            /// # Errors
            ///
            /// As [`read`](Self::read).
            ///
            /// # Examples
            ///
            /// ```
            /// # use sandbox::{Library, Result, Sandbox, TaintedPtr};
            /// fn sum<L: Library>(sb: &Sandbox<L>, pixels: TaintedPtr<u8, L>) -> Result<u64> {
            ///     let row = sb.view(pixels, 640)?.unverified_because("every byte is a valid shade of grey");
            ///     Ok(row.iter().map(|shade| u64::from(*shade)).sum())
            /// }
            /// ```
            pub fn view(&self, pointer: TaintedPtr<u8, L>, count: u32) -> Result<Tainted<&[u8], L>> {
                memory(self.context())?.view(pointer, count)
            }

            /// Borrows `count` elements, which are decoded as they are read. The guest cannot run while the view lives.
            ///
            /// # Errors
            ///
            /// As [`read`](Self::read).
            ///
            /// # Examples
            ///
            /// ```
            /// # use sandbox::{Library, Result, Sandbox, Tainted, TaintedPtr};
            /// fn tenth<L: Library>(sb: &Sandbox<L>, table: TaintedPtr<u16, L>) -> Result<Option<Tainted<u16, L>>> {
            ///     Ok(sb.view_slice(table, 256)?.get(10))
            /// }
            /// ```
            pub fn view_slice<T: GuestType<L>>(&self, pointer: TaintedPtr<T, L>, count: u32) -> Result<GuestSlice<'_, T, L>> {
                memory(self.context())?.view_slice(pointer, count)
            }

            /// Borrows `count` bytes as a [`Read`](std::io::Read), [`BufRead`](std::io::BufRead) and [`Seek`](std::io::Seek).
            ///
            /// # Errors
            ///
            /// As [`read`](Self::read).
            ///
            /// # Examples
            ///
            /// ```
            /// # use sandbox::{Library, Result, Sandbox, TaintedPtr};
            /// use std::io::BufRead;
            ///
            /// fn lines<L: Library>(sb: &Sandbox<L>, report: TaintedPtr<u8, L>, bytes: u32) -> Result<usize> {
            ///     let report = sb.reader(report, bytes)?.unverified_because("lines are only counted");
            ///     Ok(report.split(b'\n').count())
            /// }
            /// ```
            pub fn reader(&self, pointer: TaintedPtr<u8, L>, count: u32) -> Result<Tainted<std::io::Cursor<&[u8]>, L>> {
                Ok(Tainted::new(std::io::Cursor::new(self.view(pointer, count)?.into_inner())))
            }

            /// Checks that `count` elements are in guest memory, without reading them.
            ///
            /// # Errors
            ///
            /// As [`read`](Self::read).
            ///
            /// # Examples
            ///
            /// ```
            /// # use sandbox::{Library, Result, Sandbox, TaintedPtr};
            /// fn row<L: Library>(sb: &Sandbox<L>, row: TaintedPtr<u32, L>) -> Result<()> { sb.check_range(row, 640) }
            /// ```
            pub fn check_range<T: GuestType<L>>(&self, pointer: TaintedPtr<T, L>, count: u32) -> Result<()> {
                memory(self.context())?.bytes_of(pointer, count).map(drop)
            }

            /// Compares two ranges of bytes; the answer is tainted. C's `memcmp`.
            ///
            /// # Errors
            ///
            /// As [`read`](Self::read).
            ///
            /// # Examples
            ///
            /// ```
            /// # use sandbox::{Library, Result, Sandbox, Tainted, TaintedPtr};
            /// use std::cmp::Ordering;
            ///
            /// fn order<L: Library>(sb: &Sandbox<L>, a: TaintedPtr<u8, L>, b: TaintedPtr<u8, L>) -> Result<Tainted<Ordering, L>> {
            ///     sb.compare(a, b, 16)
            /// }
            /// ```
            pub fn compare(&self, a: TaintedPtr<u8, L>, b: TaintedPtr<u8, L>, count: u32) -> Result<Tainted<std::cmp::Ordering, L>> {
                let (a, b) = (self.view(a, count)?, self.view(b, count)?);
                Ok(Tainted::new(a.into_inner().cmp(b.into_inner())))
            }

            /// Copies `count` bytes out of guest memory.
            ///
            /// # Errors
            ///
            /// As [`read`](Self::read). Nothing is allocated on the host before the range is checked.
            ///
            /// # Examples
            ///
            /// ```
            /// # use sandbox::{Library, Result, Sandbox, TaintedPtr};
            /// fn pixels<L: Library>(sb: &Sandbox<L>, p: TaintedPtr<u8, L>) -> Result<Vec<u8>> {
            ///     Ok(sb.copy_out(p, 640)?.unverified_because("every byte is a valid shade of grey"))
            /// }
            /// ```
            pub fn copy_out(&self, pointer: TaintedPtr<u8, L>, count: u32) -> Result<Tainted<Vec<u8>, L>> {
                Ok(Tainted::new(self.view(pointer, count)?.into_inner().to_vec()))
            }

            /// Reads a C string of at most `limit` bytes before its terminator.
            ///
            /// # Errors
            ///
            /// As [`read`](Self::read), and [`MemoryError::NoTerminator`](crate::MemoryError::NoTerminator) if there is none within the limit.
            ///
            /// # Examples
            ///
            /// ```
            /// # use sandbox::{Library, Result, Sandbox, TaintedPtr};
            /// fn message<L: Library>(sb: &Sandbox<L>, p: TaintedPtr<i8, L>) -> Result<String> {
            ///     let text = sb.read_c_str(p, 200)?;
            ///     Ok(text.verify(|text| Ok::<_, sandbox::Error>(text.to_string_lossy().escape_debug().to_string()))?)
            /// }
            /// ```
            pub fn read_c_str(&self, pointer: TaintedPtr<i8, L>, limit: u32) -> Result<Tainted<CString, L>> {
                memory(self.context())?.read_c_str(pointer, limit)
            }

            /// Returns a pointer to a global variable.
            ///
            /// # Errors
            ///
            /// [`Error::Poisoned`].
            ///
            /// # Examples
            ///
            /// ```
            /// # use sandbox::{Global, Library, Result, Sandbox, Tainted};
            /// fn verbosity<L: Library>(sb: &Sandbox<L>, variable: Global<i32, L>) -> Result<Tainted<i32, L>> {
            ///     sb.read(sb.global(variable)?)
            /// }
            /// ```
            pub fn global<T: Pointee<L>>(&self, variable: Global<T, L>) -> Result<TaintedPtr<T, L>> {
                let context = self.context();
                let state = context.data();
                state.usable()?;
                let address = state.loaded.addresses.get().and_then(|addresses| addresses.get(variable.index()));
                let address = address.ok_or_else(|| Error::bug("a variable that is not declared"))?;
                Ok(TaintedPtr::from_raw(RawPtr::new(*address, state.id)))
            }

            /// Returns the size of the guest's memory in bytes. It can only grow.
            ///
            /// # Errors
            ///
            /// [`Error::Poisoned`].
            ///
            /// # Examples
            ///
            /// ```
            /// # use sandbox::{Library, Result, Sandbox};
            /// fn mebibytes<L: Library>(sb: &Sandbox<L>) -> Result<usize> { Ok(sb.memory_size()? >> 20) }
            /// ```
            pub fn memory_size(&self) -> Result<usize> {
                Ok(memory(self.context())?.bytes.len())
            }

            /// Tells whether an earlier call ended in a way that only `reset` repairs.
            ///
            /// # Examples
            ///
            /// ```
            /// # use sandbox::{Library, Sandbox};
            /// fn usable<L: Library>(sb: &Sandbox<L>) -> bool { !sb.is_poisoned() }
            /// ```
            #[must_use]
            pub fn is_poisoned(&self) -> bool {
                self.context().data().status == Status::Poisoned
            }

            /// Returns what the guest wrote to its standard output since it was made, if that is captured. Readable also when poisoned.
            ///
            /// C's `stdout` keeps what is printed in a buffer of its own. `fflush(NULL)` writes
            /// that, which a library has as a function by
            /// `.header("stdio.h").allow_function("fflush")` in `build.rs`: `lib::fflush(&mut sb,
            /// sandbox::null())?`.
            ///
            /// # Examples
            ///
            /// ```
            /// # use sandbox::{Library, Sandbox};
            /// fn said<L: Library>(sb: &Sandbox<L>) -> usize { sb.stdout().verify(|text| Ok::<_, ()>(text.len())).unwrap_or(0) }
            /// ```
            pub fn stdout(&self) -> Tainted<&[u8], L> {
                Tainted::new(&self.context().data().provided.stdout.captured)
            }

            /// Returns what the guest wrote to its standard error since it was made, if that is captured. Readable also when poisoned.
            ///
            /// # Examples
            ///
            /// ```
            /// # use sandbox::{Library, Sandbox};
            /// fn complained<L: Library>(sb: &Sandbox<L>) -> bool { sb.stderr().verify(|text| Ok::<_, ()>(!text.is_empty())).unwrap_or(false) }
            /// ```
            pub fn stderr(&self) -> Tainted<&[u8], L> {
                Tainted::new(&self.context().data().provided.stderr.captured)
            }
        }
    };
}

reading!(impl<L> Sandbox<L>);
reading!(impl<L> SandboxRef<'_, L>);
