//! What a sandbox is made with.

use std::sync::Arc;

use crate::capabilities::Capabilities;
use crate::error::Result;
use crate::instance::Origin;
use crate::limits::Limits;
use crate::module::{Library, SandboxModule};
use crate::sandbox::Sandbox;
use crate::snapshot::{Image, Snapshot};

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
#[derive(Debug)]
pub struct Builder<L> {
    /// The library's default module, if there is none.
    module: Option<SandboxModule<L>>,
    /// The module's limits, if there are none.
    limits: Option<Limits>,
    /// Instead of what the limits say, bytes of memory.
    memory: Option<u64>,
    snapshot: Option<Arc<Image>>,
    pub(crate) capabilities: Arc<Capabilities>,
}

impl<L> Clone for Builder<L> {
    fn clone(&self) -> Self {
        Self {
            module: self.module.clone(),
            limits: self.limits,
            memory: self.memory,
            snapshot: self.snapshot.clone(),
            capabilities: Arc::clone(&self.capabilities),
        }
    }
}

impl<L: Library> Builder<L> {
    pub(crate) fn new() -> Self {
        Self { module: None, limits: None, memory: None, snapshot: None, capabilities: Arc::default() }
    }

    pub(crate) fn of(module: SandboxModule<L>) -> Self {
        Self { module: Some(module), ..Self::new() }
    }

    /// Sets how much of the host the guest can use. By default that is what its module says, see [`SandboxModule::with_limits`].
    ///
    /// # Examples
    ///
    /// ```
    /// # use sandbox::{Builder, Library, Limits};
    /// fn quick<L: Library>(builder: Builder<L>) -> Builder<L> {
    ///     builder.limits(Limits::new().deadline(std::time::Duration::from_millis(50)))
    /// }
    /// ```
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = Some(limits);
        self
    }

    /// Sets how many bytes of memory the guest can have, instead of what [`limits`](Self::limits) says, in whichever order they are called.
    ///
    /// # Examples
    ///
    /// ```
    /// # use sandbox::{Builder, Library};
    /// fn small<L: Library>(builder: Builder<L>) -> Builder<L> { builder.memory_limit(16 << 20) }
    /// ```
    #[must_use]
    pub fn memory_limit(mut self, bytes: u64) -> Self {
        self.memory = Some(bytes);
        self
    }

    /// Starts from the state of this snapshot, also after each reset, instead of from the beginning.
    ///
    /// The module and the limits are those of the sandbox that it was taken of, unless the builder says otherwise. What the guest is given is not: that is named here.
    ///
    /// # Examples
    ///
    /// ```
    /// # use sandbox::{Library, Result, Sandbox, Snapshot};
    /// fn from_here<L: Library>(ready: &Snapshot<L>) -> Result<Sandbox<L>> { Sandbox::builder().snapshot(ready).build() }
    /// ```
    #[must_use]
    pub fn snapshot(mut self, snapshot: &Snapshot<L>) -> Self {
        self.snapshot = Some(Arc::clone(&snapshot.image));
        self.module.get_or_insert_with(|| snapshot.module.clone());
        self.limits.get_or_insert(snapshot.module.limits());
        self
    }

    /// Makes the sandbox.
    ///
    /// # Errors
    ///
    /// As [`Sandbox::new`]; also [`Error::Limit`](crate::Error::Limit), which says so, if the
    /// library's constructors do not end within the limits of one call, and
    /// [`Error::NotMetered`](crate::Error::NotMetered) if its code cannot keep one of them.
    ///
    /// # Examples
    ///
    /// ```
    /// # use sandbox::{Library, Result, Sandbox};
    /// fn make<L: Library>() -> Result<Sandbox<L>> { Sandbox::builder().build() }
    /// ```
    pub fn build(self) -> Result<Sandbox<L>> {
        let module = self.module.clone().map_or_else(SandboxModule::get, Ok)?;
        let limits = self.limits.unwrap_or(module.limits());
        let limits = self.memory.map_or(limits, |bytes| limits.memory(bytes));
        Sandbox::with(Origin { module, limits, snapshot: self.snapshot, capabilities: self.capabilities })
    }
}
