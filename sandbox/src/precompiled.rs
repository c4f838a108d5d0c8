//! Machine code that the build made.

#![allow(unsafe_code)]

use wasmtime::{Engine, Module, Result};

/// A module that `build-support` has precompiled.
///
/// It is machine code, which the host runs: whoever writes it owns the process. It comes from the application's own build and is embedded in
/// its executable, which the threat model trusts as it trusts the rest of that executable.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct Precompiled(&'static [u8]);

impl Precompiled {
    /// Vouches for the bytes.
    ///
    /// # Safety
    ///
    /// They are the unmodified output of `build_support` for this application: machine code that
    /// the host is going to run. The expansion of `sandbox::library!` calls this, for what the
    /// package's own build
    /// has written, or where `#[precompiled(unsafe(…))]` in its input says so.
    #[must_use]
    pub const unsafe fn trusted(bytes: &'static [u8]) -> Self {
        Self(bytes)
    }

    pub(crate) fn load(self, engine: &Engine) -> Result<Module> {
        // SAFETY: `deserialize` requires that the bytes come from `Engine::precompile_module` (or `Module::serialize`) and were not modified
        // since. Both is what the caller of `trusted` vouched for. wasmtime itself checks its version, the target and all settings.
        unsafe { Module::deserialize(engine, self.0) }
    }
}
