//! Finds a C compiler that makes WebAssembly, says what it can do, and knows the flags it needs.
//!
//! Two kinds of toolchain are known: a [wasi-sdk](https://github.com/WebAssembly/wasi-sdk), which carries everything in
//! one folder, and a distribution's clang with its wasi-libc packages. Nothing here downloads or installs anything:
//! that is `cargo sandbox setup`.
//!
//! ```no_run
//! # fn main() -> Result<(), sandbox_toolchain::ToolchainError> {
//! let toolchain = sandbox_toolchain::Toolchain::find()?;
//! println!("{}", toolchain.report());
//! # Ok(())
//! # }
//! ```

mod environment;
mod error;
pub mod exceptions;
pub mod exec;
mod find;
mod libclang;
mod probe;
mod report;
pub mod setjmp;
mod sysroot;
mod toolchain;
mod version;

pub use environment::Environment;
pub use error::{Looked, ToolchainError};
pub use exceptions::ExceptionSupport;
pub use exec::{ExecError, Finished};
pub use probe::{Check, Probe, probe};
pub use report::Report;
pub use setjmp::SetjmpSupport;
pub use toolchain::{Kind, Language, Toolchain};
pub use version::Version;
