//! The number that broke a rule, for messages. Never text, nor bytes that could be some.

use std::any::type_name;
use std::fmt::Debug;

/// Returns a number as it is written, if `T` is one of C's; anything else may have text of the
/// guest in it.
pub(super) fn number<T: Debug>(value: &T) -> Option<Box<str>> {
    // The names of Rust's own types are theirs alone: all others have a path.
    let is_number =
        matches!(type_name::<T>(), "u8" | "u16" | "u32" | "u64" | "usize" | "i8" | "i16" | "i32" | "i64" | "isize" | "f32" | "f64");
    is_number.then(|| format!("{value:?}").into())
}

/// Returns an address in hex.
pub(super) fn address(address: u32) -> Option<Box<str>> {
    Some(format!("{address:#x}").into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_shown_and_nothing_else() {
        assert_eq!(number(&-5_i8).as_deref(), Some("-5"));
        assert_eq!(number(&u64::MAX).as_deref(), Some("18446744073709551615"));
        assert_eq!(number(&1e300).as_deref(), Some("1e300"));
        assert_eq!(number(&f32::NAN).as_deref(), Some("NaN"));
        assert_eq!(address(0xffff_0000).as_deref(), Some("0xffff0000"));
        struct Secret;
        impl Debug for Secret {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("secret")
            }
        }
        assert_eq!((number(&Secret), number(&"secret"), number(&vec![1_u8]), number(&'s')), (None, None, None, None));
    }
}
