//! Everything that crosses crates, in one binary.

mod hostile;
