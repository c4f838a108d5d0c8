//! Machine code that the build, or this process, made: the only module with `unsafe`.

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
    /// Only the expansion of `sandbox::library!` calls this; it is not `unsafe` so that applications can forbid `unsafe` code. Whoever calls it by
    /// hand, through a module that is hidden and called private, has left the promises of this crate. The promise that it makes, that the bytes are the unmodified output of
    /// `build_support`, is the one that `#[precompiled(unsafe(…))]` in the macro's input spells out.
    #[must_use]
    pub const fn trusted(bytes: &'static [u8]) -> Self {
        Self(bytes)
    }

    pub(crate) fn load(self, engine: &Engine) -> Result<Module> {
        // SAFETY: `deserialize` requires that the bytes come from `Engine::precompile_module` (or `Module::serialize`) and were not modified
        // since. Both is what the caller of `trusted` vouched for. wasmtime itself checks its version, the target and all settings.
        unsafe { Module::deserialize(engine, self.0) }
    }
}

/// A module that this process has compiled, to be loaded by several engines.
#[cfg(feature = "jit")]
pub(crate) struct Compiled(Vec<u8>);

#[cfg(feature = "jit")]
impl Compiled {
    /// Validates and compiles WebAssembly.
    pub(crate) fn new(engine: &Engine, wasm: &[u8]) -> Result<Self> {
        engine.precompile_module(wasm).map(Self)
    }

    pub(crate) fn load(&self, engine: &Engine) -> Result<Module> {
        // SAFETY: `deserialize` requires that the bytes come from `Engine::precompile_module` (or `Module::serialize`) and were not modified
        // since. The field is private to this module; `new` is the only place that makes a value, of exactly such bytes, and nothing takes them out or
        // changes them. wasmtime itself checks its version, the target and all settings.
        unsafe { Module::deserialize(engine, &self.0) }
    }
}
