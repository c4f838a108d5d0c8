//! SQLite in a sandbox: a database in memory, whose C code can harm nobody whatever SQL it is given.
//!
//! The C code is SQLite itself, compiled to WebAssembly by `build.rs`. It has 256 MiB of memory and access to nothing: there is no file,
//! clock or randomness in the sandbox. What it does with the host it does through two callbacks, one for the rows of a query and one for
//! SQL functions, which are closures of the host.
//!
//! ```sh
//! cargo run --release -p example-sqlite -- "SELECT sqlite_version()"
//! cargo test --test sqlite
//! ```
//!
//! # Examples
//!
//! ```
//! use example_sqlite::{Database, Value};
//!
//! let mut db = Database::open_in_memory()?;
//! db.execute("CREATE TABLE ships (name TEXT, crew INTEGER)")?;
//! db.execute_each("INSERT INTO ships VALUES (?, ?)", [["Nostromo".into(), 7.into()], ["Sulaco".into(), 13.into()]])?;
//!
//! // A SQL function is a closure.
//! db.create_function("shout", 1, |arguments| match arguments {
//!     [Value::Text(text)] => Ok(text.to_uppercase().into()),
//!     _ => Err("shout takes a text".into()),
//! })?;
//!
//! // A query calls a closure for each row, with a value of one's own, which comes back in the end.
//! let names = db.query_each("SELECT shout(name) FROM ships ORDER BY crew", Vec::new(), |names, row| {
//!     names.extend(row[0].clone());
//!     Ok(())
//! })?;
//! assert_eq!(names, ["NOSTROMO", "SULACO"]);
//! # Ok::<(), example_sqlite::Error>(())
//! ```

mod database;
mod error;
mod function;
mod guest;
mod query;
mod statement;
mod value;

pub use crate::database::Database;
pub use crate::error::{Error, Failure, Result};
pub use crate::value::Value;
