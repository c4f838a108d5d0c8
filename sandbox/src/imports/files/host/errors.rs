//! What an error of the host's file system is for a guest.

use std::io::{Error, ErrorKind};

use super::super::super::wasi::Errno;

/// `ELOOP`, or what Windows has in its place (`ERROR_CANT_RESOLVE_FILENAME`).
const TOO_MANY_LINKS: i32 = if cfg!(any(target_os = "linux", target_os = "android")) {
    40
} else if cfg!(windows) {
    1921
} else {
    62
};

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
            // There is no stable kind for it.
            _ if error.raw_os_error() == Some(TOO_MANY_LINKS) => Self::LOOP,
            _ => Self::IO,
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn an_error_has_the_number_that_c_code_knows_it_by() {
        // These are the same on each Unix.
        for (raw, expected) in [
            (2, Errno::NOENT),
            (4, Errno::INTR),
            (5, Errno::IO),
            (12, Errno::NOMEM),
            (13, Errno::ACCES),
            (20, Errno::NOTDIR),
            (21, Errno::ISDIR),
            (22, Errno::INVAL),
            (24, Errno::IO),
            (TOO_MANY_LINKS, Errno::LOOP),
        ] {
            assert_eq!(Errno::from(Error::from_raw_os_error(raw)), expected, "{raw}");
        }
    }

    #[test]
    fn a_path_that_leads_out_is_no_matter_of_permissions() {
        let folder = cap_std::fs::Dir::open_ambient_dir(".", cap_std::ambient_authority());
        let error = folder.and_then(|folder| folder.open("../x")).map_err(Errno::from);
        assert_eq!(error.err(), Some(Errno::NOTCAPABLE));
    }
}
