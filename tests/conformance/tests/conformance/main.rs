//! Functions of random signatures, and of every kind in every position, called from the host and by C.
//!
//! `build.rs` writes the C functions and what calls them here. Both sides know the values, and check each that they are given.

// The offsets in `struct callbacks` are constants that follow from each other.
#![recursion_limit = "1024"]

mod run;
mod value;

use sandbox::{CBool, IntoGuest as _, Sandbox, Tainted, TaintedPtr, Void};

use run::{Library, Outcome, Signature, run};
use value::{Source, Value, Values, WHY};

include!(concat!(env!("OUT_DIR"), "/generated/tests.rs"));
