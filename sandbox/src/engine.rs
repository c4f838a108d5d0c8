//! The engines of this process: one for each kind of machine code.

use std::sync::OnceLock;

use sandbox_engine::{Metering, StaticData};
use wasmtime::Engine;

static ENGINES: [OnceLock<Engine>; 8] = [const { OnceLock::new() }; 8];

/// Returns the engine for code with these checks and data, which all modules of that kind share.
pub(crate) fn get(metering: Metering, data: StaticData) -> Result<&'static Engine, wasmtime::Error> {
    let bits = [metering.interrupts, metering.fuel, data == StaticData::Copied];
    let index = bits.iter().fold(0, |index, bit| index << 1 | usize::from(*bit));
    let place = ENGINES.get(index).ok_or_else(|| wasmtime::format_err!("no engine {index}"))?;
    if let Some(engine) = place.get() {
        return Ok(engine);
    }
    #[cfg_attr(not(target_os = "linux"), allow(unused_mut, reason = "memory is the engine's there, new for each guest"))]
    let mut config = sandbox_engine::config(metering, data);
    #[cfg(target_os = "linux")]
    if data == StaticData::Copied {
        config.with_host_memory(std::sync::Arc::new(crate::slots::Slots));
    }
    let engine = Engine::new(&config)?;
    Ok(place.get_or_init(|| engine))
}

/// How often the epoch has moved on.
#[cfg(test)]
static TICKS: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);

#[cfg(test)]
pub(crate) fn ticks() -> u64 {
    TICKS.load(std::sync::atomic::Ordering::Relaxed)
}

/// Makes every guest that can be interrupted look whether it is to stop.
pub(crate) fn tick() {
    #[cfg(test)]
    TICKS.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    for engine in ENGINES.iter().filter_map(OnceLock::get) {
        engine.increment_epoch();
    }
}
