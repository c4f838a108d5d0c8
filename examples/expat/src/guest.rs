//! The sandboxed library. Everything in it is untrusted.

sandbox::include_library!(expat);

pub(crate) use expat::Library;

/// A C string of the guest.
pub(crate) type CStr = sandbox::TaintedPtr<i8, Library>;
/// The guest, as a callback has it.
pub(crate) type Guest<'a> = sandbox::SandboxRef<'a, Library>;
