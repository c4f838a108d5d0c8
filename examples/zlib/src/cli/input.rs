//! Where data comes from, with a bar that shows how much has come.

use std::fs::File;
use std::io::{self, IsTerminal, Read};
use std::path::Path;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::failure::{Failure, Result};

/// Files from this size in bytes on get a bar; smaller ones are done before it can be read.
const LARGE: u64 = 16 << 20;

/// A file or standard input.
pub(crate) struct Input {
    name: String,
    reader: Box<dyn Read>,
    bar: ProgressBar,
}

impl Input {
    /// Opens the file, or standard input without one or for `-`.
    pub(crate) fn open(path: Option<&Path>) -> Result<Self> {
        let Some(path) = path.filter(|path| path.as_os_str() != "-") else {
            return Ok(Self { name: "standard input".into(), reader: Box::new(io::stdin().lock()), bar: bar(None) });
        };
        let name = path.display().to_string();
        let file = File::open(path).map_err(|error| Failure::about(format_args!("cannot read {name}"), error))?;
        let metadata = file.metadata().map_err(|error| Failure::about(&name, error))?;
        if metadata.is_dir() {
            return Err(Failure::new(format!("cannot read {name}: it is a folder; name a file")));
        }
        Ok(Self { bar: bar(metadata.is_file().then_some(metadata.len())), name, reader: Box::new(file) })
    }

    /// Returns what to call it in messages.
    pub(crate) fn name(&self) -> String {
        self.name.clone()
    }

    pub(crate) fn failed(&self, error: io::Error) -> Failure {
        Failure::about(format_args!("cannot read {}", self.name), error)
    }

    /// Removes the bar.
    pub(crate) fn done(&self) {
        self.bar.finish_and_clear();
    }
}

impl Read for Input {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = loop {
            match self.reader.read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => break result?,
            }
        };
        self.bar.inc(u64::try_from(count).unwrap_or(u64::MAX));
        Ok(count)
    }
}

impl Drop for Input {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// Makes a bar for so many bytes, or for a stream whose length nobody knows; a hidden one if there is no use or no place for it.
fn bar(length: Option<u64>) -> ProgressBar {
    // A terminal that is being typed at has no room for a bar.
    if length.is_some_and(|length| length < LARGE) || (length.is_none() && io::stdin().is_terminal()) || !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let (bar, template) = match length {
        Some(length) => (ProgressBar::new(length), "{bar:40} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left"),
        None => (ProgressBar::new_spinner(), "{spinner} {bytes}, {bytes_per_sec}"),
    };
    // The template is a constant; with a mistake in it, indicatif's own is as good.
    let bar = bar.with_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}
