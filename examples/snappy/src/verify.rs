//! The checks of what snappy answers.

use sandbox::Tainted;

use crate::bindings::snappy::{self, Library};
use crate::{Error, Result};

/// Verifies the status of a function that can say that its input is bad. It has as much room as snappy asks for.
pub(crate) fn status(function: &'static str, status: Tainted<snappy::snappy_status, Library>) -> Result<()> {
    status.verify(|status| match status {
        snappy::snappy_status::SNAPPY_OK => Ok(()),
        snappy::snappy_status::SNAPPY_INVALID_INPUT => Err(Error::Corrupt),
        _ => Err(Error::Implausible { function, what: "a status that has no meaning here" }),
    })
}

/// Verifies that a length is not above `most`.
pub(crate) fn at_most(function: &'static str, length: Tainted<u32, Library>, most: u32) -> Result<u32> {
    length.verify(
        |length| if length <= most { Ok(length) } else { Err(Error::Implausible { function, what: "more bytes than there is room for" }) },
    )
}

/// Returns how long the compressed form of `length` bytes can be. (Snappy's `MaxCompressedLength`, which the host does not ask the guest.)
pub(crate) fn max_compressed(length: u32) -> u32 {
    length.saturating_add(length / 6).saturating_add(32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_that_snappy_does_not_have_is_refused() {
        for made_up in [2, 3, u32::MAX] {
            let result = status("f", Tainted::new(snappy::snappy_status(made_up)));
            assert!(matches!(result, Err(Error::Implausible { function: "f", .. })), "{made_up}: {result:?}");
        }
        assert!(matches!(status("f", Tainted::new(snappy::snappy_status(1))), Err(Error::Corrupt)));
        assert!(status("f", Tainted::new(snappy::snappy_status(0))).is_ok());
    }

    #[test]
    fn a_length_above_the_room_is_refused() {
        assert_eq!(at_most("f", Tainted::new(8), 8).unwrap(), 8);
        assert!(at_most("f", Tainted::new(9), 8).is_err());
        assert!(at_most("f", Tainted::new(u32::MAX), 8).is_err());
    }
}
