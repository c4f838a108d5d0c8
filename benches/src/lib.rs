//! What the benchmarks share: the guests, what they are compared with, and data.
//!
//! A group of benchmarks is one task, its members are ways to do it: `native` (the same C sources, compiled for this machine by the same compiler), `wasmtime` (the same
//! machine code in the engine without us), `sandbox`, and `rust` (what a Rust user would take instead).

pub mod data;
pub mod expat;
pub mod native;
pub mod raw;

sandbox::include_library!(bench);

/// How all of them are measured: long enough for quartiles that agree to some per cent, and short enough that the whole suite runs in ten minutes.
#[must_use]
pub fn quick() -> criterion::Criterion {
    let milliseconds = std::time::Duration::from_millis;
    criterion::Criterion::default().warm_up_time(milliseconds(300)).measurement_time(milliseconds(1200))
}
