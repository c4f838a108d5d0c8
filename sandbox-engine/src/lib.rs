//! The engine configuration shared by the `sandbox` runtime and by `build-support`.
//!
//! wasmtime refuses a precompiled module unless the engine that loads it agrees with the engine that made it on every
//! setting that the machine code depends on. Both sides therefore call [`config`], and nothing else in this project
//! builds a [`wasmtime::Config`].
//!
//! It is a crate of its own because the two sides turn on different wasmtime features: the runtime has no compiler,
//! and the build script needs no runtime.

#[cfg(feature = "outline")]
mod outline;

#[cfg(feature = "config")]
use wasmtime::{Collector, Config};

#[cfg(feature = "outline")]
pub use crate::outline::Outline;

/// The name of an export that says: the module's code changes its tables or drops its segments,
/// which no snapshot holds.
pub const UNSAVED_STATE: &str = "sandbox.state.unsaved";

/// Bytes of the host's stack that the frames of a guest can take.
///
/// # Examples
///
/// ```
/// assert_eq!(sandbox_engine::CALL_STACK_BYTES, 512 * 1024);
/// ```
pub const CALL_STACK_BYTES: u64 = 512 * 1024;

/// What a module's machine code checks while it runs, so that the host can stop it.
///
/// # Examples
///
/// ```
/// use sandbox_engine::Metering;
///
/// assert_eq!(Metering::default(), Metering { interrupts: true, fuel: false });
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Metering {
    /// Where each function and each loop of the module begins, the code looks whether it is to stop: what deadlines and cancelling need.
    pub interrupts: bool,
    /// Each basic block counts its operators: what a budget of fuel needs.
    pub fuel: bool,
}

impl Metering {
    /// What a library has unless its build script chooses otherwise; `docs/limits.md` has the figures behind it.
    pub const DEFAULT: Self = Self { interrupts: true, fuel: false };
}

impl Default for Metering {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// How a sandbox gets the static data of its library: the initialised variables, constants and
/// tables of the C code.
///
/// # Examples
///
/// ```
/// use sandbox_engine::StaticData;
///
/// assert_eq!(StaticData::of(100 << 10), StaticData::Copied);
/// assert_eq!(StaticData::of(30 << 20), StaticData::Mapped);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StaticData {
    /// It is copied into each sandbox. On Linux the memory may have been another sandbox's before,
    /// and was cleared; elsewhere it is new.
    Copied,
    /// It is mapped from the module, and a page of it is copied when the guest writes to it. The
    /// memory is new for each sandbox.
    Mapped,
}

impl StaticData {
    /// Returns how so many bytes of data are best given to a sandbox: to copy a page takes a
    /// thirtieth of the time of a page fault, which a mapped one costs when it is touched.
    #[must_use]
    pub const fn of(bytes: u64) -> Self {
        if bytes <= 1 << 20 { Self::Copied } else { Self::Mapped }
    }
}

/// Returns the engine configuration for every sandbox whose code has these checks, and whose data
/// is had like this.
///
/// Features of Wasm that a C compiler does not emit are off: what is not enabled cannot be attacked.
///
/// # Examples
///
/// ```
/// use sandbox_engine::{Metering, StaticData};
///
/// let config = sandbox_engine::config(Metering::DEFAULT, StaticData::Copied);
/// assert!(wasmtime::Engine::new(&config).is_ok());
/// ```
#[cfg(feature = "config")]
#[must_use]
pub fn config(metering: Metering, data: StaticData) -> Config {
    let mut config = Config::new();
    config
        .epoch_interruption(metering.interrupts)
        .consume_fuel(metering.fuel)
        .memory_init_cow(data == StaticData::Mapped)
        // What clang emits for C with SIMD and Wasm exceptions.
        .wasm_simd(true)
        .wasm_bulk_memory(true)
        .wasm_multi_value(true)
        .wasm_reference_types(true)
        .wasm_exceptions(true)
        // Exceptions imply function references and the garbage collector inside wasmtime; a guest gets neither.
        .wasm_gc(false)
        .wasm_function_references(false)
        .collector(Collector::Copying)
        // Deterministic by default, and nothing that a single-threaded C library needs.
        .wasm_relaxed_simd(false)
        .wasm_tail_call(false)
        .wasm_multi_memory(false)
        .wasm_memory64(false)
        .wasm_extended_const(false)
        .wasm_custom_page_sizes(false)
        .wasm_wide_arithmetic(false)
        // Depends on a cargo feature of wasmtime that only one side might have.
        .concurrency_support(false)
        .max_wasm_stack(CALL_STACK_BYTES as usize)
        // Needs no code on the fast path and gives each trap its C function names.
        .generate_address_map(true);
    config
}
