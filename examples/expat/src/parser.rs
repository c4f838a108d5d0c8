//! A parser in a sandbox of its own.

use std::hash::{BuildHasher as _, RandomState};

use sandbox::{Allocation, AppPtr, Sandbox, TaintedPtr, null, rules};

use crate::collector::Collector;
use crate::guest::Library;
use crate::guest::expat::{self, XML_Error, XML_ParserStruct, XML_Status};
use crate::handlers::Handlers;
use crate::{Error, Event, Result};

/// Size of the guest's input buffer in bytes. A document crosses in pieces of at most this size.
const CHUNK: u32 = 64 << 10;

/// As much memory as the guest can have, in bytes.
const MEMORY_LIMIT: u64 = 64 << 20;

/// As much as is shown of expat's messages, in bytes.
const REASON: u32 = 100;

/// Parses a document in one piece.
///
/// `limit` bounds the memory that the events take, in bytes: a few hundred bytes of XML can stand for gigabytes of text.
///
/// # Errors
///
/// As [`Parser::feed`] and [`Parser::finish`].
///
/// # Examples
///
/// ```
/// use example_expat::{Error, parse};
///
/// assert_eq!(parse(b"<a><b/></a>", 1 << 20)?.len(), 4);
/// assert!(matches!(parse(b"<a><b/></a>", 100), Err(Error::TooLarge { limit: 100 })));
/// # Ok::<(), Error>(())
/// ```
pub fn parse(document: &[u8], limit: usize) -> Result<Vec<Event>> {
    let mut parser = Parser::new(limit)?;
    let mut events = parser.feed(document)?;
    events.extend(parser.finish()?);
    Ok(events)
}

/// A document that is being parsed, in a sandbox of its own.
///
/// # Trust
///
/// A document that takes expat over decides which events come; it reaches nothing else. Even then events are well-formed: each string is
/// UTF-8, ends fit starts, and they take no more than the limit. There is no limit to the time that a document takes.
///
/// # Examples
///
/// ```
/// use std::io::Read;
/// use example_expat::{Event, Parser};
///
/// fn count_elements(mut document: impl Read) -> Result<usize, Box<dyn std::error::Error>> {
///     let (mut parser, mut buffer, mut count) = (Parser::new(1 << 30)?, [0; 4096], 0);
///     loop {
///         let read = document.read(&mut buffer)?;
///         if read == 0 {
///             parser.finish()?;
///             return Ok(count);
///         }
///         count += parser.feed(&buffer[..read])?.iter().filter(|event| matches!(event, Event::Start { .. })).count();
///     }
/// }
/// assert_eq!(count_elements(&b"<a><b/></a>"[..]).unwrap(), 2);
/// ```
#[derive(Debug)]
pub struct Parser {
    sandbox: Sandbox<Library>,
    parser: TaintedPtr<XML_ParserStruct, Library>,
    input: Allocation<u8, Library>,
    collector: AppPtr<Collector, Library>,
    /// Registered as long as this is here.
    handlers: Handlers,
}

impl Parser {
    /// Makes a parser for one document, whose events may take `limit` bytes of memory in all.
    ///
    /// # Errors
    ///
    /// [`Error::Sandbox`] if the compiled library does not fit this machine or process.
    ///
    /// # Examples
    ///
    /// ```
    /// let parser = example_expat::Parser::new(1 << 20)?;
    /// # Ok::<(), example_expat::Error>(())
    /// ```
    pub fn new(limit: usize) -> Result<Self> {
        let mut sandbox = Sandbox::builder().memory_limit(MEMORY_LIMIT).build()?;
        let parser = expat::XML_ParserCreate(&mut sandbox, null())?;
        if parser.is_null() {
            return Err(Error::OutOfMemory);
        }
        let input = sandbox.alloc(CHUNK)?;
        let collector = sandbox.register_app(Collector::new(limit))?;
        let handlers = Handlers::register(&mut sandbox)?;
        let mut parser = Self { sandbox, parser, input, collector, handlers };
        parser.prepare()?;
        Ok(parser)
    }

    fn prepare(&mut self) -> Result<()> {
        let (sb, parser) = (&mut self.sandbox, self.parser);
        self.handlers.set(sb, parser)?;
        expat::XML_SetUserData(sb, parser, &self.collector)?;
        // The guest has no randomness of its own, and without it its hash tables are easily flooded.
        expat::XML_SetHashSalt(sb, parser, salt())?;
        Ok(())
    }

    /// Parses the next piece of the document, of any length, and returns the events that are complete.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`], [`Error::TooLarge`], [`Error::OutOfMemory`] for what the document is; [`Error::Lied`] and [`Error::Sandbox`] if
    /// it has taken expat over. The parser is then of no use any more.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut parser = example_expat::Parser::new(1 << 20)?;
    /// assert_eq!(parser.feed(b"<a>some te")?.len(), 1);
    /// assert_eq!(parser.feed(b"xt</a>")?.len(), 2);
    /// # Ok::<(), example_expat::Error>(())
    /// ```
    pub fn feed(&mut self, document: &[u8]) -> Result<Vec<Event>> {
        for chunk in document.chunks(CHUNK as usize) {
            self.sandbox.write_bytes(self.input.as_ptr(), chunk)?;
            self.parse(chunk.len(), false)?;
        }
        Ok(self.sandbox.app_mut::<Collector>(self.collector.as_ptr())?.take())
    }

    /// Ends the document, and returns what is left of its events.
    ///
    /// # Errors
    ///
    /// As [`feed`](Self::feed).
    ///
    /// # Examples
    ///
    /// ```
    /// use example_expat::{Error, Parser};
    ///
    /// let mut parser = Parser::new(1 << 20)?;
    /// parser.feed(b"<a>some text")?;
    /// assert!(matches!(parser.finish(), Err(Error::Malformed { line: 1, .. })));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn finish(mut self) -> Result<Vec<Event>> {
        self.parse(0, true)?;
        self.sandbox.take_app(self.collector)?.finish()
    }

    /// Parses the first bytes of the input buffer.
    fn parse(&mut self, length: usize, last: bool) -> Result<()> {
        let length = i32::try_from(length).map_err(|_| Error::OutOfMemory)?;
        let status = expat::XML_Parse(&mut self.sandbox, self.parser, self.input.as_ptr().cast(), length, i32::from(last))?;
        match status.verify_with(rules::known())? {
            XML_Status::XML_STATUS_OK => Ok(()),
            XML_Status::XML_STATUS_ERROR => Err(self.explain()?),
            _ => Err(Error::Lied { what: "a pause that nobody asked for" }),
        }
    }

    /// Asks expat what it does not like.
    fn explain(&mut self) -> Result<Error> {
        let (sb, parser) = (&mut self.sandbox, self.parser);
        let code = expat::XML_GetErrorCode(sb, parser)?.verify_with(rules::known())?;
        if code == XML_Error::XML_ERROR_NO_MEMORY {
            return Ok(Error::OutOfMemory);
        }
        let message = expat::XML_ErrorString(sb, code)?;
        let reason =
            sb.read_c_str(message, REASON)?.verify(|reason| Ok::<_, Error>(reason.to_string_lossy().escape_debug().to_string()))?;
        let line = expat::XML_GetCurrentLineNumber(sb, parser)?.unverified_because("only shown");
        let column = expat::XML_GetCurrentColumnNumber(sb, parser)?.unverified_because("only shown");
        Ok(Error::Malformed { line, column, reason })
    }
}

/// A number that an attacker cannot know, and not 0, which would mean none.
fn salt() -> u32 {
    let [a, b, c, _, ..] = RandomState::new().hash_one(0).to_ne_bytes();
    u32::from_ne_bytes([a, b, c, 1])
}

#[cfg(test)]
mod attacks;
