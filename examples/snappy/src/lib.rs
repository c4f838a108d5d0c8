//! snappy in a sandbox: a C++ library behind a C header, called as any C library.
//!
//! The C++ code is snappy itself, compiled to WebAssembly by `build.rs`. It has 128 MiB of memory and access to nothing. Data is in
//! snappy's raw format, in blocks as databases and file formats such as LevelDB, Kafka and Parquet have them.
//!
//! ```sh
//! cargo run --release -p example-snappy -- compress < Cargo.lock > Cargo.lock.snappy
//! cargo run --release -p example-snappy -- decompress < Cargo.lock.snappy
//! ```
//!
//! # Examples
//!
//! ```
//! use example_snappy::Snappy;
//!
//! let mut snappy = Snappy::new()?;
//! let packed = snappy.compress(b"to be or not to be, to be or not to be")?;
//! assert_eq!(snappy.decompress(&packed, 1000)?, b"to be or not to be, to be or not to be");
//! # Ok::<(), example_snappy::Error>(())
//! ```

mod bindings {
    //! What build.rs made of `snappy-c.h`.
    sandbox::include_library!(snappy);
}
mod error;
mod snappy;
mod verify;

pub use crate::error::{Error, Result};
pub use crate::snappy::{MAX_BLOCK, Snappy};
