//! Directories: the root that a guest is given, and lists of what is in one.

use super::super::wasi::{Answer, Errno, Guest};
use super::descriptors::Descriptor;
use super::status::{encode, kind_and_size};
use super::tree::{Content, Index, Tree};

/// The root's name.
const ROOT_NAME: &[u8] = b"/";

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

/// `fd_readdir(fd, bytes, room, cookie, used)`: entries from the cookie on, of which the last may be cut. A list that does not fill the room is at its end.
pub(in crate::imports) fn list(mut guest: Guest<'_>, fd: u32, place: u32, room: u32, cookie: u64, used_place: u32) -> Answer {
    let directory = guest.provided.descriptors.directory(fd)?;
    let tree = guest.provided.capabilities.files.as_ref().ok_or(Errno::BADF)?;
    guest.memory.place(used_place, 4)?;
    let mut rest = guest.memory.place(place, room)?;
    let mut cookie = cookie;
    // Each turn writes a byte at least.
    while !rest.is_empty()
        && let Some((index, name)) = entry(tree, directory, cookie)
    {
        cookie = cookie.saturating_add(1);
        let (kind, _) = kind_and_size(tree, index)?;
        let length = u32::try_from(name.len()).map_err(|_| Errno::OVERFLOW)?;
        let parts: [(usize, &[u8]); 4] =
            [(0, &cookie.to_le_bytes()), (8, &index.inode().to_le_bytes()), (16, &length.to_le_bytes()), (20, &[kind.code()])];
        rest = fill(rest, &encode::<24>(&parts));
        rest = fill(rest, name.as_bytes());
    }
    let left = u32::try_from(rest.len()).map_err(|_| Errno::OVERFLOW)?;
    guest.memory.put(used_place, room.saturating_sub(left).to_le_bytes())
}

/// The entry at a place in the list, which begins with the directory itself and the one above.
fn entry(tree: &Tree, directory: Index, place: u64) -> Option<(Index, &str)> {
    let node = tree.get(directory)?;
    let Content::Directory(content) = &node.content else { return None };
    match place {
        0 => Some((directory, ".")),
        1 => Some((node.parent, "..")),
        _ => {
            let index = *content.entries.get(usize::try_from(place.checked_sub(2)?).ok()?)?;
            Some((index, &tree.get(index)?.name))
        }
    }
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
