//! What a sandbox is made with.

use std::marker::PhantomData;
use std::sync::Arc;

use crate::capabilities::Capabilities;
use crate::error::Result;
use crate::module::{Library, SandboxModule};
use crate::sandbox::Sandbox;

/// As much memory as a sandbox has by default: 256 MiB, in bytes.
const MEMORY: u64 = 256 << 20;

/// As many callbacks as can be registered by default.
const CALLBACKS: u64 = 1 << 18;

/// Makes a [`Sandbox`] that differs from the default.
///
/// # Examples
///
/// ```
/// use sandbox::{Library, Output, Result, Sandbox};
///
/// fn small<L: Library>() -> Result<Sandbox<L>> {
///     Sandbox::builder().memory_limit(16 << 20).stderr(Output::Capture { limit: 4096 }).build()
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Builder<L> {
    pub(crate) memory: u64,
    pub(crate) callbacks: u64,
    pub(crate) callback_calls: u64,
    pub(crate) capabilities: Arc<Capabilities>,
    library: PhantomData<fn() -> L>,
}

impl<L: Library> Builder<L> {
    pub(crate) fn new() -> Self {
        Self { memory: MEMORY, callbacks: CALLBACKS, callback_calls: u64::MAX, capabilities: Arc::default(), library: PhantomData }
    }

    /// Sets how many bytes of memory the guest can have, its stack, static data and tables included. The default is 256 MiB.
    ///
    /// At the limit the guest's `malloc` returns null, which well-written C handles.
    ///
    /// # Examples
    ///
    /// ```
    /// # use sandbox::{Builder, Library};
    /// fn small<L: Library>(builder: Builder<L>) -> Builder<L> { builder.memory_limit(16 << 20) }
    /// ```
    #[must_use]
    pub fn memory_limit(mut self, bytes: u64) -> Self {
        self.memory = bytes;
        self
    }

    /// Sets how many callbacks can be registered before the sandbox is reset. The default is 262,144.
    ///
    /// Those that were unregistered count as well: an address that the guest has seen is never given to another closure. Each takes some 400 bytes of the host until
    /// then.
    ///
    /// # Examples
    ///
    /// ```
    /// # use sandbox::{Builder, Library};
    /// fn few<L: Library>(builder: Builder<L>) -> Builder<L> { builder.callback_limit(16) }
    /// ```
    #[must_use]
    pub fn callback_limit(mut self, callbacks: u64) -> Self {
        self.callbacks = callbacks;
        self
    }

    /// Sets how many times the guest can call back during one call of the host, the calls that its callbacks make included. By default there is no limit.
    ///
    /// # Examples
    ///
    /// ```
    /// # use sandbox::{Builder, Library};
    /// fn at_most_one_per_row<L: Library>(builder: Builder<L>) -> Builder<L> { builder.callback_call_limit(65_535) }
    /// ```
    #[must_use]
    pub fn callback_call_limit(mut self, calls: u64) -> Self {
        self.callback_calls = calls;
        self
    }

    /// Makes the sandbox.
    ///
    /// # Errors
    ///
    /// As [`Sandbox::new`]; also [`Error::Limit`](crate::Error::Limit) if the library does not even start within the memory limit.
    ///
    /// # Examples
    ///
    /// ```
    /// # use sandbox::{Library, Result, Sandbox};
    /// fn make<L: Library>() -> Result<Sandbox<L>> { Sandbox::builder().build() }
    /// ```
    pub fn build(self) -> Result<Sandbox<L>> {
        Sandbox::with(SandboxModule::get()?, self)
    }
}
