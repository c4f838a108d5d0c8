//! Folders of the host's and what is in them. That paths stay below them is cap-std's work, and the operating system's.

use std::io;
use std::path::Path;
use std::sync::Arc;

use cap_fs_ext::{FollowSymlinks, OpenOptionsFollowExt, OpenOptionsMaybeDirExt, OpenOptionsSyncExt};
use cap_std::ambient_authority;
use cap_std::fs::{Dir, File, FileExt, FileType, Metadata, OpenOptions};

use super::super::super::wasi::Errno;
use super::super::directory::Entry;
use super::super::status::{Kind, Status};
use super::listing::Listing;

/// A folder. What is in it can change at any time.
#[derive(Clone)]
pub(crate) struct Folder(Arc<Dir>);

/// A file that a guest reads.
#[derive(Debug)]
pub(in super::super) struct HostFile(File);

/// A folder that a guest has opened.
pub(in crate::imports) struct OpenFolder {
    folder: Folder,
    /// Since it was listed first.
    listing: Option<Listing>,
}

/// What a path leads to.
pub(in super::super) enum Opened {
    File(HostFile),
    Folder(OpenFolder),
}

impl Folder {
    /// Opens a folder of the host's by any path: that is the host's to choose.
    pub(crate) fn at(path: &Path) -> io::Result<Self> {
        Ok(Self(Arc::new(Dir::open_ambient_dir(path, ambient_authority())?)))
    }

    /// Opens a file or a directory. Anything else is refused: it could block, and a device could do anything.
    pub(in super::super) fn open(&self, path: &str, follow: bool) -> Result<Opened, Errno> {
        // Before it is opened, since that alone can do something to a device.
        require_plain(kind(self.metadata(path, follow)?.file_type()))?;
        let links = if follow { FollowSymlinks::Yes } else { FollowSymlinks::No };
        let file = self.0.open_with(below(path)?, OpenOptions::new().read(true).nonblock(true).maybe_dir(true).follow(links))?;
        // And after, since it may be another one by now.
        Ok(match require_plain(kind(file.metadata()?.file_type()))? {
            Kind::Directory => {
                let folder = Self(Arc::new(Dir::from_std_file(file.into_std())));
                Opened::Folder(OpenFolder { folder, listing: None })
            }
            _ => Opened::File(HostFile(file)),
        })
    }

    pub(in super::super) fn status(&self) -> Result<Status, Errno> {
        Ok(status(&self.0.dir_metadata()?))
    }

    pub(in super::super) fn status_of(&self, path: &str, follow: bool) -> Result<Status, Errno> {
        Ok(status(&self.metadata(path, follow)?))
    }

    fn metadata(&self, path: &str, follow: bool) -> io::Result<Metadata> {
        if follow { self.0.metadata(below(path)?) } else { self.0.symlink_metadata(below(path)?) }
    }

    pub(super) fn listing(&self) -> io::Result<Listing> {
        Ok(Listing::new(self.0.entries()?))
    }
}

/// Begins a path with the folder, which it then is if it is empty.
///
/// And without that cap-primitives 4.0.3 asks about a file in the folder itself in another way, which panics if its time is the earliest of all.
///
/// On Windows a part of a path such as `D:` names another drive to whoever looks at that part alone, and `file:stream` another content: no name has such a letter.
fn below(path: &str) -> io::Result<String> {
    if cfg!(windows) && path.contains([':', '\\']) {
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    Ok(format!("./{path}"))
}

/// Tells files and directories from what no guest gets.
fn require_plain(kind: Kind) -> Result<Kind, Errno> {
    match kind {
        Kind::File | Kind::Directory => Ok(kind),
        Kind::Link => Err(Errno::LOOP),
        Kind::Other => Err(Errno::NOTCAPABLE),
    }
}

pub(super) fn kind(of: FileType) -> Kind {
    if of.is_file() {
        Kind::File
    } else if of.is_dir() {
        Kind::Directory
    } else if of.is_symlink() {
        Kind::Link
    } else {
        Kind::Other
    }
}

fn status(metadata: &Metadata) -> Status {
    let kind = kind(metadata.file_type());
    let size = if kind == Kind::File { metadata.len() } else { 0 };
    let (device, inode) = identity(metadata);
    Status { kind, device, inode, size }
}

#[cfg(unix)]
fn identity(metadata: &Metadata) -> (u64, u64) {
    use cap_std::fs::MetadataExt;
    (metadata.dev(), metadata.ino())
}

/// Elsewhere there are such numbers only of some files, and there is no other way to tell than a panic.
#[cfg(not(unix))]
fn identity(_metadata: &Metadata) -> (u64, u64) {
    (2, 0)
}

impl HostFile {
    pub(in super::super) fn status(&self) -> Result<Status, Errno> {
        Ok(status(&self.0.metadata()?))
    }

    /// Reads what is there now: less than there is place for, or nothing, if it is no longer what it was.
    pub(in super::super) fn read_at(&self, place: &mut [u8], position: u64) -> Result<usize, Errno> {
        // No file goes on behind that, and some systems take an attempt for an error.
        let most = usize::try_from(i64::MAX.cast_unsigned().saturating_sub(position)).unwrap_or(usize::MAX).min(place.len());
        let place = place.get_mut(..most).unwrap_or_default();
        if place.is_empty() {
            return Ok(0);
        }
        #[cfg(not(windows))]
        let read = self.0.read_at(place, position);
        #[cfg(windows)]
        let read = self.0.seek_read(place, position);
        Ok(read?)
    }
}

impl OpenFolder {
    pub(in super::super) fn folder(&self) -> &Folder {
        &self.folder
    }

    /// Returns the entry at a place in the list, which begins with the folder itself and the one above, which is not told. How many entries may be looked at for it
    /// is counted down.
    pub(in super::super) fn entry(&mut self, place: u64, looks: &mut u32) -> Result<Option<Entry<'_>>, Errno> {
        let Some(place) = place.checked_sub(2) else {
            let Status { kind, inode, .. } = self.folder.status()?;
            return Ok(Some(Entry { name: if place == 0 { "." } else { ".." }, kind, inode }));
        };
        if !self.listing.as_ref().is_some_and(|listing| listing.leads_to(place)) {
            self.listing = Some(self.folder.listing()?);
        }
        self.listing.as_mut().map_or(Ok(None), |listing| listing.entry(place, looks))
    }
}

/// Without what is in it, or where it lies.
impl std::fmt::Debug for OpenFolder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OpenFolder")
    }
}
