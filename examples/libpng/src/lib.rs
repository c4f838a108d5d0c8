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
/// The C library, for a [`SandboxModule`](sandbox::SandboxModule) of other limits or other code: all that this crate does then runs there.
///
/// ```
/// use sandbox::{Limits, SandboxModule};
///
/// let patient = Limits::new().deadline(std::time::Duration::from_secs(10));
/// SandboxModule::<example_libpng::Library>::get()?.with_limits(patient).make_default();
/// # Ok::<(), sandbox::Error>(())
/// ```
pub use guest::png::Library;
pub use image::{Image, PixelFormat};
pub use info::{ColorType, Info, Text};
pub use write::EncodeOptions;
