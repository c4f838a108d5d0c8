//! Everything that crosses crates, in one binary.

mod basics;
mod goldens;
mod hostile;
mod no_compiler;
mod own_crate;
mod ui;
mod verify;
mod views;
