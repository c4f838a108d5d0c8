//! The engines of this process: one for each kind of machine code, and for each way to get memory.

use std::sync::OnceLock;

use sandbox_engine::Metering;
use wasmtime::{Enabled, Engine, InstanceAllocationStrategy, PoolingAllocationConfig};

/// How many sandboxes can live in slots that are prepared; more than that get memory of their own. Each slot takes 4 GiB of address space, and no memory before it is used.
const SLOTS: u32 = 1024;

/// As much of a slot's memory is cleared by writing, and not given back to the system: faults cost more than zeros.
const KEPT_BYTES: usize = 1 << 20;

/// The same for its table, in bytes.
const KEPT_TABLE_BYTES: usize = 64 << 10;

/// Where instances get their memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Allocation {
    /// From slots that are reserved once and cleaned between instances.
    Pooled,
    /// From the system, and back to it.
    OnDemand,
}

static ENGINES: [OnceLock<Engine>; 8] = [const { OnceLock::new() }; 8];

/// Returns the engine for code with these checks, which all modules of that kind share.
pub(crate) fn get(metering: Metering, allocation: Allocation) -> Result<&'static Engine, wasmtime::Error> {
    let bits = [metering.interrupts, metering.fuel, allocation == Allocation::Pooled];
    let index = bits.iter().fold(0, |index, bit| index << 1 | usize::from(*bit));
    let place = ENGINES.get(index).ok_or_else(|| wasmtime::format_err!("no engine {index}"))?;
    if let Some(engine) = place.get() {
        return Ok(engine);
    }
    let mut config = sandbox_engine::config(metering);
    if allocation == Allocation::Pooled {
        let mut pool = PoolingAllocationConfig::new();
        pool.total_core_instances(SLOTS)
            .total_tables(SLOTS)
            .total_gc_heaps(SLOTS)
            // The heap of exceptions is a memory too.
            .total_memories(SLOTS.saturating_mul(2))
            .table_elements(crate::limiter::TABLE_SLOTS)
            .linear_memory_keep_resident(KEPT_BYTES)
            .table_keep_resident(KEPT_TABLE_BYTES)
            // A scan sees present pages only, and leaves what is swapped out, migrating or being split to the next guest.
            .pagemap_scan(Enabled::No);
        config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    }
    let engine = Engine::new(&config)?;
    Ok(place.get_or_init(|| engine))
}

/// Makes every guest that can be interrupted look whether it is to stop.
pub(crate) fn tick() {
    for engine in ENGINES.iter().filter_map(OnceLock::get) {
        engine.increment_epoch();
    }
}
