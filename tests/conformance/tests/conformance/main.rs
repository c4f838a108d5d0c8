//! Functions of random signatures, and of every kind in every position, called from the host and by C.
//!
//! `build.rs` writes the C functions and what calls them here. Both sides know the values, and check each that they are given.

mod run;
mod value;

use sandbox::{CBool, IntoGuest as _, Sandbox, Tainted, TaintedPtr, Void};

use run::{Library, Outcome, Signature, notice, run};
use value::{Source, Value, Values, WHY};

include!(concat!(env!("OUT_DIR"), "/generated/tests.rs"));
