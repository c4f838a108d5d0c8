//! Keeps a guest's memories and tables within their limits, and all guests together within those of
//! the process.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use sandbox_engine::StaticData;
use wasmtime::ResourceLimiter;

use crate::app_ptr;
use crate::error::{Error, LimitKind};
use crate::limits::Limits;

/// Table slots that a guest can have at most.
pub(crate) const TABLE_SLOTS: usize = 1 << 20;

/// Bytes of host memory that a table slot takes.
const TABLE_ELEMENT_BYTES: u64 = 8;

/// So many memories that are no guest's wait for one at most.
pub(crate) const IDLE_MEMORIES: usize = 1024;

/// Mappings of the process that a memory takes: the part that is accessible, and the rest. One with
/// mapped data takes twice as many.
const MAPPINGS: u64 = 2;

/// Mappings that Linux allows a process by default. Where it allows more, there are no addresses
/// for many more memories.
const MAPPINGS_MAX: u64 = 65_530;

/// As many memories as an instance has: its own, and the heap of its exceptions.
const MEMORIES_OF_ONE: u64 = 2;

/// How many memories all guests have together.
static MEMORIES: AtomicU64 = AtomicU64::new(0);

/// Returns how many memories all guests can have together: with those that wait they take at most
/// half of the mappings that the system allows the process. Beyond that anything of the host's
/// may fail that wants a mapping, and the engine is not made for that.
pub(crate) fn memories_max() -> u64 {
    static MAX: OnceLock<u64> = OnceLock::new();
    *MAX.get_or_init(|| {
        let allowed = std::fs::read_to_string("/proc/sys/vm/max_map_count");
        let allowed = allowed.ok().and_then(|text| text.trim().parse().ok()).unwrap_or(MAPPINGS_MAX).min(MAPPINGS_MAX);
        let half = allowed.div_euclid(MAPPINGS.saturating_mul(2));
        half.saturating_sub(u64::try_from(IDLE_MEMORIES).unwrap_or(u64::MAX)).max(1)
    })
}

/// Keeps the sum of all memories and tables of an instance, the heap of its exceptions included, at or below a limit.
///
/// What was granted is never given back, since a guest's memory never shrinks. A growth that is granted here and then refused by
/// the operating system counts as well: the sum may be too high, and is never too low.
#[derive(Debug)]
pub(crate) struct Limiter {
    pub(crate) limits: Limits,
    used: u64,
    /// How many slots all tables have together.
    table_slots: u64,
    /// How many memories were counted, and each of them as how many of [`MEMORIES`].
    memories: u64,
    weight: u64,
    /// Which limit was in the way, of those that growth can meet.
    refused: Option<LimitKind>,
}

impl Limiter {
    pub(crate) fn new(limits: Limits, data: StaticData) -> Self {
        let weight = if data == StaticData::Mapped { 2 } else { 1 };
        Self { limits, used: 0, table_slots: 0, memories: 0, weight, refused: None }
    }

    /// Returns how many bytes the memories and tables have been granted.
    pub(crate) fn used(&self) -> u64 {
        self.used
    }

    /// Returns the limit that was in the way since this was asked last, if one was.
    pub(crate) fn take_refusal(&mut self) -> Option<Error> {
        let which = self.refused.take()?;
        let limit = match which {
            LimitKind::TableSlots => self.table_limit(),
            LimitKind::Sandboxes => memories_max(),
            _ => self.limits.memory,
        };
        Some(Error::limit(which, limit))
    }

    pub(crate) fn table_limit(&self) -> u64 {
        u64::try_from(TABLE_SLOTS).unwrap_or(u64::MAX).min(self.limits.table_slots)
    }

    /// Returns how many slots the tables have been granted.
    pub(crate) fn table_slots(&self) -> u64 {
        self.table_slots
    }

    /// Counts a memory that gets its first bytes, if there can be another one.
    fn grant_memory(&mut self) -> bool {
        if self.memories >= MEMORIES_OF_ONE {
            return true;
        }
        let (max, weight) = (memories_max(), self.weight);
        let granted =
            MEMORIES.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |count| count.checked_add(weight).filter(|count| *count <= max));
        if granted.is_err() {
            self.refused = Some(LimitKind::Sandboxes);
            return false;
        }
        self.memories = self.memories.saturating_add(1);
        true
    }

    /// Returns why there is no memory, of which the guest has just been told.
    pub(crate) fn out_of_memory(&self) -> Error {
        match self.refused {
            Some(LimitKind::Sandboxes) => Error::limit(LimitKind::Sandboxes, memories_max()),
            _ => Error::limit(LimitKind::Memory, self.limits.memory),
        }
    }

    fn grant(&mut self, bytes: u64) -> bool {
        let total = self.used.saturating_add(bytes);
        if total > self.limits.memory {
            self.refused = Some(LimitKind::Memory);
            return false;
        }
        self.used = total;
        true
    }
}

fn growth(current: usize, desired: usize) -> u64 {
    u64::try_from(desired.saturating_sub(current)).unwrap_or(u64::MAX)
}

impl ResourceLimiter for Limiter {
    fn memory_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> Result<bool, wasmtime::Error> {
        // The engine refuses this itself, and without a word to the limiter.
        if maximum.is_some_and(|most| desired > most) {
            return Ok(false);
        }
        // What is above are tokens of the host, which are never memory.
        if u64::try_from(desired).unwrap_or(u64::MAX) > u64::from(app_ptr::FIRST) {
            self.refused = Some(LimitKind::Memory);
            return Ok(false);
        }
        if !self.grant(growth(current, desired)) {
            return Ok(false);
        }
        // The heap of exceptions begins with nothing.
        Ok(current > 0 || desired == 0 || self.grant_memory())
    }

    fn table_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> Result<bool, wasmtime::Error> {
        if maximum.is_some_and(|most| desired > most) {
            return Ok(false);
        }
        let slots = self.table_slots.saturating_add(growth(current, desired));
        if slots > self.table_limit() {
            self.refused = Some(LimitKind::TableSlots);
            return Ok(false);
        }
        let granted = self.grant(growth(current, desired).saturating_mul(TABLE_ELEMENT_BYTES));
        if granted {
            self.table_slots = slots;
        }
        Ok(granted)
    }
}

impl Drop for Limiter {
    fn drop(&mut self) {
        MEMORIES.fetch_sub(self.memories.saturating_mul(self.weight), Ordering::Relaxed);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::arithmetic_side_effects, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn the_sum_of_all_growth_stays_below_the_limit() {
        let mut limiter = Limiter::new(Limits::new().memory(1000), StaticData::Copied);
        assert!(limiter.memory_growing(0, 600, None).unwrap());
        assert!(!limiter.memory_growing(0, 600, None).unwrap(), "a second memory");
        assert!(!limiter.memory_growing(600, usize::MAX, Some(900)).unwrap());
        assert!(limiter.table_growing(0, 40, None).unwrap());
        assert!(!limiter.table_growing(40, 60, None).unwrap());
        assert!(limiter.memory_growing(600, 680, None).unwrap());
        assert!(!limiter.memory_growing(680, 681, None).unwrap());
    }

    #[test]
    fn a_memory_counts_once_it_has_bytes_and_twice_with_mapped_data() {
        for (data, weight) in [(StaticData::Copied, 1), (StaticData::Mapped, 2)] {
            let mut limiter = Limiter::new(Limits::new(), data);
            let mut grow = |current, desired| {
                assert!(limiter.memory_growing(current, desired, None).unwrap());
                limiter.memories * limiter.weight
            };
            assert_eq!([grow(0, 0), grow(0, 10), grow(10, 20)], [0, weight, weight]);
            // The heap of exceptions, and growth that the system refuses again and again.
            assert_eq!([grow(0, 0), grow(0, 10), grow(0, 10), grow(0, 10)], [weight, 2 * weight, 2 * weight, 2 * weight]);
        }
    }

    #[test]
    fn all_tables_together_have_so_many_slots() {
        let mut limiter = Limiter::new(Limits::new().table_slots(100), StaticData::Copied);
        assert!(limiter.table_growing(0, 60, None).unwrap());
        assert!(!limiter.table_growing(0, 41, None).unwrap(), "a second table");
        assert!(limiter.table_growing(0, 30, None).unwrap());
        assert!(!limiter.table_growing(60, 71, None).unwrap());
        assert!(matches!(limiter.take_refusal(), Some(Error::Limit { which: LimitKind::TableSlots, limit: 100, .. })));
        assert!(limiter.table_growing(60, 70, None).unwrap());
    }

    #[test]
    fn a_growth_that_fails_later_gives_nothing_back() {
        let mut limiter = Limiter::new(Limits::new().memory(1000), StaticData::Copied);
        assert!(limiter.memory_growing(0, 1000, None).unwrap());
        limiter.memory_grow_failed(wasmtime::format_err!("the system is out of memory")).unwrap();
        assert!(!limiter.memory_growing(0, 1, None).unwrap());
    }
}
