//! What is open: files and directories, in memory or of the host's.

use std::sync::Arc;

use super::super::wasi::Errno;
use super::directory::Entry;
use super::host::{HostFile, OpenFolder};
use super::status::{Kind, Status};
use super::tree::{Content, Found, Index, Tree, checked};

/// A file that is read.
pub(in crate::imports) struct OpenFile {
    content: FileContent,
    pub(super) position: u64,
}

enum FileContent {
    Memory {
        bytes: Arc<[u8]>,
        /// Which one it is. The standard input is none of the tree's.
        index: Option<Index>,
    },
    Host(HostFile),
}

impl OpenFile {
    pub(super) fn in_memory(bytes: Arc<[u8]>, index: Option<Index>) -> Self {
        Self { content: FileContent::Memory { bytes, index }, position: 0 }
    }

    pub(super) fn of_host(file: HostFile) -> Self {
        Self { content: FileContent::Host(file), position: 0 }
    }

    pub(super) fn is_of_host(&self) -> bool {
        matches!(self.content, FileContent::Host(_))
    }

    pub(super) fn status(&self) -> Result<Status, Errno> {
        match &self.content {
            FileContent::Memory { bytes, index } => Ok(Status::of(Kind::File, *index, u64::try_from(bytes.len()).unwrap_or(u64::MAX))),
            FileContent::Host(file) => file.status(),
        }
    }

    /// Copies what is in the file from there on, as far as there is place for it, and returns how many bytes these are: none behind the end.
    pub(super) fn read_at(&self, place: &mut [u8], position: u64) -> Result<usize, Errno> {
        match &self.content {
            FileContent::Memory { bytes, .. } => {
                let rest = usize::try_from(position).ok().and_then(|start| bytes.get(start..)).unwrap_or_default();
                place.iter_mut().zip(rest).for_each(|(place, byte)| *place = *byte);
                Ok(place.len().min(rest.len()))
            }
            FileContent::Host(file) => file.read_at(place, position),
        }
    }
}

/// Without what is in the file.
impl std::fmt::Debug for OpenFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "OpenFile(at {} of {:?})", self.position, self.status())
    }
}

/// A directory that paths lead on from, and that is listed.
#[derive(Debug)]
pub(in crate::imports) enum OpenDirectory {
    /// One of the tree in memory.
    Node(Index),
    Host(OpenFolder),
}

impl OpenDirectory {
    /// Finds what a path of the guest's leads to. It never leads out of the directory.
    pub(super) fn find<'a>(&'a self, tree: &'a Tree, path: &'a [u8]) -> Result<Found<'a>, Errno> {
        match self {
            Self::Node(index) => tree.find(*index, path),
            Self::Host(open) => Ok(Found::Host(open.folder(), checked(path)?)),
        }
    }

    pub(super) fn status(&self) -> Result<Status, Errno> {
        match self {
            Self::Node(index) => Ok(Status::of(Kind::Directory, Some(*index), 0)),
            Self::Host(open) => open.folder().status(),
        }
    }

    /// Returns the entry at a place in the list, which begins with the directory itself and the one above. How many entries may be looked at for it is counted down.
    pub(super) fn entry<'a>(&'a mut self, tree: &'a Tree, place: u64, looks: &mut u32) -> Result<Option<Entry<'a>>, Errno> {
        match self {
            Self::Node(index) => entry_of_node(tree, *index, place),
            Self::Host(open) => open.entry(place, looks),
        }
    }
}

fn entry_of_node(tree: &Tree, directory: Index, place: u64) -> Result<Option<Entry<'_>>, Errno> {
    let node = tree.get(directory).ok_or(Errno::NOENT)?;
    let Content::Directory(content) = &node.content else { return Ok(None) };
    let named = match place {
        0 => Some((directory, ".")),
        1 => Some((node.parent, "..")),
        _ => place
            .checked_sub(2)
            .and_then(|place| content.entries.get(usize::try_from(place).ok()?))
            .and_then(|index| Some((*index, &*tree.get(*index)?.name))),
    };
    let Some((index, name)) = named else { return Ok(None) };
    let Status { kind, inode, .. } = Status::of_node(tree, index)?;
    Ok(Some(Entry { name, kind, inode }))
}
