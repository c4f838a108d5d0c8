//! The crate against native zlib and against pure Rust, on good input and on bad.

mod cli;
mod corpus;
mod damage;
mod interop;
mod members;
mod native;
mod pieces;
