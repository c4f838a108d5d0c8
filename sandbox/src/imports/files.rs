//! Files that lie in the host's memory or in folders of the host's, for reading only: a directory `/` that the guest was given, as wasi-libc looks for it.

mod descriptors;
mod directory;
mod host;
mod open;
mod read;
mod status;
mod tree;

use std::sync::Arc;

pub(super) use self::descriptors::{Descriptor, Descriptors};
pub(super) use self::directory::{list, root, root_name};
#[cfg(feature = "host-folder")]
pub(crate) use self::host::Folder;
use self::host::Opened;
use self::open::{OpenDirectory, OpenFile};
pub(super) use self::read::{read, read_at, seek, tell};
use self::status::{follows, rights};
pub(super) use self::status::{status_of_descriptor, status_of_file, status_of_path};
pub(crate) use self::tree::Tree;
use self::tree::{Content, Found};
use super::wasi::{Answer, Errno, Guest};
use crate::denied::Wanted;

/// Flags of `path_open`.
mod flags {
    pub(super) const CREATE: u32 = 1;
    pub(super) const DIRECTORY: u32 = 2;
    pub(super) const EXCLUSIVE: u32 = 4;
    pub(super) const TRUNCATE: u32 = 8;
}

/// Rights that nobody has to a file which only can be read.
const TO_WRITE: u64 = rights::FD_WRITE | rights::FD_ALLOCATE | rights::FD_FILESTAT_SET_SIZE;

/// `path_open(fd, dirflags, path, path_len, oflags, fs_rights_base, fs_rights_inheriting, fdflags, opened_fd)`
#[allow(clippy::too_many_arguments, reason = "as many as WASI has")]
pub(super) fn open(
    mut guest: Guest<'_>,
    fd: u32,
    lookup: u32,
    path: u32,
    length: u32,
    flags: u32,
    rights: u64,
    _inheriting: u64,
    _descriptor_flags: u32,
    place: u32,
) -> Answer {
    let opened = open_path(&mut guest, fd, lookup, (path, length), flags, rights, place);
    noted(&mut guest, opened)
}

/// Notes that a path led to nothing that the guest has, if that is the answer.
fn noted(guest: &mut Guest<'_>, answer: Answer) -> Answer {
    match answer {
        Err(Errno::NOENT | Errno::NOSYS | Errno::NOTCAPABLE) => guest.provided.denied.note(Wanted::File),
        Err(Errno::ROFS) => guest.provided.denied.note(Wanted::Writing),
        _ => {}
    }
    answer
}

fn open_path(guest: &mut Guest<'_>, fd: u32, lookup: u32, path: (u32, u32), flags: u32, rights: u64, place: u32) -> Answer {
    let tree = guest.provided.capabilities.files.as_ref().ok_or(Errno::NOSYS)?;
    let from = guest.provided.descriptors.directory(fd)?;
    let has = |flag: u32| flags & flag != 0;
    let found = from.find(tree, guest.memory.path(path.0, path.1)?);
    let descriptor = match found.and_then(|found| descriptor(tree, found, follows(lookup))) {
        Err(Errno::NOENT) if has(flags::CREATE) => return Err(Errno::ROFS),
        Ok(_) if has(flags::CREATE) && has(flags::EXCLUSIVE) => return Err(Errno::EXIST),
        opened => opened?,
    };
    let writes = has(flags::TRUNCATE) || rights & TO_WRITE != 0;
    match &descriptor {
        Descriptor::Directory { .. } if writes => return Err(Errno::ISDIR),
        Descriptor::Directory { .. } => {}
        _ if has(flags::DIRECTORY) => return Err(Errno::NOTDIR),
        _ if writes => return Err(Errno::ROFS),
        _ => {}
    }
    guest.memory.place(place, 4)?;
    let fd = guest.provided.descriptors.open(descriptor)?;
    guest.memory.put(place, fd.to_le_bytes())
}

/// Opens what was found.
fn descriptor(tree: &Tree, found: Found<'_>, follow: bool) -> Result<Descriptor, Errno> {
    Ok(match found {
        Found::Node(index) => match &tree.get(index).ok_or(Errno::NOENT)?.content {
            Content::File(bytes) => Descriptor::File(OpenFile::in_memory(Arc::clone(bytes), Some(index))),
            _ => Descriptor::Directory { directory: OpenDirectory::Node(index), given: false },
        },
        Found::Host(folder, path) => match folder.open(path, follow)? {
            Opened::File(file) => Descriptor::File(OpenFile::of_host(file)),
            Opened::Folder(folder) => Descriptor::Directory { directory: OpenDirectory::Host(folder), given: false },
        },
    })
}

/// `fd_close(fd)`
pub(super) fn close(guest: Guest<'_>, fd: u32) -> Answer {
    guest.provided.descriptors.close(fd)
}
