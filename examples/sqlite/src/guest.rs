//! The sandboxed library. Everything in it is untrusted.

use sandbox::TaintedPtr;

use crate::{Error, Result};

sandbox::include_library!(sqlite);

pub(crate) use sqlite::Library;

/// A pointer into the guest.
pub(crate) type Ptr<T> = TaintedPtr<T, Library>;
/// The guest, as a callback has it.
pub(crate) type Guest<'a> = sandbox::SandboxRef<'a, Library>;

/// As much as one row, or the arguments of one call of a function, may take of the host's memory, in bytes.
const LIMIT: u32 = 16 << 20;

/// What is left of [`LIMIT`].
pub(crate) struct Room(u32);

impl Room {
    pub(crate) fn new() -> Self {
        Self(LIMIT)
    }

    /// Reads bytes.
    pub(crate) fn bytes(&mut self, sb: &Guest<'_>, pointer: Ptr<u8>, length: u32) -> Result<Vec<u8>> {
        self.0 = self.0.checked_sub(length).ok_or_else(Self::exceeded)?;
        Ok(sb.copy_out(pointer, length)?.unverified_because("any bytes are a blob; for text they are checked to be UTF-8"))
    }

    fn exceeded() -> Error {
        Error::TooLarge { limit: LIMIT }
    }
}
