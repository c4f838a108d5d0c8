//! How much of the host a guest can use.

use wasmtime::ResourceLimiter;

/// Table slots that a guest can have: function pointers, at eight bytes of host memory each.
const TABLE_ELEMENTS: usize = 1 << 20;

/// Keeps the sum of all memories of an instance, the heap of its exceptions included, at or below a limit.
#[derive(Debug)]
pub(crate) struct Limiter {
    memory: u64,
    used: u64,
    last_growth: u64,
    pub(crate) refused: bool,
}

impl Limiter {
    pub(crate) fn new(memory: u64) -> Self {
        Self { memory, used: 0, last_growth: 0, refused: false }
    }

    pub(crate) fn memory_limit(&self) -> u64 {
        self.memory
    }
}

impl ResourceLimiter for Limiter {
    fn memory_growing(&mut self, current: usize, desired: usize, _maximum: Option<usize>) -> Result<bool, wasmtime::Error> {
        let growth = u64::try_from(desired.saturating_sub(current)).unwrap_or(u64::MAX);
        let total = self.used.saturating_add(growth);
        if total > self.memory {
            self.refused = true;
            return Ok(false);
        }
        self.used = total;
        self.last_growth = growth;
        Ok(true)
    }

    fn memory_grow_failed(&mut self, _error: wasmtime::Error) -> Result<(), wasmtime::Error> {
        self.used = self.used.saturating_sub(self.last_growth);
        self.last_growth = 0;
        Ok(())
    }

    fn table_growing(&mut self, _current: usize, desired: usize, _maximum: Option<usize>) -> Result<bool, wasmtime::Error> {
        Ok(desired <= TABLE_ELEMENTS)
    }
}
