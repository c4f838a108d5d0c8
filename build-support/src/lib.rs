//! The build side.

/// The toolchain: finding, probing, its flags (all of the crate `sandbox-toolchain`).
pub use sandbox_toolchain as toolchain;
pub use sandbox_toolchain::{Toolchain, ToolchainError};
