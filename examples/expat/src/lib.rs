//! expat in a sandbox: XML that nobody trusts, parsed by C code that can harm nobody.
//!
//! The C code is expat 2.1 itself, an old version with known holes, compiled to WebAssembly by `build.rs`. It has 64 MiB of memory and access to
//! nothing. For each thing that it finds in a document it calls back one of five closures, which read the strings, verify them and add an
//! event to a list of the host. The list is behind an app pointer: expat carries a token for it around, C's `void *user_data`.
//!
//! ```sh
//! cargo run --release -p example-expat -- FILE.xml
//! cargo test --test expat
//! ```
//!
//! # Examples
//!
//! ```
//! use example_expat::{Event, parse};
//!
//! let events = parse(b"<ship name='Nostromo'>7<!-- and a cat --></ship>", 1 << 20)?;
//! assert_eq!(events[0], Event::Start { name: "ship".into(), attributes: vec![("name".into(), "Nostromo".into())] });
//! assert_eq!(events[1], Event::Text("7".into()));
//! assert_eq!(events[2], Event::Comment(" and a cat ".into()));
//! assert_eq!(events[3], Event::End { name: "ship".into() });
//! # Ok::<(), example_expat::Error>(())
//! ```
//!
//! A document of any size, in pieces, with [`Parser`]:
//!
//! ```
//! use example_expat::Parser;
//!
//! let mut parser = Parser::new(1 << 20)?;
//! for piece in [b"<a><b", b"/></a", b">    "] {
//!     for event in parser.feed(piece)? {
//!         println!("{event:?}");
//!     }
//! }
//! assert_eq!(parser.finish()?, []);
//! # Ok::<(), example_expat::Error>(())
//! ```

mod collector;
mod error;
mod event;
mod guest;
mod handlers;
mod parser;

pub use crate::error::{Error, Result};
pub use crate::event::Event;
pub use crate::parser::{Parser, parse};
