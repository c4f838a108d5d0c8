//! A range of address space with a guest's memory at its beginning: the calls of the system.

#![allow(unsafe_code)]

use std::io;
use std::ops::Range;
use std::ptr::{self, NonNull};
use std::sync::OnceLock;

use libc::c_void;

/// Address space for one memory of a guest, with guards on both sides.
///
/// ```text
/// | guard | accessible: read and written | inaccessible, up to `room` | guard |
///         ^ base
/// ```
///
/// Nothing but the accessible part can be read or written. It begins as zeros.
#[derive(Debug)]
pub(super) struct Reservation {
    /// Where the mapping begins, and how long it is, with its guards.
    start: NonNull<c_void>,
    length: usize,
    guard: usize,
    accessible: usize,
    /// A change of the protection has failed, of which some part may have been made.
    spoiled: bool,
}

// SAFETY: the mapping belongs to this value alone, and the system lets any thread use it.
unsafe impl Send for Reservation {}
// SAFETY: a shared reference gives out an address, and reads or writes nothing.
unsafe impl Sync for Reservation {}

impl Reservation {
    /// Reserves `room` bytes between two guards, none of them accessible. Both sizes are multiples
    /// of a page.
    pub(super) fn new(room: usize, guard: usize) -> io::Result<Self> {
        let length = guard.checked_mul(2).and_then(|guards| guards.checked_add(room)).ok_or(io::ErrorKind::OutOfMemory)?;
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
        // SAFETY: a new mapping at an address of the system's choice touches nothing that exists.
        let start = unsafe { libc::mmap(ptr::null_mut(), length, libc::PROT_NONE, flags, -1, 0) };
        if start == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        let start = NonNull::new(start).ok_or(io::ErrorKind::OutOfMemory)?;
        Ok(Self { start, length, guard, accessible: 0, spoiled: false })
    }

    /// Returns where the memory begins.
    pub(super) fn base(&self) -> *mut u8 {
        // `new` has made the mapping longer than the guard.
        self.start.as_ptr().cast::<u8>().wrapping_add(self.guard)
    }

    /// Returns how many bytes can become accessible at most.
    pub(super) fn room(&self) -> usize {
        self.length.saturating_sub(self.guard.saturating_mul(2))
    }

    /// Tells whether it has at least this room, and guards of this size.
    pub(super) fn fits(&self, room: usize, guard: usize) -> bool {
        self.room() >= room && self.guard >= guard
    }

    /// Returns how many bytes can be read and written.
    pub(super) fn accessible(&self) -> usize {
        self.accessible
    }

    /// Tells whether more may be accessible than this says: then it is for nobody else.
    pub(super) fn is_spoiled(&self) -> bool {
        self.spoiled
    }

    #[cfg(test)]
    pub(super) fn spoil(&mut self) {
        self.spoiled = true;
    }

    /// Makes this many bytes accessible, a multiple of a page: more, which are zeros unless they
    /// were accessible before, or fewer.
    ///
    /// # Errors
    ///
    /// What the system says. It changes one mapping after another, and may have changed some of
    /// them; that is taken back if it can be.
    pub(super) fn set_accessible(&mut self, bytes: usize) -> io::Result<()> {
        if bytes > self.room() {
            return Err(io::ErrorKind::OutOfMemory.into());
        }
        let (from, to, protection) = if bytes > self.accessible {
            (self.accessible, bytes, libc::PROT_READ | libc::PROT_WRITE)
        } else {
            (bytes, self.accessible, libc::PROT_NONE)
        };
        let count = to.saturating_sub(from);
        if count > 0 {
            let protect = |protection| {
                // SAFETY: the range lies in the room of this mapping, since neither end is above
                // it. No reference into it exists: those of `bytes` borrow the value.
                let status = unsafe { libc::mprotect(self.base().wrapping_add(from).cast(), count, protection) };
                if status == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
            };
            if let Err(error) = protect(protection) {
                let _ = protect(libc::PROT_NONE);
                self.spoiled = true;
                return Err(error);
            }
        }
        self.accessible = bytes;
        Ok(())
    }

    /// Returns the accessible bytes of this range.
    pub(super) fn bytes(&mut self, range: &Range<usize>) -> &mut [u8] {
        let end = range.end.min(self.accessible);
        let start = range.start.min(end);
        // SAFETY: the range is accessible, and any bytes are valid. The guest does not run, since
        // whoever runs one has the value: the reference is the only one.
        unsafe { std::slice::from_raw_parts_mut(self.base().wrapping_add(start), end.saturating_sub(start)) }
    }

    /// Gives the accessible bytes of this range back to the system: they are zeros from then on.
    /// The range begins and ends at a page.
    pub(super) fn give_back(&mut self, range: &Range<usize>) -> io::Result<()> {
        let bytes = self.bytes(range);
        if bytes.is_empty() {
            return Ok(());
        }
        // SAFETY: these are whole pages of a private anonymous mapping that belongs to this value.
        // Reading them as zeros afterwards is what `madvise(2)` promises for such a mapping.
        let status = unsafe { libc::madvise(bytes.as_mut_ptr().cast(), bytes.len(), libc::MADV_DONTNEED) };
        if status == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
    }

    /// Asks the system which pages from the beginning on are in memory: the lowest bit of each
    /// entry says so.
    ///
    /// The answer may be wrong as soon as it is there: pages are moved, split and swapped at any
    /// time.
    pub(super) fn resident(&self, entries: &mut [u8]) -> io::Result<usize> {
        let page = page_size();
        let pages = self.accessible.checked_div(page).unwrap_or_default().min(entries.len());
        // SAFETY: the range is mapped, and there is an entry for each of its pages, which have the
        // size that the system says.
        let status = unsafe { libc::mincore(self.base().cast(), pages.saturating_mul(page), entries.as_mut_ptr()) };
        if status == 0 { Ok(pages) } else { Err(io::Error::last_os_error()) }
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        // An error leaves address space behind, and with the accessible part given back no memory.
        let _ = self.give_back(&(0..self.accessible));
        // SAFETY: the mapping is this value's own, and nothing refers to it any more.
        unsafe { libc::munmap(self.start.as_ptr(), self.length) };
    }
}

/// Returns the size of a page, in bytes.
pub(super) fn page_size() -> usize {
    static SIZE: OnceLock<usize> = OnceLock::new();
    *SIZE.get_or_init(|| {
        // SAFETY: it asks for a number.
        let size = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
        usize::try_from(size).ok().filter(|size| size.is_power_of_two()).unwrap_or(4096)
    })
}
