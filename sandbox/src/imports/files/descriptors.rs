//! The guest's descriptors.

use std::sync::Arc;

use super::super::streams::{Output, Which};
use super::super::wasi::Errno;
use super::open::{OpenDirectory, OpenFile};
use super::tree::ROOT;
use crate::capabilities::Capabilities;

/// The first descriptor behind the three streams: the root's, where wasi-libc looks for directories that it was given.
const FIRST: usize = 3;
/// As many descriptors as a guest has at once.
const OPEN_MAX: usize = 128;
/// As many files and directories of the host's as a guest has open at once. Each takes a descriptor of the process, of which there are few for all that it
/// does; a directory that is being listed takes two more.
const HOST_OPEN_MAX: usize = 32;

/// What a descriptor stands for.
#[derive(Debug)]
pub(in crate::imports) enum Descriptor {
    Output(Which),
    File(OpenFile),
    Directory {
        directory: OpenDirectory,
        /// Whether the guest was made with it.
        given: bool,
    },
}

impl Descriptor {
    /// Whether it takes a descriptor of the host's.
    fn is_of_host(&self) -> bool {
        match self {
            Self::Output(_) => false,
            Self::File(file) => file.is_of_host(),
            Self::Directory { directory, .. } => matches!(directory, OpenDirectory::Host(_)),
        }
    }
}

/// The descriptors that are open, by number.
#[derive(Debug)]
pub(in crate::imports) struct Descriptors(Vec<Option<Descriptor>>);

impl Descriptors {
    /// Those that a guest begins with.
    pub(in crate::imports) fn new(capabilities: &Capabilities) -> Self {
        let output = |output, which| (output != Output::Deny).then_some(Descriptor::Output(which));
        let stdin = capabilities.stdin.as_ref().map(|bytes| OpenFile::in_memory(Arc::clone(bytes), None));
        let root = capabilities.files.is_some().then_some(Descriptor::Directory { directory: OpenDirectory::Node(ROOT), given: true });
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

    pub(super) fn directory(&self, fd: u32) -> Result<&OpenDirectory, Errno> {
        match self.get(fd)? {
            Descriptor::Directory { directory, .. } => Ok(directory),
            _ => Err(Errno::NOTDIR),
        }
    }

    /// A directory that is listed, which moves it.
    pub(super) fn listed(&mut self, fd: u32) -> Result<&mut OpenDirectory, Errno> {
        match self.get_mut(fd)? {
            Descriptor::Directory { directory, .. } => Ok(directory),
            _ => Err(Errno::NOTDIR),
        }
    }

    /// Gives the lowest free number to it. Those of the three streams are theirs, also when they are not there.
    pub(super) fn open(&mut self, descriptor: Descriptor) -> Result<u32, Errno> {
        let free = self.0.iter().skip(FIRST).position(Option::is_none).map(|place| place.saturating_add(FIRST));
        let place = free.unwrap_or(self.0.len());
        if place >= OPEN_MAX || descriptor.is_of_host() && self.0.iter().flatten().filter(|open| open.is_of_host()).count() >= HOST_OPEN_MAX
        {
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
        Descriptor::File(OpenFile::in_memory([].into(), None))
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
