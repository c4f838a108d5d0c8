//! A sandbox, and the handle through which it is used.

use std::fmt;
use std::marker::PhantomData;

use wasmtime::{AsContext, AsContextMut, Store, StoreContext, StoreContextMut};

use crate::builder::Builder;
use crate::cancel::Cancel;
use crate::drops::settle;
use crate::error::Result;
use crate::instance::{Origin, instantiate};
use crate::module::Library;
use crate::state::{State, Status};
use crate::{heap, meter, stack};

/// One isolated instance of the C library `L`.
///
/// It has no access to anything: no files, no clock, no environment, no output. It can be sent to another thread.
///
/// # Examples
///
/// ```
/// use sandbox::{Library, Result, Sandbox};
///
/// fn fresh<L: Library>() -> Result<Sandbox<L>> {
///     let mut sb = Sandbox::<L>::new()?;
///     let greeting = sb.copy_in(b"hello")?;
///     assert_eq!(greeting.len(), 5);
///     Ok(sb)
/// }
/// ```
pub struct Sandbox<L: Library> {
    store: Store<State>,
    origin: Origin<L>,
}

impl<L: Library> fmt::Debug for Sandbox<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sandbox<{}>({:?})", L::NAME, self.store.data().status)
    }
}

/// A sandbox borrowed for calls: what C functions take as their first argument, and what a callback gets.
///
/// It stays on its thread: a callback calls the guest itself, and not from another thread.
///
/// ```compile_fail,E0277
/// # use sandbox::{Library, SandboxRef};
/// fn elsewhere<L: Library>(sb: &mut SandboxRef<'_, L>) {
///     std::thread::scope(|scope| { scope.spawn(|| sb.copy_in(b"text")); });
/// }
/// ```
pub struct SandboxRef<'a, L> {
    pub(crate) store: StoreContextMut<'a, State>,
    library: PhantomData<fn() -> L>,
    /// Neither `Send` nor `Sync`: the guest's frames are on this thread's stack, and the engine knows the end of no other.
    thread: PhantomData<*const ()>,
}

impl<L> fmt::Debug for SandboxRef<'_, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SandboxRef<{}>", std::any::type_name::<L>())
    }
}

/// Anything through which a guest can be called: a [`Sandbox`] or a [`SandboxRef`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a sandbox of the library that this function belongs to",
    label = "expected `&mut Sandbox` of the same library",
    note = "each C function takes `&mut Sandbox<its_library::Library>` as its first argument"
)]
pub trait AsSandboxMut<L> {
    /// Borrows the sandbox.
    #[doc(hidden)]
    fn as_sandbox_mut(&mut self) -> SandboxRef<'_, L>;
}

impl<L: Library> AsSandboxMut<L> for Sandbox<L> {
    fn as_sandbox_mut(&mut self) -> SandboxRef<'_, L> {
        SandboxRef { store: self.store.as_context_mut(), library: PhantomData, thread: PhantomData }
    }
}

impl<L: Library> AsSandboxMut<L> for SandboxRef<'_, L> {
    fn as_sandbox_mut(&mut self) -> SandboxRef<'_, L> {
        self.reborrow()
    }
}

impl<L: Library> Sandbox<L> {
    pub(crate) fn with(origin: Origin<L>) -> Result<Self> {
        let mut store = instantiate(&origin, &Cancel::default())?;
        store.data_mut().meter.cancel = Cancel::default();
        Ok(Self { store, origin })
    }

    /// Makes a fresh sandbox with the default limits and no access to anything.
    ///
    /// # Errors
    ///
    /// [`Error::Module`](crate::Error::Module) if the library cannot be loaded; a trap if its
    /// static constructors do; [`Error::Limit`](crate::Error::Limit) if the process has
    /// as many sandboxes as it can have ([`LimitKind::Sandboxes`](crate::LimitKind::Sandboxes)).
    ///
    /// # Examples
    ///
    /// ```
    /// # use sandbox::{Library, Result, Sandbox};
    /// fn make<L: Library>() -> Result<Sandbox<L>> { Sandbox::new() }
    /// ```
    pub fn new() -> Result<Self> {
        Self::builder().build()
    }

    /// Returns a builder, to change limits and what the guest may reach.
    ///
    /// # Examples
    ///
    /// ```
    /// # use sandbox::{Library, Result, Sandbox};
    /// fn large<L: Library>() -> Result<Sandbox<L>> { Sandbox::builder().memory_limit(1 << 30).build() }
    /// ```
    #[must_use]
    pub fn builder() -> Builder<L> {
        Builder::new()
    }

    /// Replaces the guest by a fresh one, with the same limits, whatever state it is in.
    ///
    /// Pointers and allocations of before belong to no sandbox any more.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new), since the new guest is made before the old one is dropped; the
    /// sandbox is then as it was.
    ///
    /// # Examples
    ///
    /// ```
    /// # use sandbox::{Library, Result, Sandbox};
    /// fn recover<L: Library>(sb: &mut Sandbox<L>) -> Result<()> {
    ///     if sb.is_poisoned() { sb.reset() } else { Ok(()) }
    /// }
    /// ```
    pub fn reset(&mut self) -> Result<()> {
        // What arrives from here on is meant for the new one, whose constructors can be stopped too.
        let cancel = &self.store.data().meter.cancel;
        cancel.clear();
        let mut store = instantiate(&self.origin, cancel)?;
        let (old, new) = (self.store.data_mut(), store.data_mut());
        new.observer = std::mem::take(&mut old.observer);
        new.meter.cancel = std::mem::take(&mut old.meter.cancel);
        self.store = store;
        Ok(())
    }

    pub(crate) fn origin(&self) -> &Origin<L> {
        &self.origin
    }

    pub(crate) fn origin_mut(&mut self) -> &mut Origin<L> {
        &mut self.origin
    }

    pub(crate) fn store(&self) -> &Store<State> {
        &self.store
    }

    pub(crate) fn store_mut(&mut self) -> &mut Store<State> {
        &mut self.store
    }

    #[inline]
    pub(crate) fn state(&self) -> &State {
        self.store.data()
    }

    #[inline]
    pub(crate) fn state_mut(&mut self) -> &mut State {
        self.store.data_mut()
    }

    /// Returns what was observed of each C function since the sandbox was made. A reset keeps it.
    ///
    /// # Examples
    ///
    /// ```
    /// # use sandbox::{Library, Sandbox};
    /// fn report<L: Library>(sb: &Sandbox<L>) { println!("{}", sb.observations()); }
    /// ```
    #[cfg(feature = "observe")]
    pub fn observations(&self) -> &crate::Observations {
        self.store.data().observer.observations()
    }

    #[inline]
    pub(crate) fn context(&self) -> StoreContext<'_, State> {
        self.store.as_context()
    }

    #[inline]
    pub(crate) fn context_mut(&mut self) -> StoreContextMut<'_, State> {
        self.store.as_context_mut()
    }
}

impl<'a, L> SandboxRef<'a, L> {
    pub(crate) fn new(store: &'a mut StoreContextMut<'_, State>) -> Self {
        Self { store: store.as_context_mut(), library: PhantomData, thread: PhantomData }
    }
}

impl<L: Library> SandboxRef<'_, L> {
    pub(crate) fn reborrow(&mut self) -> SandboxRef<'_, L> {
        SandboxRef { store: self.store.as_context_mut(), library: PhantomData, thread: PhantomData }
    }

    /// Checks that the guest can be called, and frees what was dropped since it was called last.
    #[inline]
    pub(crate) fn enter(&mut self) -> Result<()> {
        enter(&mut self.store)
    }

    #[inline]
    pub(crate) fn state(&self) -> &State {
        self.store.data()
    }

    #[inline]
    pub(crate) fn state_mut(&mut self) -> &mut State {
        self.store.data_mut()
    }

    #[inline]
    pub(crate) fn context(&self) -> StoreContext<'_, State> {
        self.store.as_context()
    }

    #[inline]
    pub(crate) fn context_mut(&mut self) -> StoreContextMut<'_, State> {
        self.store.as_context_mut()
    }
}

/// Checks that the guest can be entered, and tells it what was dropped since it was entered last.
#[inline]
pub(crate) fn enter(store: &mut StoreContextMut<'_, State>) -> Result<()> {
    let state = store.data_mut();
    match (state.status, state.stack) {
        (Status::Ready, _) | (Status::Callback, None) => {
            state.stack = Some(stack::require_room()?);
            meter::begin(store)?;
        }
        // There is one limit for the guest's frames of an outermost call and of all that its callbacks make.
        (Status::Callback, Some(stack)) => stack::require_same(stack)?,
        _ => return Err(state.unusable()),
    }
    settle(store);
    if store.data().unfreed.is_empty() { Ok(()) } else { free_dropped(store) }
}

#[cold]
fn free_dropped(store: &mut StoreContextMut<'_, State>) -> Result<()> {
    while let Some(address) = store.data_mut().unfreed.pop() {
        heap::free(store, address)?;
    }
    Ok(())
}
