//! libpng for images that nobody trusts: decode, encode and inspect PNG files with the C library in a WebAssembly sandbox.
//!
//! ```
//! use example_libpng::{Error, Image, PixelFormat, Png};
//!
//! let mut png = Png::new()?;
//! # let file = png.encode(&Image::new(1, 1, PixelFormat::Gray8, vec![7]).unwrap())?;
//! match png.decode(&file, PixelFormat::Rgba8) {
//!     Ok(image) => println!("{} x {} pixels", image.width(), image.height()),
//!     Err(Error::TooLarge { value, .. }) => println!("{value} pixels are too many"),
//!     Err(error) => println!("not shown: {error}"), // and the next image is decoded
//! }
//! # Ok::<(), Error>(())
//! ```
//!
//! The way through the code: `build.rs` says what is compiled, `shim.c` is what the guest needs beyond libpng, `read.rs` and `write.rs`
//! call libpng's low-level functions and verify what they return, `context.rs` gives each image a fresh sandbox.

mod context;
mod error;
mod guest;
mod image;
mod info;
#[cfg(feature = "native")]
#[doc(hidden)]
pub mod native;
mod read;
mod write;

pub use context::{Limits, Png};
pub use error::{Error, Result};
/// The marker type of the sandboxed libpng. By it an application sets limits for all of them, or puts other code in its place.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use example_libpng::{Image, Library, PixelFormat, Png};
/// use sandbox::{Limits, SandboxModule};
///
/// SandboxModule::<Library>::get()?.with_limits(Limits::new().deadline(Duration::from_secs(1))).make_default();
/// let image = Image::new(1, 1, PixelFormat::Gray8, vec![7]).unwrap();
/// assert!(Png::new()?.encode(&image).is_ok());
/// # Ok::<(), example_libpng::Error>(())
/// ```
pub use guest::Library;
pub use image::{Image, PixelFormat};
pub use info::{ColorType, Info, Text};
pub use write::EncodeOptions;
