//! Published memory-safety bugs of C libraries, each replayed twice: natively under AddressSanitizer, and in the sandbox.
//!
//! The libraries are the old versions themselves, out of published crates. The inputs are made here, bit by bit. What the application
//! does is the same on both sides: natively in `native/*.c`, a program of its own, and in the sandbox in the module of the bug.
//!
//! ```sh
//! cargo xtask cve                                       # the table
//! cargo test --manifest-path cve/Cargo.toml             # every cell of it
//! ```

mod bits;
mod contain;
mod failure;
mod fence;
mod libraries;
mod native;
mod onig_fold;
mod random;
mod replay;
mod table;
mod webp_tables;
mod zlib_distances;
mod zlib_header;

pub use contain::Contained;
pub use failure::Failure;
pub use native::{Access, Finding, Native};
pub use replay::{Outcome, Replay};
pub use table::table;

/// Returns all replays, in the order of the table.
#[must_use]
pub fn all() -> Vec<Replay> {
    vec![zlib_header::replay(), zlib_distances::replay(), webp_tables::replay(), onig_fold::replay()]
}
