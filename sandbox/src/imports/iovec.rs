//! Lists of pieces of memory, as reads and writes take them (`iovec`, `ciovec`).

use super::wasi::{Errno, GuestMemory};

/// As many pieces as POSIX's `IOV_MAX` allows in one read or write.
const IOV_MAX: u32 = 1024;

/// As many bytes as one read or write moves, so that no list makes the host do more work than that. POSIX allows both to be short.
const TRANSFER_MAX: u32 = 1 << 20;

/// A piece that lies in the guest's memory, and is not empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) start: u32,
    pub(super) length: u32,
}

/// Reads a list, and checks each of its pieces. What is beyond [`TRANSFER_MAX`] bytes in all is left out.
///
/// The list is the host's from then on: a read may write to where it was.
pub(super) fn list(memory: &GuestMemory<'_>, address: u32, count: u32) -> Result<Vec<Piece>, Errno> {
    if count > IOV_MAX {
        return Err(Errno::INVAL);
    }
    let mut pieces = Vec::new();
    let mut room = TRANSFER_MAX;
    for iovec in memory.bytes(address, count.saturating_mul(8))?.chunks_exact(8) {
        let word =
            |at: usize| iovec.get(at..).and_then(|rest| rest.first_chunk::<4>()).copied().map(u32::from_le_bytes).unwrap_or_default();
        let (start, length) = (word(0), word(4));
        if length == 0 {
            continue;
        }
        memory.check(start, length)?;
        let length = length.min(room);
        room = room.saturating_sub(length);
        if length > 0 {
            pieces.push(Piece { start, length });
        }
    }
    Ok(pieces)
}
