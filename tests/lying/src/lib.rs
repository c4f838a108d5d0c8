//! Lying libraries: modules with the interface of a real C library, and whose every function is the attacker's.
//!
//! [`Guest`] makes one for a seed, [`zlib`] and [`png`] know what answers a program takes for honest, and [`Run`] watches the unchanged APIs of the
//! examples on top: no panic, no endless operation, no more memory than allowed, and no error that is not the example's own.

mod guest;
mod plausible;
pub mod png;
mod random;
mod run;
pub mod zlib;

pub use guest::Guest;
pub use plausible::{Effect, Function, Place, Value};
pub use random::Random;
pub use run::{Outcome, Run};
