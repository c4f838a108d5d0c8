//! The sandboxed library: libpng, zlib and `shim.c` in one module. Everything in it is untrusted.

sandbox::include_library!(png);

pub use png::Library;

/// A pointer into the guest.
pub(crate) type Ptr<T> = sandbox::TaintedPtr<T, Library>;
