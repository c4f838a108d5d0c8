//! Everything that crosses crates, in one binary.

mod basics;
mod calls;
mod cxx;
mod generated;
mod goldens;
mod hostile;
mod manual;
mod no_compiler;
mod own_crate;
mod ranges;
mod record;
mod refused;
mod traps;
mod types;
mod ui;
mod verify;
mod views;
