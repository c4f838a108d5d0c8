//! The list of what is in a folder, as far as it was read. However many entries there are, one of them is kept.

use cap_std::fs::ReadDir;

use super::super::super::wasi::Errno;
use super::super::directory::Entry;
use super::super::status::Kind;
use super::on::kind;

pub(super) struct Listing {
    entries: ReadDir,
    /// How many were taken out of it.
    taken: u64,
    /// The one that was taken last: a guest asks for it again if it had no room for all of it.
    last: Option<Named>,
}

struct Named {
    name: String,
    kind: Kind,
    inode: u64,
}

impl Listing {
    pub(super) fn new(entries: ReadDir) -> Self {
        Self { entries, taken: 0, last: None }
    }

    /// Tells whether a place in the list is the last one or lies ahead.
    pub(super) fn leads_to(&self, place: u64) -> bool {
        place.saturating_add(1) >= self.taken
    }

    /// Returns the entry at a place that lies ahead, or is the last one.
    pub(super) fn entry(&mut self, place: u64, looks: &mut u32) -> Result<Option<Entry<'_>>, Errno> {
        while self.taken <= place {
            *looks = looks.checked_sub(1).ok_or(Errno::OVERFLOW)?;
            let Some(entry) = self.entries.next().transpose()? else { return Ok(None) };
            // A name that is no text can be in no path, so it is passed over.
            if let Ok(name) = entry.file_name().into_string() {
                self.taken = self.taken.saturating_add(1);
                self.last = Some(Named { name, kind: kind(entry.file_type()?), inode: inode(&entry) });
            }
        }
        Ok(self.last.as_ref().map(|Named { name, kind, inode }| Entry { name, kind: *kind, inode: *inode }))
    }
}

#[cfg(unix)]
fn inode(entry: &cap_std::fs::DirEntry) -> u64 {
    std::os::unix::fs::DirEntryExt::ino(entry)
}

/// As everything of the host's has it there.
#[cfg(not(unix))]
fn inode(_entry: &cap_std::fs::DirEntry) -> u64 {
    0
}
