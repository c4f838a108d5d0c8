//! The engines of this process: one for each kind of machine code.

use std::sync::OnceLock;

use sandbox_engine::{Metering, StaticData};
use wasmtime::Engine;

static ENGINES: [OnceLock<Engine>; 8] = [const { OnceLock::new() }; 8];

/// Bytes of the host's stack that the frames of a guest can take, once it is settled.
static CALL_STACK: OnceLock<u64> = OnceLock::new();

/// The least and the most that they can be allowed, in bytes.
const CALL_STACKS: std::ops::RangeInclusive<u64> = 64 << 10..=1 << 30;

/// Sets how many bytes of a thread's stack the guests of this process can take: 512 KiB by default.
///
/// It is one figure for all libraries, and is settled when the first sandbox is made, or cannot be.
/// Interpreters and parsers of nested data may need more, to be as deep as they are natively on a
/// stack of 8 MiB. Each call of a guest then needs that much stack, and 256 KiB: more than the 2
/// MiB of a thread of Rust's. Make threads with [`std::thread::Builder::stack_size`], or call on a
/// stack made for it, [`on_new_stack`](crate::on_new_stack). The C stack, which is in guest memory,
/// is a setting of the build (`Library::stack_size`).
///
/// # Errors
///
/// [`Error::CallStack`](crate::Error::CallStack) if another figure was settled before, or `bytes`
/// is not from 64 KiB to 1 GiB.
///
/// # Examples
///
/// ```
/// sandbox::set_call_stack(8 << 20)?;
/// # Ok::<(), sandbox::Error>(())
/// ```
pub fn set_call_stack(bytes: u64) -> crate::Result<()> {
    let refused = |reason| Err(crate::Error::CallStack { bytes, reason });
    if !CALL_STACKS.contains(&bytes) {
        return refused("it must be from 64 KiB to 1 GiB");
    }
    if *CALL_STACK.get_or_init(|| bytes) == bytes { Ok(()) } else { refused("it was settled before, by this call or by the first sandbox") }
}

/// Returns how many bytes of the host's stack the frames of a guest can take.
#[inline]
pub(crate) fn call_stack() -> u64 {
    CALL_STACK.get().copied().unwrap_or(sandbox_engine::CALL_STACK_BYTES)
}

/// Returns the engine for code with these checks and data, which all modules of that kind share.
pub(crate) fn get(metering: Metering, data: StaticData) -> Result<&'static Engine, wasmtime::Error> {
    let bits = [metering.interrupts, metering.fuel, data == StaticData::Copied];
    let index = bits.iter().fold(0, |index, bit| index << 1 | usize::from(*bit));
    let place = ENGINES.get(index).ok_or_else(|| wasmtime::format_err!("no engine {index}"))?;
    if let Some(engine) = place.get() {
        return Ok(engine);
    }
    let mut config = sandbox_engine::config(metering, data);
    let call_stack = *CALL_STACK.get_or_init(|| sandbox_engine::CALL_STACK_BYTES);
    let call_stack = usize::try_from(call_stack).unwrap_or(usize::MAX);
    // The engine insists that asynchronous calls, of which there are none, have as much.
    config.async_stack_size(call_stack.max(2 << 20)).max_wasm_stack(call_stack);
    #[cfg(target_os = "linux")]
    if data == StaticData::Copied {
        config.with_host_memory(std::sync::Arc::new(crate::slots::Slots));
    }
    let engine = Engine::new(&config)?;
    #[cfg(target_os = "linux")]
    crate::signals::remember();
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
