//! Directories: the root that a guest is given, and lists of what is in one.

use super::super::wasi::{Answer, Errno, Guest, OF_LOOK};
use super::descriptors::Descriptor;
use super::status::{Kind, encode};

/// The root's name.
const ROOT_NAME: &[u8] = b"/";

/// As many entries of a host's directory as are looked at in one call, those that are passed over included: more is `EOVERFLOW`.
const LOOKS_MAX: u32 = 1 << 16;

fn require_given(guest: &Guest<'_>, fd: u32) -> Answer {
    match guest.provided.descriptors.get(fd)? {
        Descriptor::Directory { given: true, .. } => Ok(()),
        _ => Err(Errno::BADF),
    }
}

/// `fd_prestat_get(fd, prestat)`: a tag, 0 for a directory, and the length of its name.
pub(in crate::imports) fn root(mut guest: Guest<'_>, fd: u32, place: u32) -> Answer {
    require_given(&guest, fd)?;
    let length = u32::try_from(ROOT_NAME.len()).map_err(|_| Errno::OVERFLOW)?;
    guest.memory.put(place, encode::<8>(&[(4, &length.to_le_bytes())]))
}

/// `fd_prestat_dir_name(fd, name, name_len)`
pub(in crate::imports) fn root_name(mut guest: Guest<'_>, fd: u32, place: u32, room: u32) -> Answer {
    require_given(&guest, fd)?;
    let length = u32::try_from(ROOT_NAME.len()).map_err(|_| Errno::OVERFLOW)?;
    if room < length {
        return Err(Errno::NAMETOOLONG);
    }
    guest.memory.place(place, length)?.copy_from_slice(ROOT_NAME);
    Ok(())
}

/// An entry of a directory.
pub(super) struct Entry<'a> {
    pub(super) name: &'a str,
    pub(super) kind: Kind,
    pub(super) inode: u64,
}

/// `fd_readdir(fd, bytes, room, cookie, used)`: entries from the cookie on, of which the last may be cut. A list that does not fill the room is at its end.
pub(in crate::imports) fn list(mut guest: Guest<'_>, fd: u32, place: u32, room: u32, cookie: u64, used_place: u32) -> Answer {
    let directory = guest.provided.descriptors.listed(fd)?;
    let tree = guest.provided.capabilities.files.as_ref().ok_or(Errno::BADF)?;
    guest.memory.place(used_place, 4)?;
    let mut rest = guest.memory.room(place, room)?;
    let mut cookie = cookie;
    let mut looks = LOOKS_MAX;
    // Each turn writes a byte at least.
    while !rest.is_empty()
        && let Some(Entry { name, kind, inode }) = directory.entry(tree, cookie, &mut looks)?
    {
        cookie = cookie.saturating_add(1);
        let length = u32::try_from(name.len()).map_err(|_| Errno::OVERFLOW)?;
        let parts: [(usize, &[u8]); 4] =
            [(0, &cookie.to_le_bytes()), (8, &inode.to_le_bytes()), (16, &length.to_le_bytes()), (20, &[kind.code()])];
        rest = fill(rest, &encode::<24>(&parts));
        rest = fill(rest, name.as_bytes());
    }
    let left = u32::try_from(rest.len()).map_err(|_| Errno::OVERFLOW)?;
    let used = room.saturating_sub(left);
    guest.memory.spend(OF_LOOK.saturating_mul(LOOKS_MAX.saturating_sub(looks).into()).saturating_add(used.into()))?;
    guest.memory.put(used_place, used.to_le_bytes())
}

/// Copies as much as there is room for, and returns what room is left.
fn fill<'a>(room: &'a mut [u8], bytes: &[u8]) -> &'a mut [u8] {
    let count = room.len().min(bytes.len());
    match room.split_at_mut_checked(count) {
        Some((place, rest)) => {
            place.iter_mut().zip(bytes).for_each(|(place, byte)| *place = *byte);
            rest
        }
        None => &mut [],
    }
}
