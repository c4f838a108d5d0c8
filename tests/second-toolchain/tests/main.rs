//! What C does in a guest, built with a second toolchain: the tests of the first one, and real
//! libraries that agree with it.
//!
//! `cargo xtask second-toolchain` lays the toolchain out. Without it there is nothing here.
#![cfg(second_toolchain)]

mod agree;
mod exceptions;

/// The files of the package that has them for the first toolchain, as they are.
#[path = "../../tests/it"]
mod shared {
    pub(crate) mod calls;
    pub(crate) mod capabilities;
    pub(crate) mod cxx;
    pub(crate) mod manual;
    pub(crate) mod measure;
    pub(crate) mod odd;
    pub(crate) mod parts;
    pub(crate) mod record;
    pub(crate) mod traps;
    pub(crate) mod tuned;
    pub(crate) mod types;
}

use shared::{measure, record};
