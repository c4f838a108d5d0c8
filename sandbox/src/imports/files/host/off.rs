//! What there is of host folders without the feature `host-folder`: nothing.

use super::super::super::wasi::Errno;
use super::super::directory::Entry;
use super::super::status::Status;

/// No folder.
#[derive(Clone, Debug)]
pub(crate) enum Folder {}

/// No file.
#[derive(Debug)]
pub(in super::super) enum HostFile {}

/// No folder that a guest has opened.
#[derive(Debug)]
pub(in crate::imports) enum OpenFolder {}

/// Nothing that a path leads to.
#[allow(dead_code, reason = "none is made")]
pub(in super::super) enum Opened {
    File(HostFile),
    Folder(OpenFolder),
}

impl Folder {
    pub(in super::super) fn open(&self, _path: &str, _follow: bool) -> Result<Opened, Errno> {
        match *self {}
    }

    pub(in super::super) fn status(&self) -> Result<Status, Errno> {
        match *self {}
    }

    pub(in super::super) fn status_of(&self, _path: &str, _follow: bool) -> Result<Status, Errno> {
        match *self {}
    }
}

impl HostFile {
    pub(in super::super) fn status(&self) -> Result<Status, Errno> {
        match *self {}
    }

    pub(in super::super) fn read_at(&self, _place: &mut [u8], _position: u64) -> Result<usize, Errno> {
        match *self {}
    }
}

impl OpenFolder {
    pub(in super::super) fn folder(&self) -> &Folder {
        match *self {}
    }

    pub(in super::super) fn entry(&mut self, _place: u64, _looks: &mut u32) -> Result<Option<Entry<'_>>, Errno> {
        match *self {}
    }
}
