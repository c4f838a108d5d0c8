//! The guest's output streams.

use std::io::Write;

use super::files::Descriptor;
use super::iovec;
use super::wasi::{Answer, Errno, Guest};
use crate::denied::Wanted;

/// What becomes of a stream that the guest writes to, its standard output or standard error.
///
/// # Examples
///
/// ```
/// let keep_the_first_lines = sandbox::Output::Capture { limit: 4096 };
/// # let _ = keep_the_first_lines;
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Output {
    /// Writing fails with `EBADF`, as on a closed descriptor.
    #[default]
    Deny,
    /// Up to `limit` bytes are kept for the host to read; what comes after them is dropped. What C
    /// has printed is among them once `fflush` has written it, see
    /// [`Sandbox::stdout`](crate::Sandbox::stdout).
    Capture {
        /// How many bytes are kept.
        limit: usize,
    },
    /// The text goes to the host's stream of the same name. Control characters, and those that reorder or hide
    /// text, are escaped: a guest must not drive the user's terminal.
    ///
    /// How much a guest writes is bounded by [`Limits::output`](crate::Limits::output) alone, which has no default. For a guest that is not expected to be well-behaved, set it or capture.
    Inherit,
}

/// One of the guest's output streams.
#[derive(Debug, Default)]
pub(crate) struct Stream {
    policy: Output,
    pub(crate) captured: Vec<u8>,
}

impl Stream {
    pub(super) fn new(policy: Output) -> Self {
        Self { policy, captured: Vec::new() }
    }

    fn write(&mut self, bytes: &[u8], host: &mut dyn Write) {
        match self.policy {
            Output::Deny => {}
            Output::Capture { limit } => {
                let room = limit.saturating_sub(self.captured.len()).min(bytes.len());
                // Doubling, up to the limit: that is one of the host's memory.
                if self.captured.capacity() < self.captured.len().saturating_add(room) {
                    let doubled = self.captured.len().saturating_mul(2).max(self.captured.len().saturating_add(room)).min(limit);
                    self.captured.reserve_exact(doubled.saturating_sub(self.captured.len()));
                }
                self.captured.extend_from_slice(bytes.get(..room).unwrap_or_default());
            }
            Output::Inherit => {
                let text = String::from_utf8_lossy(bytes);
                let mut shown = String::with_capacity(text.len());
                for c in text.chars() {
                    match c {
                        '\n' | '\t' | '\'' | '"' | '\\' => shown.push(c),
                        // Control characters, and those of Unicode that reorder or hide text.
                        c => shown.extend(c.escape_debug()),
                    }
                }
                // A closed pipe of the host is no matter of the guest's.
                let _ = host.write_all(shown.as_bytes());
            }
        }
    }
}

/// One of the two streams that a descriptor stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Which {
    Stdout,
    Stderr,
}

/// `fd_write(fd, iovs, iovs_len, nwritten)`: only the output streams can be written to.
pub(super) fn write(mut guest: Guest<'_>, fd: u32, iovecs: u32, count: u32, written: u32) -> Answer {
    let which = match guest.provided.descriptors.get(fd) {
        Ok(Descriptor::Output(which)) => *which,
        _ => {
            match fd {
                1 if guest.provided.stdout.policy == Output::Deny => guest.provided.denied.note(Wanted::Stdout),
                2 if guest.provided.stderr.policy == Output::Deny => guest.provided.denied.note(Wanted::Stderr),
                _ => {}
            }
            return Err(Errno::BADF);
        }
    };
    let pieces = iovec::list(&guest.memory, iovecs, count)?;
    let mut text = Vec::new();
    for piece in pieces {
        text.extend_from_slice(guest.memory.bytes(piece.start, piece.length)?);
    }
    // POSIX: a write may be shorter than what was asked for.
    guest.memory.put(written, u32::try_from(text.len()).map_err(|_| Errno::OVERFLOW)?.to_le_bytes())?;
    let bytes = u64::try_from(text.len()).unwrap_or(u64::MAX);
    if bytes > guest.output_left {
        return Err(Errno::OUTPUT_LIMIT);
    }
    guest.provided.written = guest.provided.written.saturating_add(bytes);
    match which {
        Which::Stdout => guest.provided.stdout.write(&text, &mut std::io::stdout()),
        Which::Stderr => guest.provided.stderr.write(&text, &mut std::io::stderr()),
    }
    Ok(())
}
