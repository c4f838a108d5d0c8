//! Reading files, and where in them.

use super::super::iovec::{self, Piece};
use super::super::wasi::{Answer, Errno, Guest, GuestMemory};
use super::open::OpenFile;
use crate::denied::Wanted;

/// `fd_read(fd, iovs, iovs_len, nread)`
pub(in crate::imports) fn read(mut guest: Guest<'_>, fd: u32, iovecs: u32, count: u32, read: u32) -> Answer {
    if fd == 0 && guest.provided.capabilities.stdin.is_none() {
        guest.provided.denied.note(Wanted::Stdin);
    }
    let file = guest.provided.descriptors.file(fd)?;
    let pieces = iovec::list(&guest.memory, iovecs, count)?;
    guest.memory.place(read, 4)?;
    let copied = copy(&mut guest.memory, &pieces, file, file.position)?;
    file.position = file.position.saturating_add(copied.into());
    guest.memory.put(read, copied.to_le_bytes())
}

/// `fd_pread(fd, iovs, iovs_len, offset, nread)`
pub(in crate::imports) fn read_at(mut guest: Guest<'_>, fd: u32, iovecs: u32, count: u32, offset: u64, read: u32) -> Answer {
    let file = guest.provided.descriptors.seekable(fd)?;
    let pieces = iovec::list(&guest.memory, iovecs, count)?;
    guest.memory.place(read, 4)?;
    let copied = copy(&mut guest.memory, &pieces, file, offset)?;
    guest.memory.put(read, copied.to_le_bytes())
}

/// Copies what is in the file from there on, as far as there are pieces for it, and returns how many bytes these are.
///
/// An error after the first bytes is for the next read to tell.
fn copy(memory: &mut GuestMemory<'_>, pieces: &[Piece], file: &OpenFile, position: u64) -> Result<u32, Errno> {
    let mut copied = 0_u32;
    for piece in pieces {
        let place = memory.room(piece.start, piece.length)?;
        let count = match file.read_at(place, position.saturating_add(copied.into())) {
            Err(error) if copied == 0 => return Err(error),
            Err(_) => break,
            Ok(count) => u32::try_from(count).map_err(|_| Errno::OVERFLOW)?,
        };
        memory.spend(count.into())?;
        copied = copied.saturating_add(count);
        if count < piece.length {
            break;
        }
    }
    Ok(copied)
}

/// `fd_seek(fd, offset, whence, newoffset)`
pub(in crate::imports) fn seek(mut guest: Guest<'_>, fd: u32, offset: u64, whence: u32, place: u32) -> Answer {
    let file = guest.provided.descriptors.seekable(fd)?;
    let position = target(file.position, file.status()?.size, offset.cast_signed(), whence)?;
    guest.memory.put(place, position.to_le_bytes())?;
    file.position = position;
    Ok(())
}

/// Where a seek leads to. Behind the end of the file is fine, but no further than a signed number says.
fn target(position: u64, size: u64, offset: i64, whence: u32) -> Result<u64, Errno> {
    let from = match whence {
        0 => 0,
        1 => position,
        2 => size,
        _ => return Err(Errno::INVAL),
    };
    match from.checked_add_signed(offset) {
        Some(target) if i64::try_from(target).is_ok() => Ok(target),
        None if offset < 0 => Err(Errno::INVAL),
        _ => Err(Errno::OVERFLOW),
    }
}

/// `fd_tell(fd, offset)`
pub(in crate::imports) fn tell(mut guest: Guest<'_>, fd: u32, place: u32) -> Answer {
    let position = guest.provided.descriptors.seekable(fd)?.position;
    guest.memory.put(place, position.to_le_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seek_leads_to_a_place_or_is_an_error() {
        let most = i64::MAX.cast_unsigned();
        let cases = [
            ((10, 100, 7, 0), Ok(7)),
            ((10, 100, -7, 1), Ok(3)),
            ((10, 100, -7, 2), Ok(93)),
            ((10, 100, 1000, 2), Ok(1100)),
            ((10, 100, i64::MAX, 0), Ok(most)),
            ((10, 100, -1, 0), Err(Errno::INVAL)),
            ((10, 100, -11, 1), Err(Errno::INVAL)),
            ((10, 100, i64::MIN, 2), Err(Errno::INVAL)),
            ((10, 100, i64::MAX, 1), Err(Errno::OVERFLOW)),
            ((most, 100, 1, 1), Err(Errno::OVERFLOW)),
            ((most, 100, i64::MAX, 1), Err(Errno::OVERFLOW)),
            ((10, 100, 0, 3), Err(Errno::INVAL)),
            ((10, 100, 0, u32::MAX), Err(Errno::INVAL)),
        ];
        for ((position, size, offset, whence), expected) in cases {
            assert_eq!(target(position, size, offset, whence), expected, "{position} {size} {offset} {whence}");
        }
    }
}
