//! Compiles a C library to a precompiled Wasm module with tainted bindings, from `build.rs`.
//!
//! One [`Library`] in a build script does the whole way: it compiles the C sources for Wasm, links a reactor that exports
//! only the allowed functions, reads the headers with bindgen, checks every layout with the C compiler, and precompiles
//! the module for cargo's target. The application then writes `sandbox::include_library!(zlib)`.
//!
//! ```no_run
//! build_support::Library::new("zlib")
//!     .source_dir(build_support::crate_source("libz-sys").join("src/zlib"))
//!     .files(["adler32.c", "crc32.c", "zutil.c"])
//!     .header("zlib.h")
//!     .allow_function("adler32|crc32")
//!     .compile();
//! ```
//!
//! [`Library::survey`] answers beforehand what would be bound of a library's headers, and what would not and why.
//!
//! In `OUT_DIR/sandbox/<name>/` a build leaves `lib.wasm`, `lib.cwasm` and `bindings.rs`, all three or none. Beside them are `lib.debug.wasm`, the module as it was
//! linked, with its debug information, and `lib.lines`, with which an error of the runtime names the file and line in C where the guest was; see [`Library::line_numbers`].

// The steps that follow a survey have no caller then.
#![cfg_attr(not(feature = "engine"), allow(dead_code))]

mod bindings;
mod cargo;
mod check;
mod compile;
mod debug_info;
mod depfile;
mod error;
mod folders;
mod hints;
mod imports;
mod layout;
mod libclang;
mod library;
mod line_table;
mod link;
mod objects;
mod pattern;
mod pipeline;
#[cfg(feature = "pre-initialize")]
mod pre_initialize;
#[cfg(feature = "engine")]
mod precompile;
mod preprocess;
mod probe;
mod source;
mod survey;
mod target;
mod tokens;
mod tuned;
mod unroll;

pub use error::Error;
pub use library::{Library, Output, Part};
#[cfg(feature = "engine")]
pub use precompile::{precompile, precompile_metered};
pub use sandbox_engine::Metering;
/// The toolchain: finding, probing, its flags (all of the crate `sandbox-toolchain`).
pub use sandbox_toolchain as toolchain;
pub use sandbox_toolchain::{Toolchain, ToolchainError};
pub use source::{crate_source, try_crate_source};
pub use survey::{Refusal, Survey, Surveyed};
pub use tuned::Tuned;
