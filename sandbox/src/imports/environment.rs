//! The guest's environment variables, and its arguments, of which it has none.

use std::collections::BTreeMap;
use std::fmt;

use super::wasi::{Answer, Errno, Guest};
use crate::denied::Wanted;

/// Environment variables by name, in the order of their names.
#[derive(Clone, Default)]
pub(crate) struct Environment(BTreeMap<Box<str>, Box<str>>);

/// Names alone: values may be secrets of the host.
impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Environment {
    /// Sets a variable, or says why it cannot be one.
    pub(crate) fn set(&mut self, name: &str, value: &str) -> Result<(), &'static str> {
        if name.is_empty() {
            return Err("a name is not empty");
        }
        if name.contains(['=', '\0']) {
            return Err("a name has no `=` and no NUL in it");
        }
        if value.contains('\0') {
            return Err("a value has no NUL in it");
        }
        self.0.insert(name.into(), value.into());
        Ok(())
    }

    /// How many bytes the strings take, with what is between and behind them.
    fn size(&self) -> Option<u32> {
        self.0.iter().try_fold(0_u32, |sum, (name, value)| sum.checked_add(string_size(name, value)?))
    }

    fn count(&self) -> Option<u32> {
        u32::try_from(self.0.len()).ok()
    }
}

/// Bytes of `NAME=value` and its terminator.
fn string_size(name: &str, value: &str) -> Option<u32> {
    u32::try_from(name.len().checked_add(value.len())?.checked_add(2)?).ok()
}

/// `environ_sizes_get(count, size)`
pub(super) fn sizes(mut guest: Guest<'_>, count_place: u32, size_place: u32) -> Answer {
    let environment = &guest.provided.capabilities.environment;
    let (Some(count), Some(size)) = (environment.count(), environment.size()) else { return Err(Errno::OVERFLOW) };
    if count == 0 {
        guest.provided.denied.note(Wanted::Environment);
    }
    guest.memory.put(count_place, count.to_le_bytes())?;
    guest.memory.put(size_place, size.to_le_bytes())
}

/// `environ_get(strings, bytes)`
pub(super) fn strings(mut guest: Guest<'_>, mut pointer: u32, mut string: u32) -> Answer {
    for (name, value) in &guest.provided.capabilities.environment.0 {
        let size = string_size(name, value).ok_or(Errno::OVERFLOW)?;
        guest.memory.put(pointer, string.to_le_bytes())?;
        let bytes = name.bytes().chain([b'=']).chain(value.bytes()).chain([0]);
        guest.memory.place(string, size)?.iter_mut().zip(bytes).for_each(|(place, byte)| *place = byte);
        // What is in memory ends below the highest address.
        pointer = pointer.saturating_add(4);
        string = string.saturating_add(size);
    }
    Ok(())
}

/// `args_sizes_get(count, size)`
pub(super) fn no_sizes(mut guest: Guest<'_>, count: u32, size: u32) -> Answer {
    guest.memory.put(count, [0; 4])?;
    guest.memory.put(size, [0; 4])
}

/// `args_get(strings, bytes)`
pub(super) fn no_strings(_: Guest<'_>, _strings: u32, _bytes: u32) -> Answer {
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_variable_is_a_name_and_a_value_without_nul() {
        let mut environment = Environment::default();
        for (name, value) in [("", "x"), ("=", "x"), ("A=B", "x"), ("A\0", "x"), ("A", "\0")] {
            assert!(environment.set(name, value).is_err(), "{name:?} {value:?}");
        }
        assert_eq!((environment.count(), environment.size()), (Some(0), Some(0)));
        environment.set("TZ", "UTC").unwrap();
        environment.set("EMPTY", "").unwrap();
        environment.set("TZ", "CET=x").unwrap();
        assert_eq!((environment.count(), environment.size()), (Some(2), Some(9 + 7)));
    }
}
