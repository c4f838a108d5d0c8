//! Keeps a guest's memory and table within their limits.

use wasmtime::ResourceLimiter;

use crate::app_ptr;
use crate::error::{Error, LimitKind};
use crate::limits::Limits;

/// Table slots that a guest can have at most.
pub(crate) const TABLE_SLOTS: usize = 1 << 20;

/// Bytes of host memory that a table slot takes.
const TABLE_ELEMENT_BYTES: u64 = 8;

/// Keeps the sum of all memories and tables of an instance, the heap of its exceptions included, at or below a limit.
///
/// What was granted is never given back, since a guest's memory never shrinks. A growth that is granted here and then refused by
/// the operating system counts as well: the sum may be too high, and is never too low.
#[derive(Debug)]
pub(crate) struct Limiter {
    pub(crate) limits: Limits,
    used: u64,
    /// Which limit was in the way, of those that growth can meet.
    refused: Option<LimitKind>,
}

impl Limiter {
    pub(crate) fn new(limits: Limits) -> Self {
        Self { limits, used: 0, refused: None }
    }

    /// Returns how many bytes the memories and tables have been granted.
    pub(crate) fn used(&self) -> u64 {
        self.used
    }

    /// Returns the limit that was in the way, if one was.
    pub(crate) fn refusal(&self) -> Option<Error> {
        let limit = |which| if which == LimitKind::TableSlots { self.table_limit() } else { self.limits.memory };
        self.refused.map(|which| Error::limit(which, limit(which)))
    }

    pub(crate) fn table_limit(&self) -> u64 {
        u64::try_from(TABLE_SLOTS).unwrap_or(u64::MAX).min(self.limits.table_slots)
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
        Ok(self.grant(growth(current, desired)))
    }

    fn table_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> Result<bool, wasmtime::Error> {
        if maximum.is_some_and(|most| desired > most) {
            return Ok(false);
        }
        if u64::try_from(desired).unwrap_or(u64::MAX) > self.table_limit() {
            self.refused = Some(LimitKind::TableSlots);
            return Ok(false);
        }
        Ok(self.grant(growth(current, desired).saturating_mul(TABLE_ELEMENT_BYTES)))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn the_sum_of_all_growth_stays_below_the_limit() {
        let mut limiter = Limiter::new(Limits::new().memory(1000));
        assert!(limiter.memory_growing(0, 600, None).unwrap());
        assert!(!limiter.memory_growing(0, 600, None).unwrap(), "a second memory");
        assert!(!limiter.memory_growing(600, usize::MAX, Some(900)).unwrap());
        assert!(limiter.table_growing(0, 40, None).unwrap());
        assert!(!limiter.table_growing(40, 60, None).unwrap());
        assert!(limiter.memory_growing(600, 680, None).unwrap());
        assert!(!limiter.memory_growing(680, 681, None).unwrap());
    }

    #[test]
    fn a_growth_that_fails_later_gives_nothing_back() {
        let mut limiter = Limiter::new(Limits::new().memory(1000));
        assert!(limiter.memory_growing(0, 1000, None).unwrap());
        limiter.memory_grow_failed(wasmtime::format_err!("the system is out of memory")).unwrap();
        assert!(!limiter.memory_growing(0, 1, None).unwrap());
    }
}
