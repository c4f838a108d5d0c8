//! What a guest learns of a descriptor, a file or a directory.

use super::super::wasi::{Answer, Errno, Guest};
use super::descriptors::Descriptor;
use super::noted;
use super::tree::{Content, Found, Index, Tree};

/// Rights of WASI, as `path_open` asks for them and `fd_fdstat_get` tells them.
pub(super) mod rights {
    pub(in super::super) const FD_READ: u64 = 1 << 1;
    pub(in super::super) const FD_SEEK: u64 = 1 << 2;
    pub(in super::super) const FD_TELL: u64 = 1 << 5;
    pub(in super::super) const FD_WRITE: u64 = 1 << 6;
    pub(in super::super) const FD_ALLOCATE: u64 = 1 << 8;
    pub(in super::super) const PATH_OPEN: u64 = 1 << 13;
    pub(in super::super) const FD_READDIR: u64 = 1 << 14;
    pub(in super::super) const PATH_FILESTAT_GET: u64 = 1 << 18;
    pub(in super::super) const FD_FILESTAT_GET: u64 = 1 << 21;
    pub(in super::super) const FD_FILESTAT_SET_SIZE: u64 = 1 << 22;

    pub(super) const FILE: u64 = FD_READ | FD_SEEK | FD_TELL | FD_FILESTAT_GET;
    pub(super) const DIRECTORY: u64 = PATH_OPEN | FD_READDIR | PATH_FILESTAT_GET | FD_FILESTAT_GET;
    /// What wasi-libc asks for when it opens a file: no more than the directory has. Were writing not among it, a file would be opened for writing without
    /// the right to write, and only the write would fail. So it is, and `path_open` refuses.
    pub(super) const WITHIN: u64 = FILE | DIRECTORY | FD_WRITE;
}

/// What kind of file something is, as WASI counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A stream, or what WASI has no number for.
    Other,
    Directory,
    File,
    /// Only in a folder of the host's.
    #[cfg_attr(not(feature = "host-folder"), allow(dead_code, reason = "there are none"))]
    Link,
}

impl Kind {
    pub(super) fn code(self) -> u8 {
        match self {
            Self::Other => 0,
            Self::Directory => 3,
            Self::File => 4,
            Self::Link => 7,
        }
    }
}

/// What is told of a file or a directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Status {
    pub(super) kind: Kind,
    /// With the inode: the same for the same file alone.
    pub(super) device: u64,
    pub(super) inode: u64,
    pub(super) size: u64,
}

impl Status {
    /// Of what lies in memory, or is a stream.
    pub(super) fn of(kind: Kind, index: Option<Index>, size: u64) -> Self {
        Self { kind, device: 1, inode: index.map_or(0, Index::inode), size }
    }

    pub(super) fn of_node(tree: &Tree, index: Index) -> Result<Self, Errno> {
        Ok(match &tree.get(index).ok_or(Errno::NOENT)?.content {
            Content::File(bytes) => Self::of(Kind::File, Some(index), u64::try_from(bytes.len()).map_err(|_| Errno::OVERFLOW)?),
            Content::Directory(_) | Content::Folder(_) => Self::of(Kind::Directory, Some(index), 0),
        })
    }

    /// A `filestat`. All times are zero.
    fn encode(self) -> [u8; 64] {
        let links = 1_u64;
        encode(&[
            (0, &self.device.to_le_bytes()),
            (8, &self.inode.to_le_bytes()),
            (16, &[self.kind.code()]),
            (24, &links.to_le_bytes()),
            (32, &self.size.to_le_bytes()),
        ])
    }
}

/// Puts parts, each at its offset, into a struct of `N` bytes.
pub(super) fn encode<const N: usize>(parts: &[(usize, &[u8])]) -> [u8; N] {
    let mut bytes = [0; N];
    for (offset, part) in parts {
        bytes.iter_mut().skip(*offset).zip(part.iter()).for_each(|(place, byte)| *place = *byte);
    }
    bytes
}

/// `fd_fdstat_get(fd, fdstat)`
pub(in crate::imports) fn status_of_descriptor(mut guest: Guest<'_>, fd: u32, place: u32) -> Answer {
    let (kind, base, inheriting) = match guest.provided.descriptors.get(fd)? {
        Descriptor::Output(_) => (Kind::Other, rights::FD_WRITE, 0),
        Descriptor::File(_) => (Kind::File, rights::FILE, 0),
        Descriptor::Directory { .. } => (Kind::Directory, rights::DIRECTORY, rights::WITHIN),
    };
    guest.memory.put(place, encode::<24>(&[(0, &[kind.code()]), (8, &base.to_le_bytes()), (16, &inheriting.to_le_bytes())]))
}

/// `fd_filestat_get(fd, filestat)`
pub(in crate::imports) fn status_of_file(mut guest: Guest<'_>, fd: u32, place: u32) -> Answer {
    let status = match guest.provided.descriptors.get(fd)? {
        Descriptor::Output(_) => Status::of(Kind::Other, None, 0),
        Descriptor::File(file) => file.status()?,
        Descriptor::Directory { directory, .. } => directory.status()?,
    };
    guest.memory.put(place, status.encode())
}

/// `path_filestat_get(fd, flags, path, path_len, filestat)`
pub(in crate::imports) fn status_of_path(mut guest: Guest<'_>, fd: u32, lookup: u32, path: u32, length: u32, place: u32) -> Answer {
    let found = find_status(&mut guest, fd, lookup, (path, length), place);
    noted(&mut guest, found)
}

fn find_status(guest: &mut Guest<'_>, fd: u32, lookup: u32, path: (u32, u32), place: u32) -> Answer {
    let tree = guest.provided.capabilities.files.as_ref().ok_or(Errno::NOSYS)?;
    let from = guest.provided.descriptors.directory(fd)?;
    let status = match from.find(tree, guest.memory.path(path.0, path.1)?)? {
        Found::Node(index) => Status::of_node(tree, index)?,
        Found::Host(folder, path) => folder.status_of(path, follows(lookup))?,
    };
    guest.memory.put(place, status.encode())
}

/// Tells whether a look-up follows a link that its path ends with (`SYMLINK_FOLLOW`).
pub(super) fn follows(lookup: u32) -> bool {
    lookup & 1 != 0
}
