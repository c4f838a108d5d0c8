//! The list of events, behind an app pointer, and the checks of what goes into it.

use std::mem::{size_of, take};

use sandbox::{MemoryError, Tainted, TaintedPtr, rules};

use crate::guest::{CStr, Guest, Library};
use crate::{Error, Event, Result};

/// What the callbacks fill.
#[derive(Debug)]
pub(crate) struct Collector {
    events: Vec<Event>,
    /// The names of the elements that are open, the innermost last.
    open: Vec<String>,
    /// How many bytes the events of the document may take, and how many of them are left.
    limit: usize,
    left: usize,
}

impl Collector {
    pub(crate) fn new(limit: usize) -> Self {
        Self { events: Vec::new(), open: Vec::new(), limit, left: limit }
    }

    /// Takes the events that are complete: text at the end may go on.
    pub(crate) fn take(&mut self) -> Vec<Event> {
        let unfinished = self.events.pop_if(|event| matches!(event, Event::Text(_)));
        let events = take(&mut self.events);
        self.events.extend(unfinished);
        events
    }

    /// Returns the rest of the events, once the document has ended.
    pub(crate) fn finish(self) -> Result<Vec<Event>> {
        if self.open.is_empty() { Ok(self.events) } else { Err(Error::Lied { what: "the end of a document with an element open" }) }
    }

    pub(crate) fn start(&mut self, sb: &Guest<'_>, name: CStr, mut attribute: TaintedPtr<CStr, Library>) -> Result<()> {
        let name = self.string(sb, name)?;
        self.spend(name.len())?;
        let mut attributes = Vec::new();
        // Names and values by turns, up to a null pointer; the limit ends a list without one.
        loop {
            let key = sb.read(attribute)?;
            if key.is_null() {
                break;
            }
            let value = sb.read(attribute.add(1))?;
            self.spend(size_of::<(String, String)>())?;
            attributes.push((self.string(sb, key)?, self.string(sb, value)?));
            attribute = attribute.add(2);
        }
        self.open.push(name.clone());
        self.add(Event::Start { name, attributes })
    }

    pub(crate) fn end(&mut self, sb: &Guest<'_>, name: CStr) -> Result<()> {
        let name = self.string(sb, name)?;
        if self.open.pop().as_ref() != Some(&name) {
            return Err(Error::Lied { what: "the end of an element that is not open" });
        }
        self.add(Event::End { name })
    }

    pub(crate) fn text(&mut self, sb: &Guest<'_>, text: CStr, length: Tainted<i32, Library>) -> Result<()> {
        let length = length.verify_with(rules::into("a length", |length| u32::try_from(length).ok()))?;
        self.spend(usize::try_from(length).unwrap_or(usize::MAX))?;
        let text = sb.copy_out(text.cast(), length)?.verify(utf8)?;
        match self.events.last_mut() {
            Some(Event::Text(begun)) => {
                begun.push_str(&text);
                Ok(())
            }
            _ => self.add(Event::Text(text)),
        }
    }

    pub(crate) fn comment(&mut self, sb: &Guest<'_>, comment: CStr) -> Result<()> {
        let comment = self.string(sb, comment)?;
        self.add(Event::Comment(comment))
    }

    pub(crate) fn instruction(&mut self, sb: &Guest<'_>, target: CStr, data: CStr) -> Result<()> {
        let (target, data) = (self.string(sb, target)?, self.string(sb, data)?);
        self.add(Event::Instruction { target, data })
    }

    fn add(&mut self, event: Event) -> Result<()> {
        self.spend(size_of::<Event>())?;
        self.events.push(event);
        Ok(())
    }

    /// Reads a C string for as long as the limit allows.
    fn string(&mut self, sb: &Guest<'_>, pointer: CStr) -> Result<String> {
        let string = match sb.read_c_str(pointer, u32::try_from(self.left).unwrap_or(u32::MAX)) {
            Err(sandbox::Error::Memory(MemoryError::NoTerminator { .. })) => return Err(self.too_large()),
            string => string?.verify(|string| utf8(string.into_bytes()))?,
        };
        self.spend(string.len())?;
        Ok(string)
    }

    fn spend(&mut self, bytes: usize) -> Result<()> {
        self.left = self.left.checked_sub(bytes).ok_or_else(|| self.too_large())?;
        Ok(())
    }

    fn too_large(&self) -> Error {
        Error::TooLarge { limit: self.limit }
    }
}

fn utf8(bytes: Vec<u8>) -> Result<String> {
    String::from_utf8(bytes).map_err(|_| Error::Lied { what: "text that is not UTF-8" })
}
