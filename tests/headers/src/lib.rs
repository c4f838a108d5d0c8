//! Binds the public headers of C libraries, and shows what came of it.
//!
//! `cargo xtask headers` does so for many libraries of Debian; ten libraries in published crates
//! are a test of `build-support`.

pub mod candidates;
pub mod debian;
pub mod debian_run;
pub mod found;
pub mod generator;
pub mod one;
pub mod random_run;
pub mod report;
pub mod second;
