//! Where data goes: to a file that appears when it is complete, or to standard output.

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::failure::{Failure, Result};

/// A file under a temporary name, or standard output.
pub(crate) enum Output {
    File {
        /// Removes itself if it is dropped.
        temporary: NamedTempFile,
        path: PathBuf,
        replace: bool,
    },
    Stdout(io::StdoutLock<'static>),
}

impl Output {
    /// Prepares to write the file, or standard output without one or for `-`.
    pub(crate) fn create(path: Option<&Path>, replace: bool) -> Result<Self> {
        let Some(path) = path.filter(|path| path.as_os_str() != "-") else {
            return Ok(Self::Stdout(io::stdout().lock()));
        };
        if path.is_dir() {
            return Err(Failure::new(format!("cannot write {}: it is a folder; name a file", path.display())));
        }
        if !replace && path.exists() {
            return Err(exists(path));
        }
        // In the same folder, so that the file can be renamed.
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let temporary =
            builder().tempfile_in(folder).map_err(|error| Failure::about(format_args!("cannot write {}", path.display()), error))?;
        Ok(Self::File { temporary, path: path.into(), replace })
    }

    pub(crate) fn is_terminal(&self) -> bool {
        matches!(self, Self::Stdout(stdout) if stdout.is_terminal())
    }

    /// Gives the file its name, now that it is complete.
    pub(crate) fn keep(self) -> Result<()> {
        match self {
            Self::Stdout(mut stdout) => Ok(stdout.flush().map_err(|error| named("standard output", error))?),
            Self::File { temporary, path, replace: true } => match temporary.persist(&path) {
                Ok(_) => Ok(()),
                Err(error) => Err(Failure::about(format_args!("cannot write {}", path.display()), error.error)),
            },
            Self::File { temporary, path, replace: false } => match temporary.persist_noclobber(&path) {
                Ok(_) => Ok(()),
                Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Err(exists(&path)),
                Err(error) => Err(Failure::about(format_args!("cannot write {}", path.display()), error.error)),
            },
        }
    }
}

fn exists(path: &Path) -> Failure {
    Failure::new(format!("{} exists; choose another name, or replace it with `--force`", path.display()))
}

fn builder() -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".example-zlib-");
    // A temporary file is the user's alone; this one is to become an ordinary file, as the umask says.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder
}

/// Says in the message where the error comes from, which a writer deep in an encoder could not say otherwise.
fn named(name: &str, error: io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("cannot write {name}: {error}"))
}

impl Write for Output {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        match self {
            Self::File { temporary, path, .. } => temporary.write(data).map_err(|error| named(&path.display().to_string(), error)),
            Self::Stdout(stdout) => stdout.write(data).map_err(|error| named("standard output", error)),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::File { temporary, .. } => temporary.flush(),
            Self::Stdout(stdout) => stdout.flush(),
        }
    }
}
