//! What an error of the host's file system is for a guest.

use std::io::{Error, ErrorKind};

use super::super::super::wasi::Errno;

impl From<Error> for Errno {
    fn from(error: Error) -> Self {
        match error.kind() {
            ErrorKind::NotFound => Self::NOENT,
            // What does not come from the operating system is cap-std's: the path leads out of the folder.
            ErrorKind::PermissionDenied if error.raw_os_error().is_none() => Self::NOTCAPABLE,
            ErrorKind::PermissionDenied => Self::ACCES,
            ErrorKind::NotADirectory => Self::NOTDIR,
            ErrorKind::IsADirectory => Self::ISDIR,
            ErrorKind::InvalidFilename => Self::NAMETOOLONG,
            ErrorKind::InvalidInput => Self::INVAL,
            ErrorKind::Interrupted => Self::INTR,
            ErrorKind::WouldBlock => Self::AGAIN,
            ErrorKind::OutOfMemory => Self::NOMEM,
            _ => Self::IO,
        }
    }
}
