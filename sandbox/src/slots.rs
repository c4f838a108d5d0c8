//! Memory for guests that is used again: what a guest leaves is cleared, and the next one has it.
//!
//! **All of it is cleared, whatever the system says of it.** Each byte that the guest could write
//! is either overwritten with zeros, which spares the next guest a page fault, or given back
//! to the system (`madvise(2)`, whose word that it has done so is believed). Which pages are
//! overwritten is decided by a look at what was in memory some guests ago. That look may be wrong,
//! and pages are swapped, moved and split while it is taken; then a page
//! is given back that the next guest touches, or one is overwritten that nobody needs. No answer of
//! the system makes a page stay as it is.
//!
//! Tables of functions, the heap's bookkeeping and everything else of an instance is allocated for
//! each one by the engine, and freed with it.

mod reservation;

use std::ops::Range;
use std::sync::{Mutex, MutexGuard, TryLockError};

use wasmtime::{LinearMemory, MemoryCreator, MemoryType};

use self::reservation::{Reservation, page_size};
use crate::limiter::IDLE_MEMORIES;
use crate::system::NO_MEMORY;

/// As much of a slot stays in memory for the next guest at most, in bytes.
const KEPT_BYTES: usize = 4 << 20;

/// As much of all that wait together, in bytes.
const KEPT_BYTES_OF_ALL: usize = 256 << 20;

/// A slot that was larger goes back to the system, with the page tables that such a range has.
const SLOT_BYTES: usize = 64 << 20;

/// What a page is for a look: of use to the guest, or kept for it in vain. One that is not in
/// memory is 0.
const USED: u8 = 2;
const IDLE: u8 = 4;

/// How often it is tried to get at the slots that nobody has.
const TRIES: u32 = 1000;

/// So many pieces of a slot stay in memory at most: between two of them the system is called.
const PIECES: usize = 64;

/// Pages that are not worth a piece of their own, since calling the system takes as long as
/// clearing them.
const GAP_PAGES: usize = 8;

/// So many pages are kept for each that was used, and besides: a page fault takes as long as
/// clearing thirty of them.
const IDLE_PAGES_OF_ONE: usize = 4;
const IDLE_PAGES: usize = 32;

/// So many pages are looked at, from the beginning of a memory on.
const LOOKED_AT: usize = 4096;

/// How often is looked: for the first guests of a slot, and then for one in so many.
const FIRST_LOOKS: u32 = 3;
const LOOK_EVERY: u32 = 7;

/// The slots that nobody has, of all engines of this process.
static WAITING: Mutex<Idle> = Mutex::new(Idle { slots: Vec::new(), kept: 0 });

#[derive(Debug)]
struct Idle {
    /// The last one that came back is at the end: it is in the caches.
    slots: Vec<Slot>,
    /// The sum of what they keep in memory, in bytes.
    kept: usize,
}

/// A place for the memory of one guest.
#[derive(Debug)]
struct Slot {
    reservation: Reservation,
    /// What is cleared by writing, in order, in whole pages. The rest is given back.
    pieces: Vec<Range<usize>>,
    /// How many guests were in it.
    guests: u32,
    /// How many bytes the last one began with. One of the same library begins with as many, and the
    /// heap of its exceptions with none.
    began: usize,
}

/// Where the engine gets the memories of guests from.
#[derive(Debug)]
pub(crate) struct Slots;

/// The memory of a guest.
#[derive(Debug)]
struct Occupied {
    /// There until it is dropped.
    slot: Option<Slot>,
    size: usize,
}

#[allow(unsafe_code, reason = "the engine's contract")]
// SAFETY: a memory has what was asked for: at least the room and a guard behind it, accessible up
// to its size alone, at an address that does not change, zeros at first, for nobody else until it
// is dropped.
// `Slot::clear` has the argument for the zeros, `Reservation` for the rest.
unsafe impl MemoryCreator for Slots {
    fn new_memory(
        &self,
        _: MemoryType,
        minimum: usize,
        _maximum: Option<usize>,
        reserved: Option<usize>,
        guard: usize,
    ) -> Result<Box<dyn LinearMemory>, String> {
        let room = reserved.ok_or("a memory that may move")?;
        let make = || -> std::io::Result<Occupied> {
            let slot = Slot::take(room, guard, whole_pages(minimum)?)?;
            Ok(Occupied { slot: Some(slot), size: minimum })
        };
        Ok(Box::new(make().map_err(|error| format!("{NO_MEMORY}{error}"))?))
    }
}

#[allow(unsafe_code, reason = "the engine's contract")]
// SAFETY: as for `Slots`.
unsafe impl LinearMemory for Occupied {
    fn byte_size(&self) -> usize {
        self.size
    }

    fn byte_capacity(&self) -> usize {
        self.slot.as_ref().map_or(0, |slot| slot.reservation.room())
    }

    fn grow_to(&mut self, size: usize) -> wasmtime::Result<()> {
        // A guest's memory does not shrink.
        if let Some(slot) = self.slot.as_mut().filter(|_| size > self.size) {
            slot.reservation.set_accessible(whole_pages(size)?)?;
            self.size = size;
        }
        Ok(())
    }

    fn as_ptr(&self) -> *mut u8 {
        self.slot.as_ref().map_or(std::ptr::null_mut(), |slot| slot.reservation.base())
    }
}

impl Drop for Occupied {
    fn drop(&mut self) {
        if let Some(slot) = self.slot.take() {
            slot.renew();
        }
    }
}

/// Rounds up to whole pages.
fn whole_pages(bytes: usize) -> std::io::Result<usize> {
    bytes.checked_next_multiple_of(page_size()).ok_or_else(|| std::io::ErrorKind::OutOfMemory.into())
}

impl Slot {
    fn new(room: usize, guard: usize) -> std::io::Result<Self> {
        Ok(Self { reservation: Reservation::new(room, guard)?, pieces: Vec::new(), guests: 0, began: 0 })
    }

    /// Takes one that is ready, the last one that began with as many bytes that can be read and
    /// written, or makes one.
    fn take(room: usize, guard: usize, bytes: usize) -> std::io::Result<Self> {
        let ready = idle().and_then(|mut idle| {
            let same = idle.slots.iter().rposition(|slot| slot.began == bytes);
            // Any other is made anew, unless so many wait that one of them will do.
            let any = (idle.slots.len() >= IDLE_MEMORIES).then_some(0);
            let ready = same.or(any).map(|at| idle.slots.remove(at));
            idle.kept = idle.kept.saturating_sub(ready.as_ref().map_or(0, Self::kept));
            ready
        });
        // All engines ask for the same. If one does not, the slot goes back to the system.
        let mut slot = match ready.filter(|slot| slot.reservation.fits(room, guard)) {
            Some(slot) => slot,
            None => Self::new(room, guard)?,
        };
        // What is kept of the rest would be nobody's any more.
        let rest = bytes..slot.reservation.accessible();
        give_back(&mut slot.reservation, &rest);
        slot.pieces.retain(|piece| piece.end <= bytes);
        slot.reservation.set_accessible(bytes)?;
        slot.began = bytes;
        Ok(slot)
    }

    /// Clears what a guest has left, and keeps the slot for the next one if there are not too many.
    fn renew(mut self) {
        if self.reservation.is_spoiled() || self.reservation.accessible() > SLOT_BYTES {
            return;
        }
        if self.guests < FIRST_LOOKS || self.guests.is_multiple_of(LOOK_EVERY) {
            self.look();
        }
        self.guests = self.guests.wrapping_add(1);
        self.clear();
        let Some(mut idle) = idle() else { return };
        // Those that have waited longest make room: a library that nobody uses any more keeps
        // nothing from the others.
        let mut old = Vec::new();
        while !idle.slots.is_empty() && (idle.slots.len() >= IDLE_MEMORIES || idle.kept.saturating_add(self.kept()) > KEPT_BYTES_OF_ALL) {
            let slot = idle.slots.remove(0);
            idle.kept = idle.kept.saturating_sub(slot.kept());
            old.push(slot);
        }
        idle.kept = idle.kept.saturating_add(self.kept());
        idle.slots.push(self);
        // Unmapped when nobody waits for it.
        drop(idle);
        drop(old);
    }

    /// Returns how many bytes it keeps in memory.
    fn kept(&self) -> usize {
        self.pieces.iter().map(Range::len).fold(0, usize::saturating_add)
    }

    /// Makes all of it zeros.
    fn clear(&mut self) {
        let mut done = 0_usize;
        let end = self.reservation.accessible();
        for piece in &self.pieces {
            give_back(&mut self.reservation, &(done..piece.start));
            self.reservation.bytes(piece).fill(0);
            done = piece.end.max(done);
        }
        give_back(&mut self.reservation, &(done..end));
    }

    /// Chooses what the next guests are likely to need: what this one has used, and what was kept
    /// for it and is still zeros, unless that is much more.
    fn look(&mut self) {
        let page = page_size();
        let mut resident = [0; LOOKED_AT];
        let Ok(count) = self.reservation.resident(&mut resident) else { return };
        resident.iter_mut().for_each(|entry| *entry &= 1);
        // What was not kept for it is there because it was touched.
        let (mut used, mut idle) = (0_usize, 0_usize);
        for (index, entry) in resident.iter_mut().enumerate().take(count).filter(|(_, entry)| **entry & 1 != 0) {
            let start = index.saturating_mul(page);
            let kept = self.pieces.iter().any(|piece| piece.contains(&start));
            let is_idle = kept && is_zero(self.reservation.bytes(&(start..start.saturating_add(page))));
            let counter = if is_idle { &mut idle } else { &mut used };
            *counter = counter.saturating_add(1);
            *entry = if is_idle { IDLE } else { USED };
        }
        let keep_idle = idle <= used.saturating_mul(IDLE_PAGES_OF_ONE).saturating_add(IDLE_PAGES);
        let mut pieces: Vec<Range<usize>> = Vec::new();
        for (index, entry) in resident.iter().enumerate().take(count) {
            if *entry != USED && (*entry != IDLE || !keep_idle) {
                continue;
            }
            let start = index.saturating_mul(page);
            let used = start..start.saturating_add(page);
            let gap = page.saturating_mul(GAP_PAGES);
            let near = pieces.last().filter(|last| used.start.saturating_sub(last.end) <= gap).map(|last| last.start);
            let piece = near.unwrap_or(used.start)..used.end;
            let others = pieces.len().saturating_sub(near.is_some().into());
            let kept = pieces.iter().take(others).map(Range::len).fold(piece.len(), usize::saturating_add);
            if kept > KEPT_BYTES || others >= PIECES {
                break;
            }
            pieces.truncate(others);
            pieces.push(piece);
        }
        self.pieces = pieces;
    }
}

/// Returns the slots that nobody has, unless somebody holds them for too long: in a process that
/// was forked that may be a thread which is not there. A slot is then made, or given back.
fn idle() -> Option<MutexGuard<'static, Idle>> {
    (0..TRIES).find_map(|_| match WAITING.try_lock() {
        Ok(idle) => Some(idle),
        Err(TryLockError::Poisoned(idle)) => Some(idle.into_inner()),
        Err(TryLockError::WouldBlock) => {
            std::thread::yield_now();
            None
        }
    })
}

/// Gives a range back, or writes to it if the system does not take it: what is locked in memory,
/// for one.
fn give_back(reservation: &mut Reservation, range: &Range<usize>) {
    if range.start < range.end && reservation.give_back(range).is_err() {
        reservation.bytes(range).fill(0);
    }
}

fn is_zero(bytes: &[u8]) -> bool {
    // In chunks, which the compiler makes vectors of; a page in use mostly differs in its first.
    bytes.chunks(256).all(|chunk| chunk.iter().fold(0, |all, byte| all | byte) == 0)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::single_range_in_vec_init, reason = "tests")]
mod tests {
    use super::*;

    const PAGE: usize = 64 << 10;
    const ROOM: usize = 64 << 20;

    /// Held by tests that make others' slots go, or need theirs to stay.
    static ALONE: Mutex<()> = Mutex::new(());

    fn slot(accessible: usize) -> Slot {
        let mut slot = Slot::new(ROOM, PAGE).unwrap();
        slot.reservation.set_accessible(accessible).unwrap();
        slot
    }

    /// Says where something is left.
    fn left(slot: &mut Slot) -> Option<usize> {
        let all = 0..slot.reservation.accessible();
        slot.reservation.bytes(&all).iter().position(|byte| *byte != 0)
    }

    /// What `renew` does, without giving it to others.
    fn renew(slot: &mut Slot) {
        slot.look();
        slot.clear();
    }

    #[test]
    fn everything_is_cleared_whatever_was_chosen_to_be_kept() {
        let mut slot = slot(16 * PAGE);
        let mut random = 1_u64;
        for round in 0..300 {
            let end = slot.reservation.accessible();
            for _ in 0..round % 50 {
                random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                let start = usize::try_from(random >> 33).unwrap() % end;
                let length = usize::try_from(random >> 20).unwrap() % 9000.min(end);
                slot.reservation.bytes(&(start..start + length)).fill(0xa5);
            }
            // A look that is right, one of some guests ago, none, and lies.
            match round % 4 {
                0 => slot.look(),
                1 => {}
                2 => slot.pieces.clear(),
                _ => slot.pieces = vec![0..PAGE, 3 * PAGE..end, ROOM - PAGE..ROOM],
            }
            slot.clear();
            assert_eq!(left(&mut slot), None, "round {round}");
            let next = PAGE * (1 + usize::try_from(random >> 40).unwrap() % 16);
            slot.reservation.set_accessible(next).unwrap();
            assert_eq!(left(&mut slot), None, "round {round}, of another size");
        }
    }

    #[test]
    fn what_guests_use_is_kept_and_what_they_do_not_is_not_for_ever() {
        let mut slot = slot(8 << 20);
        let page = page_size();
        let (small, large) = (1 << 20..(1 << 20) + 2 * page, 4 << 20..6 << 20);
        slot.reservation.bytes(&small).fill(1);
        // Read, or written and cleared by the guest itself.
        slot.reservation.bytes(&large).fill(0);
        renew(&mut slot);
        assert_eq!(slot.pieces, [small.clone(), large.clone()]);
        // It is used again.
        slot.reservation.bytes(&small).fill(1);
        slot.reservation.bytes(&large).fill(1);
        renew(&mut slot);
        assert_eq!(slot.pieces, [small.clone(), large]);
        // And then no more.
        slot.reservation.bytes(&small).fill(1);
        renew(&mut slot);
        assert_eq!(slot.pieces, std::slice::from_ref(&small));
        // So little is kept anyway.
        renew(&mut slot);
        assert_eq!(slot.pieces, std::slice::from_ref(&small));
        assert_eq!(slot.kept(), small.len());
    }

    #[test]
    fn no_more_is_kept_than_the_limits_say() {
        let mut slot = slot(32 << 20);
        let all = 0..32 << 20;
        slot.reservation.bytes(&all).fill(1);
        renew(&mut slot);
        assert_eq!((slot.pieces.len(), slot.kept()), (1, KEPT_BYTES));
        for start in (0..16 << 20).step_by(128 << 10) {
            slot.reservation.bytes(&(start..start + 1)).fill(1);
        }
        renew(&mut slot);
        // The system may give several pages where one is written to.
        assert_eq!(slot.pieces.len(), PIECES);
        assert!((PIECES * page_size()..=KEPT_BYTES).contains(&slot.kept()), "{}", slot.kept());
        assert_eq!(left(&mut slot), None);
    }

    #[test]
    fn what_lies_behind_the_accessible_part_is_out_of_reach_and_what_was_there_is_gone() {
        let mut slot = slot(4 * PAGE);
        slot.reservation.bytes(&(0..4 * PAGE)).fill(7);
        renew(&mut slot);
        slot.reservation.set_accessible(PAGE).unwrap();
        assert_eq!(slot.reservation.bytes(&(0..4 * PAGE)).len(), PAGE);
        slot.reservation.set_accessible(4 * PAGE).unwrap();
        assert_eq!(left(&mut slot), None);
        assert!(slot.reservation.set_accessible(ROOM + PAGE).is_err());
        assert_eq!(slot.reservation.accessible(), 4 * PAGE, "as before");
    }

    #[test]
    fn a_slot_whose_protection_is_not_known_is_no_other_guests() {
        let mut slot = slot(PAGE);
        slot.reservation.spoil();
        let base = slot.reservation.base();
        slot.renew();
        assert!(idle().unwrap().slots.iter().all(|slot| slot.reservation.base() != base));
    }

    #[test]
    fn a_guest_gets_a_slot_of_its_own_size() {
        let _alone = ALONE.lock().unwrap();
        // Sizes that no other test has.
        let sizes = [33 * PAGE, 34 * PAGE];
        let [small, large] = sizes.map(|bytes| {
            let slot = Slot::take(ROOM, PAGE, bytes).unwrap();
            let base = slot.reservation.base();
            slot.renew();
            base
        });
        for (bytes, base) in sizes.into_iter().zip([small, large]) {
            let mut slot = Slot::take(ROOM, PAGE, bytes).unwrap();
            assert_eq!(slot.reservation.base(), base);
            // It grows, and the next one begins where it did.
            slot.reservation.set_accessible(40 * PAGE).unwrap();
            slot.renew();
            let slot = Slot::take(ROOM, PAGE, bytes).unwrap();
            assert_eq!((slot.reservation.base(), slot.reservation.accessible()), (base, bytes));
            slot.renew();
        }
    }

    #[test]
    fn threads_that_take_and_renew_find_zeros_and_the_sum_is_right() {
        std::thread::scope(|scope| {
            for thread in 0..4_usize {
                scope.spawn(move || {
                    for round in 0..300 {
                        let bytes = PAGE * (1 + (round * 7 + thread) % 20);
                        let mut slot = Slot::take(ROOM, PAGE, bytes).unwrap();
                        assert_eq!((slot.reservation.accessible(), left(&mut slot)), (bytes, None));
                        slot.reservation.bytes(&(0..bytes)).fill(1);
                        slot.renew();
                    }
                });
            }
        });
        let idle = idle().unwrap();
        assert_eq!(idle.kept, idle.slots.iter().map(Slot::kept).sum::<usize>());
        assert!(idle.slots.iter().all(|slot| slot.pieces.iter().all(|piece| piece.end <= slot.reservation.accessible())));
    }

    #[test]
    fn slots_that_wait_longest_make_room_for_others() {
        let _alone = ALONE.lock().unwrap();
        // More than all may keep together, of a size that no other test has.
        let count = KEPT_BYTES_OF_ALL / KEPT_BYTES + 2;
        let mut slots: Vec<Slot> = (0..count).map(|_| Slot::take(ROOM, PAGE, 100 * PAGE).unwrap()).collect();
        for slot in &mut slots {
            slot.pieces = vec![0..KEPT_BYTES];
            slot.guests = FIRST_LOOKS + 1;
        }
        let last = slots.last().unwrap().reservation.base();
        slots.into_iter().for_each(Slot::renew);
        let idle = idle().unwrap();
        assert!(idle.kept <= KEPT_BYTES_OF_ALL, "{}", idle.kept);
        assert!(idle.slots.iter().any(|slot| slot.reservation.base() == last), "the last one is kept");
    }
}
