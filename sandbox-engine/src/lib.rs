//! The engine configuration shared by the `sandbox` runtime and by `build-support`.
//!
//! wasmtime refuses a precompiled module unless the engine that loads it agrees with the engine that made it on every
//! setting that the machine code depends on. Both sides therefore call [`config`], and nothing else in this project
//! builds a [`wasmtime::Config`].
//!
//! It is a crate of its own because the two sides turn on different wasmtime features: the runtime has no compiler,
//! and the build script needs no runtime.

use wasmtime::{Collector, Config};

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

/// Returns the engine configuration for every sandbox whose code has these checks.
///
/// Features of Wasm that a C compiler does not emit are off: what is not enabled cannot be attacked.
///
/// # Examples
///
/// ```
/// let config = sandbox_engine::config(sandbox_engine::Metering::DEFAULT);
/// assert!(wasmtime::Engine::new(&config).is_ok());
/// ```
#[must_use]
pub fn config(metering: Metering) -> Config {
    let mut config = Config::new();
    config
        .epoch_interruption(metering.interrupts)
        .consume_fuel(metering.fuel)
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
