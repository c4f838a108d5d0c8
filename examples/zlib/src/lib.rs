//! zlib in a sandbox: compression and checksums whose C code cannot harm the program that uses it.
//!
//! The C code is zlib itself, compiled to WebAssembly by `build.rs`. It has 8 MiB of memory and access to nothing. What it
//! answers is verified before it is used; see the source of `stream.rs`, the only file that calls it for streams.
//!
//! ```sh
//! cargo run --release -p example-zlib -- compress Cargo.lock -o Cargo.lock.gz
//! cargo run --release -p example-zlib -- decompress Cargo.lock.gz
//! cargo run --release -p example-zlib -- crc32 Cargo.lock
//! cargo test -p example-zlib
//! cargo test --release -p example-zlib -- --ignored      # 2 GiB through the sandbox and back
//! ```
//!
//! # Examples
//!
//! In one piece, with a [`Zlib`] that can be used again and again:
//!
//! ```
//! use example_zlib::{Format, Level, Zlib};
//!
//! let mut zlib = Zlib::new()?;
//! let packed = zlib.compress(b"to be or not to be", Format::Gzip, Level::DEFAULT)?;
//! assert_eq!(zlib.decompress(&packed, Format::Gzip, 1 << 20)?, b"to be or not to be");
//! # Ok::<(), example_zlib::Error>(())
//! ```
//!
//! Of any size in constant memory, with [`Encoder`] and [`Decoder`], which are a [`Write`](std::io::Write) and a
//! [`Read`](std::io::Read):
//!
//! ```
//! use std::io::{Read, Write};
//! use example_zlib::{Decoder, Encoder, Format, Level};
//!
//! let mut encoder = Encoder::new(Vec::new(), Format::Zlib, Level::BEST)?;
//! encoder.write_all(b"to be ")?;
//! encoder.write_all(b"or not to be")?;
//! let packed = encoder.finish()?;
//!
//! let mut text = String::new();
//! Decoder::new(&packed[..], Format::Zlib, 1 << 20)?.read_to_string(&mut text)?;
//! assert_eq!(text, "to be or not to be");
//! # Ok::<(), example_zlib::Error>(())
//! ```

mod bindings {
    //! What build.rs made of `zlib.h`.
    sandbox::include_library!(zlib);
}
mod checksum;
mod context;
mod decoder;
mod encoder;
mod error;
mod format;
mod stream;
mod verify;

/// The marker type of the sandboxed zlib. By it an application sets limits for all of them, or puts other code in its place.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use example_zlib::{Format, Level, Library, Zlib};
/// use sandbox::{Limits, SandboxModule};
///
/// SandboxModule::<Library>::get()?.with_limits(Limits::new().deadline(Duration::from_secs(1))).make_default();
/// assert!(!Zlib::new()?.compress(b"in a second at most", Format::Raw, Level::BEST)?.is_empty());
/// # Ok::<(), example_zlib::Error>(())
/// ```
pub use crate::bindings::zlib::Library;
pub use crate::checksum::{Algorithm, Checksum};
pub use crate::context::Zlib;
pub use crate::decoder::Decoder;
pub use crate::encoder::Encoder;
pub use crate::error::{Error, Result};
pub use crate::format::{Format, Level};
