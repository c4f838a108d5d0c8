//! C's `sizeof`.

use crate::GuestType;

/// Returns the size of a type in the guest, in bytes: C's `sizeof`. It is not Rust's, whose
/// pointers are larger.
///
/// For a type of `sandbox::library!`, the library need not be named: `size_of::<zlib::z_stream,
/// _>()`.
///
/// # Examples
///
/// ```
/// # sandbox::library! { #[precompiled(unsafe(&[]))] pub mod lib { pub struct options { pub size: u32, pub name: *const c_char } } }
/// use sandbox::{Result, Sandbox, TaintedPtr, size_of};
///
/// /// As in C: `options->size = sizeof *options;`
/// fn prepare(sb: &mut Sandbox<lib::Library>, options: TaintedPtr<lib::options, lib::Library>) -> Result<()> {
///     sb.write(options.size(), size_of::<lib::options, _>())
/// }
///
/// assert_eq!(size_of::<lib::options, _>(), 8);
/// ```
#[must_use]
pub const fn size_of<T: GuestType<L>, L>() -> u32 {
    T::SIZE
}
