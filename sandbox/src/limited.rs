//! Other limits for some calls, and what was used so far.

use std::fmt;

use crate::cancel::CancelHandle;
use crate::error::{Error, Result};
use crate::limits::Limits;
use crate::meter;
use crate::module::Library;
use crate::sandbox::{AsSandboxMut, Sandbox, SandboxRef};
use crate::ticker;

/// A sandbox with other limits, until this is dropped. Made by [`Sandbox::limited`].
///
/// # Examples
///
/// ```
/// # sandbox::library! { #[precompiled(unsafe(&[]))] pub mod lib { extern "C" { pub fn step(n: i32) -> i32; } } }
/// use std::time::Duration;
/// use sandbox::{Result, Sandbox, Tainted};
///
/// fn quickly(sb: &mut Sandbox<lib::Library>) -> Result<Tainted<i32, lib::Library>> {
///     let limits = sb.limits().deadline(Duration::from_millis(5));
///     lib::step(&mut sb.limited(limits)?, 1)
/// }
/// ```
pub struct Limited<'a, L: Library> {
    sandbox: &'a mut Sandbox<L>,
    before: Limits,
}

impl<L: Library> AsSandboxMut<L> for Limited<'_, L> {
    fn as_sandbox_mut(&mut self) -> SandboxRef<'_, L> {
        self.sandbox.as_sandbox_mut()
    }
}

impl<L: Library> Limited<'_, L> {
    /// Returns the sandbox with these limits, for what is no C function: allocating, reading and writing.
    ///
    /// # Examples
    ///
    /// ```
    /// use sandbox::{Allocation, Library, Result, Sandbox};
    ///
    /// fn in_little_memory<L: Library>(sb: &mut Sandbox<L>, text: &[u8]) -> Result<Allocation<u8, L>> {
    ///     let limits = sb.limits().memory(1 << 20);
    ///     sb.limited(limits)?.sandbox().copy_in(text)
    /// }
    /// ```
    pub fn sandbox(&mut self) -> SandboxRef<'_, L> {
        self.sandbox.as_sandbox_mut()
    }
}

impl<L: Library> Drop for Limited<'_, L> {
    fn drop(&mut self) {
        self.sandbox.state_mut().limiter.limits = self.before;
    }
}

impl<L: Library> fmt::Debug for Limited<'_, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Limited<{}>({:?})", L::NAME, self.sandbox.limits())
    }
}

/// What a sandbox has used since it was made or reset.
///
/// # Examples
///
/// ```
/// fn report(usage: &sandbox::Usage) { println!("{} KiB, {} calls", usage.memory >> 10, usage.calls); }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Usage {
    /// Bytes of the guest's memory. It does not shrink, so this is also the most that it had.
    pub memory: u64,
    /// Bytes that count against [`Limits::memory`]: this memory, the table, and the heap of exceptions.
    pub granted: u64,
    /// Functions in the guest's table.
    pub table_slots: u64,
    /// Units of fuel, 0 if the library does not count it.
    pub fuel: u64,
    /// Calls into the guest, those of `malloc`, `free` and initialisation included.
    pub calls: u64,
    /// Calls of the guest back into the host.
    pub callback_calls: u64,
    /// Bytes written to the standard streams.
    pub output: u64,
}

impl<L: Library> Sandbox<L> {
    /// Returns the limits.
    ///
    /// # Examples
    ///
    /// ```
    /// # use sandbox::{Library, Limits, Sandbox};
    /// fn limits<L: Library>(sb: &Sandbox<L>) -> Limits { sb.limits() }
    /// ```
    pub fn limits(&self) -> Limits {
        self.state().limiter.limits
    }

    /// Borrows the sandbox with other limits, as for a single call: `lib::function(&mut sb.limited(limits)?, …)`.
    ///
    /// A call has the whole of each limit that is for a call. Memory, table, callbacks and output count from when the sandbox was made or reset, so that a limit below what is used already stops all growth.
    ///
    /// # Errors
    ///
    /// [`Error::NotMetered`] if the library's code cannot keep one of them.
    ///
    /// # Examples
    ///
    /// ```
    /// # sandbox::library! { #[precompiled(unsafe(&[]))] pub mod lib { extern "C" { pub fn step(n: i32) -> i32; } } }
    /// # use sandbox::{Result, Sandbox, Tainted};
    /// fn with_little_memory(sb: &mut Sandbox<lib::Library>) -> Result<Tainted<i32, lib::Library>> {
    ///     let limits = sb.limits().memory(1 << 20);
    ///     lib::step(&mut sb.limited(limits)?, 1)
    /// }
    /// ```
    pub fn limited(&mut self, limits: Limits) -> Result<Limited<'_, L>> {
        meter::can_keep(&limits, self.origin().module.metering(), L::NAME)?;
        let before = std::mem::replace(&mut self.state_mut().limiter.limits, limits);
        Ok(Limited { sandbox: self, before })
    }

    /// Returns what was used since the sandbox was made or reset, also if it is poisoned.
    ///
    /// # Examples
    ///
    /// ```
    /// # use sandbox::{Library, Sandbox};
    /// fn is_large<L: Library>(sb: &Sandbox<L>) -> bool { sb.usage().memory > 64 << 20 }
    /// ```
    pub fn usage(&self) -> Usage {
        let store = self.store();
        let memory = store.data().instance.as_ref().map(|live| live.memory);
        Usage {
            memory: memory.and_then(|memory| u64::try_from(memory.data_size(store)).ok()).unwrap_or_default(),
            granted: store.data().limiter.used(),
            table_slots: store.data().limiter.table_slots(),
            fuel: store.data().meter.fuel(store.get_fuel().unwrap_or_default()),
            calls: store.data().meter.calls,
            callback_calls: store.data().meter.callback_calls,
            output: store.data().provided.written,
        }
    }

    /// Returns a handle through which other threads can stop what this sandbox does.
    ///
    /// # Errors
    ///
    /// [`Error::NotMetered`] if the library's code cannot be interrupted; [`Error::Ticker`] if the system gives no thread.
    ///
    /// # Examples
    ///
    /// ```
    /// # use sandbox::{CancelHandle, Library, Result, Sandbox};
    /// fn handle<L: Library>(sb: &mut Sandbox<L>) -> Result<CancelHandle> { sb.cancel_handle() }
    /// ```
    pub fn cancel_handle(&mut self) -> Result<CancelHandle> {
        if !self.origin().module.metering().interrupts {
            return Err(Error::NotMetered { library: L::NAME, wanted: "cancelling", setting: "interruptible" });
        }
        ticker::started()?;
        Ok(self.state_mut().meter.cancel.handle())
    }
}
