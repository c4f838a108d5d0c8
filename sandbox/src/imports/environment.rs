//! The guest's environment variables and its arguments.

use super::wasi::{Answer, Guest};

/// `environ_sizes_get(count, size)` and `args_sizes_get(count, size)` of a list without entries.
pub(super) fn no_sizes(mut guest: Guest<'_>, count: u32, size: u32) -> Answer {
    guest.put(count, [0; 4])?;
    guest.put(size, [0; 4])
}

/// `environ_get(strings, bytes)` and `args_get(strings, bytes)` of a list without entries.
pub(super) fn no_strings(_: Guest<'_>, _strings: u32, _bytes: u32) -> Answer {
    Ok(())
}
