//! The guest's descriptors.

use std::sync::Arc;

use super::super::streams::{Output, Which};
use super::super::wasi::Errno;
use super::tree::{Index, ROOT};
use crate::capabilities::Capabilities;

/// The first descriptor behind the three streams: the root's, where wasi-libc looks for directories that it was given.
const FIRST: usize = 3;
/// As many descriptors as a guest has at once.
const OPEN_MAX: usize = 128;

/// What a descriptor stands for.
#[derive(Debug)]
pub(in crate::imports) enum Descriptor {
    Output(Which),
    File(OpenFile),
    Directory {
        directory: Index,
        /// Whether the guest was made with it.
        given: bool,
    },
}

/// A file that is read.
pub(in crate::imports) struct OpenFile {
    pub(super) bytes: Arc<[u8]>,
    /// Which one it is. The standard input is none of the tree's.
    pub(super) index: Option<Index>,
    pub(super) position: u64,
}

impl OpenFile {
    pub(super) fn size(&self) -> u64 {
        u64::try_from(self.bytes.len()).unwrap_or(u64::MAX)
    }
}

impl std::fmt::Debug for OpenFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "OpenFile({:?}, {} of {} bytes)", self.index, self.position, self.bytes.len())
    }
}

/// The descriptors that are open, by number.
#[derive(Debug)]
pub(in crate::imports) struct Descriptors(Vec<Option<Descriptor>>);

impl Descriptors {
    /// Those that a guest begins with.
    pub(in crate::imports) fn new(capabilities: &Capabilities) -> Self {
        let output = |output, which| (output != Output::Deny).then_some(Descriptor::Output(which));
        let stdin = capabilities.stdin.as_ref().map(|bytes| OpenFile { bytes: Arc::clone(bytes), index: None, position: 0 });
        let root = capabilities.files.is_some().then_some(Descriptor::Directory { directory: ROOT, given: true });
        Self(vec![
            stdin.map(Descriptor::File),
            output(capabilities.stdout, Which::Stdout),
            output(capabilities.stderr, Which::Stderr),
            root,
        ])
    }

    pub(in crate::imports) fn get(&self, fd: u32) -> Result<&Descriptor, Errno> {
        let fd = usize::try_from(fd).map_err(|_| Errno::BADF)?;
        self.0.get(fd).and_then(Option::as_ref).ok_or(Errno::BADF)
    }

    fn get_mut(&mut self, fd: u32) -> Result<&mut Descriptor, Errno> {
        let fd = usize::try_from(fd).map_err(|_| Errno::BADF)?;
        self.0.get_mut(fd).and_then(Option::as_mut).ok_or(Errno::BADF)
    }

    /// A file that can be read from.
    pub(super) fn file(&mut self, fd: u32) -> Result<&mut OpenFile, Errno> {
        match self.get_mut(fd)? {
            Descriptor::File(file) => Ok(file),
            Descriptor::Directory { .. } => Err(Errno::ISDIR),
            Descriptor::Output(_) => Err(Errno::BADF),
        }
    }

    /// A file that has a position.
    pub(super) fn seekable(&mut self, fd: u32) -> Result<&mut OpenFile, Errno> {
        match self.get(fd)? {
            Descriptor::Output(_) => Err(Errno::SPIPE),
            _ => self.file(fd),
        }
    }

    pub(super) fn directory(&self, fd: u32) -> Result<Index, Errno> {
        match self.get(fd)? {
            Descriptor::Directory { directory, .. } => Ok(*directory),
            _ => Err(Errno::NOTDIR),
        }
    }

    /// Gives the lowest free number to it. Those of the three streams are theirs, also when they are not there.
    pub(super) fn open(&mut self, descriptor: Descriptor) -> Result<u32, Errno> {
        let free = self.0.iter().skip(FIRST).position(Option::is_none).map(|place| place.saturating_add(FIRST));
        let place = free.unwrap_or(self.0.len());
        if place >= OPEN_MAX {
            return Err(Errno::MFILE);
        }
        if place == self.0.len() {
            self.0.push(None);
        }
        *self.0.get_mut(place).ok_or(Errno::MFILE)? = Some(descriptor);
        u32::try_from(place).map_err(|_| Errno::MFILE)
    }

    /// Tells whether the descriptors are as the guest got them: nothing opened, read or closed.
    pub(in crate::imports) fn are_untouched(&self, capabilities: &Capabilities) -> bool {
        let fresh = Self::new(capabilities);
        let longest = self.0.len().max(fresh.0.len());
        (0..longest).all(|place| {
            let [now, first] = [self, &fresh].map(|descriptors| descriptors.0.get(place).and_then(Option::as_ref));
            match (now, first) {
                (None, None) | (Some(Descriptor::Output(_)), Some(Descriptor::Output(_))) => true,
                (Some(Descriptor::File(now)), Some(Descriptor::File(first))) => now.position == first.position,
                (Some(Descriptor::Directory { given, .. }), Some(Descriptor::Directory { .. })) => *given,
                _ => false,
            }
        })
    }

    pub(super) fn close(&mut self, fd: u32) -> Result<(), Errno> {
        self.get(fd)?;
        if let Some(place) = usize::try_from(fd).ok().and_then(|fd| self.0.get_mut(fd)) {
            *place = None;
        }
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn file() -> Descriptor {
        Descriptor::File(OpenFile { bytes: [].into(), index: None, position: 0 })
    }

    #[test]
    fn without_capabilities_no_descriptor_is_open() {
        let descriptors = Descriptors::new(&Capabilities::default());
        for fd in [0, 1, 2, 3, 4, u32::MAX] {
            assert_eq!(descriptors.get(fd).unwrap_err(), Errno::BADF);
        }
    }

    #[test]
    fn the_lowest_free_number_is_given_up_to_the_limit_and_never_a_streams() {
        let mut descriptors = Descriptors::new(&Capabilities::default());
        for expected in 3..128 {
            assert_eq!(descriptors.open(file()), Ok(expected));
        }
        assert_eq!(descriptors.open(file()), Err(Errno::MFILE));
        descriptors.close(77).unwrap();
        descriptors.close(5).unwrap();
        assert_eq!(descriptors.close(5), Err(Errno::BADF));
        assert_eq!(descriptors.open(file()), Ok(5));
        assert_eq!(descriptors.open(file()), Ok(77));
        assert_eq!(descriptors.open(file()), Err(Errno::MFILE));
        assert_eq!(descriptors.get(0).unwrap_err(), Errno::BADF);
    }
}
