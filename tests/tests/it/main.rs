//! Everything that crosses crates, in one binary.

mod basics;
mod hostile;
mod own_crate;
