//! What a guest can be given: by default nothing, and each thing by its name.

use std::sync::Arc;

use crate::builder::Builder;
use crate::imports::{Clock, Output};
use crate::module::Library;

/// What a sandbox is made with besides its limits. The same for each instance that it makes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Capabilities {
    pub(crate) stdout: Output,
    pub(crate) stderr: Output,
    pub(crate) clock: Clock,
}

/// What the guest can reach. Nothing, unless it is named here.
impl<L: Library> Builder<L> {
    fn capabilities(&mut self) -> &mut Capabilities {
        Arc::make_mut(&mut self.capabilities)
    }

    /// Sets what becomes of the guest's standard output. By default, writing to it fails.
    ///
    /// # Examples
    ///
    /// ```
    /// # use sandbox::{Builder, Library, Output};
    /// fn chatty<L: Library>(builder: Builder<L>) -> Builder<L> { builder.stdout(Output::Inherit) }
    /// ```
    #[must_use]
    pub fn stdout(mut self, output: Output) -> Self {
        self.capabilities().stdout = output;
        self
    }

    /// Sets what becomes of the guest's standard error. By default, writing to it fails.
    ///
    /// # Examples
    ///
    /// ```
    /// # use sandbox::{Builder, Library, Output};
    /// fn kept<L: Library>(builder: Builder<L>) -> Builder<L> { builder.stderr(Output::Capture { limit: 4096 }) }
    /// ```
    #[must_use]
    pub fn stderr(mut self, output: Output) -> Self {
        self.capabilities().stderr = output;
        self
    }

    /// Gives the guest a clock: C's `time`, `gettimeofday` and `clock_gettime`. By default they fail.
    ///
    /// # Examples
    ///
    /// ```
    /// # use sandbox::{Builder, Clock, Library};
    /// fn dated<L: Library>(builder: Builder<L>) -> Builder<L> { builder.clock(Clock::Host) }
    /// ```
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.capabilities().clock = clock;
        self
    }
}
