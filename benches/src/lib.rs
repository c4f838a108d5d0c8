//! What the benchmarks share: the guests, what they are compared with, and data.
//!
//! A group of benchmarks is one task, its members are ways to do it: `native` (the same C sources, compiled for this machine by the same compiler), `wasmtime` (the same
//! machine code in the engine without us), `sandbox`, and `rust` (what a Rust user would take instead).

pub mod data;
pub mod expat;
pub mod native;
pub mod raw;

sandbox::include_library!(bench);
