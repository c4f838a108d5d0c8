//! Memory that the guest's `malloc` gives and the host owns.

use std::fmt;
use std::sync::Arc;

use crate::drops::{Dropped, Drops};
use crate::error::{Error, Result};
use crate::tainted::RawPtr;
use crate::{IntoGuest, Pointee, TaintedPtr};

/// A block of guest memory that the host owns: `len` elements of type `T`, freed when it is dropped.
///
/// The guest's `free` runs at the next entry into the sandbox. After a `reset`, or in a poisoned sandbox, nothing is freed, since the memory is gone.
/// The guest can read and write the block at all times while it runs; what is read from it is tainted as everything else.
///
/// # Examples
///
/// ```
/// use sandbox::{Library, Result, Sandbox};
///
/// fn round_trip<L: Library>(sb: &mut Sandbox<L>) -> Result<()> {
///     let block = sb.copy_in(b"hello")?;
///     let back = sb.copy_out(block.as_ptr(), block.len())?;
///     let back = back.unverified_because("this example only prints it");
///     println!("{} bytes", back.len());
///     Ok(())
/// }
/// ```
pub struct Allocation<T: Pointee<L>, L> {
    pointer: TaintedPtr<T, L>,
    address: u32,
    len: u32,
    queue: Option<Arc<Drops>>,
}

impl<T: Pointee<L>, L> Allocation<T, L> {
    pub(crate) fn new(raw: RawPtr, address: u32, len: u32, queue: Arc<Drops>) -> Self {
        Self { pointer: TaintedPtr::from_raw(raw), address, len, queue: Some(queue) }
    }

    /// Returns a pointer to the first element.
    ///
    /// # Examples
    ///
    /// ```
    /// fn start<L>(block: &sandbox::Allocation<u8, L>) -> sandbox::TaintedPtr<u8, L> { block.as_ptr() }
    /// ```
    #[must_use]
    pub fn as_ptr(&self) -> TaintedPtr<T, L> {
        self.pointer
    }

    /// Returns the number of elements, which the host chose.
    ///
    /// # Examples
    ///
    /// ```
    /// fn room<L>(block: &sandbox::Allocation<u8, L>) -> u32 { block.len() }
    /// ```
    #[must_use]
    pub fn len(&self) -> u32 {
        self.len
    }

    /// Tells whether there is no element.
    ///
    /// # Examples
    ///
    /// ```
    /// fn nothing<L>(block: &sandbox::Allocation<u8, L>) -> bool { block.is_empty() }
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Gives the block to the guest, which frees it itself, as C functions that "take ownership" do.
    ///
    /// # Examples
    ///
    /// ```
    /// fn hand_over<L>(block: sandbox::Allocation<u8, L>) -> sandbox::TaintedPtr<u8, L> { block.leak() }
    /// ```
    #[must_use]
    pub fn leak(mut self) -> TaintedPtr<T, L> {
        self.queue = None;
        self.pointer
    }
}

impl<T: Pointee<L>, L> Drop for Allocation<T, L> {
    fn drop(&mut self) {
        if let Some(queue) = self.queue.take() {
            queue.push(Dropped::Block(self.address));
        }
    }
}

impl<T: Pointee<L>, L> fmt::Debug for Allocation<T, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Allocation<{}>(len {})", T::C_NAME, self.len)
    }
}

impl<T: Pointee<L>, L: 'static> IntoGuest<TaintedPtr<T, L>, L> for &Allocation<T, L> {
    fn into_guest(self) -> TaintedPtr<T, L> {
        self.pointer
    }
}

/// Checks what the guest's `malloc` returned for `bytes` bytes in a memory of `size` bytes.
pub(crate) fn check_malloc(address: u32, bytes: u64, align: u32, size: u64) -> Result<()> {
    let lie = |what| Err(Error::LyingAllocator { address, bytes, what });
    if address == 0 {
        return Err(Error::Allocation { bytes });
    }
    if !address.is_multiple_of(align.max(1)) {
        return lie("it is not aligned");
    }
    if u64::from(address).saturating_add(bytes) > size {
        return lie("it reaches outside of guest memory");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_malloc_returns_is_checked() {
        assert!(check_malloc(16, 4, 8, 20).is_ok());
        assert!(matches!(check_malloc(0, 4, 8, 20), Err(Error::Allocation { bytes: 4 })));
        for (address, bytes, align, size) in [(17, 1, 8, 64), (16, 5, 8, 20), (u32::MAX, 1, 1, 4096), (8, u64::MAX, 8, 1 << 32)] {
            assert!(matches!(check_malloc(address, bytes, align, size), Err(Error::LyingAllocator { .. })), "{address}");
        }
    }
}
