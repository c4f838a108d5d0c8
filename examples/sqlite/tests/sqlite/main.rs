//! SQLite in the sandbox against the same SQLite outside of it.

mod errors;
mod functions;
mod limits;
mod rows;
mod support;
