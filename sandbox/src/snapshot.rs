//! The state of a guest after a set-up of the user's, as the state that others start from.

use std::fmt;
use std::sync::Arc;

use wasmtime::{Global, Memory, Store, Val};

use crate::abi::InstanceId;
use crate::cancel::Cancel;
use crate::error::{Error, LimitKind, Result};
use crate::instance::{Origin, bare};
use crate::module::{Library, Loaded, SandboxModule};
use crate::sandbox::{AsSandboxMut, Sandbox};
use crate::state::State;
use crate::tainted::RawPtr;
use crate::{Pointee, TaintedPtr};

/// How memory is compared, in bytes.
const PAGE: usize = 4096;

/// The state of a sandbox at one moment, from which others can start. Cheap to clone, shared by threads.
///
/// It has what differs from a fresh sandbox, page by page; starting from it costs about as much as copying that.
///
/// # Examples
///
/// ```
/// use sandbox::{Library, Pool, Result, Sandbox, Snapshot, TaintedPtr};
///
/// /// A pool whose sandboxes have the dictionary in their memory already, and where it is.
/// fn with_dictionary<L: Library>(words: &[u8]) -> Result<(Pool<L>, Snapshot<L>, TaintedPtr<u8, L>)> {
///     let mut sb = Sandbox::<L>::new()?;
///     let words = sb.copy_in(words)?.leak();
///     let snapshot = sb.snapshot()?;
///     Ok((Pool::new(16, Sandbox::builder().snapshot(&snapshot)), snapshot, words))
/// }
///
/// fn first_word<L: Library>(pool: &Pool<L>, snapshot: &Snapshot<L>, words: TaintedPtr<u8, L>) -> Result<u8> {
///     let sb = pool.take()?;
///     let words = snapshot.pointer(&sb, words)?;
///     Ok(sb.read(words)?.unverified_because("any letter will do"))
/// }
/// ```
pub struct Snapshot<L> {
    pub(crate) image: Arc<Image>,
    /// The module and the limits of the sandbox that it was taken of.
    pub(crate) module: SandboxModule<L>,
}

/// What a snapshot consists of.
pub(crate) struct Image {
    pub(crate) id: InstanceId,
    /// The instance that it was taken of.
    source: InstanceId,
    /// The code that it belongs to.
    code: Arc<Loaded>,
    /// Size of the memory, in bytes.
    size: usize,
    /// What differs from a fresh memory: where, and what is there.
    runs: Vec<(usize, Box<[u8]>)>,
    /// The values of the global variables that change, in the order of [`Loaded::changing`]:
    /// numbers.
    globals: Vec<Val>,
}

impl fmt::Debug for Image {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Image({:?})", self.id)
    }
}

impl<L> Clone for Snapshot<L> {
    fn clone(&self) -> Self {
        Self { image: Arc::clone(&self.image), module: self.module.clone() }
    }
}

impl<L> fmt::Debug for Snapshot<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Snapshot<{}>({} of {} bytes)", std::any::type_name::<L>(), self.bytes(), self.image.size)
    }
}

impl<L> Snapshot<L> {
    /// Returns how many bytes it holds, which is what starting from it copies.
    ///
    /// # Examples
    ///
    /// ```
    /// fn is_cheap<L>(snapshot: &sandbox::Snapshot<L>) -> bool { snapshot.bytes() < 64 << 10 }
    /// ```
    #[must_use]
    pub fn bytes(&self) -> u64 {
        let bytes = self.image.runs.iter().map(|(_, bytes)| bytes.len()).fold(0, usize::saturating_add);
        u64::try_from(bytes).unwrap_or(u64::MAX)
    }
}

impl<L: Library> Snapshot<L> {
    /// Returns what a pointer of the sandbox that this was taken of is in one that has started from it.
    ///
    /// # Errors
    ///
    /// [`Error::WrongSandbox`] if the pointer is of another sandbox, or `sandbox` has not started from this snapshot.
    ///
    /// # Examples
    ///
    /// See [`Snapshot`].
    pub fn pointer<T: Pointee<L>>(&self, sandbox: &Sandbox<L>, pointer: TaintedPtr<T, L>) -> Result<TaintedPtr<T, L>> {
        if sandbox.state().image != Some(self.image.id) {
            return Err(Error::WrongSandbox { context: "a sandbox that has not started from the snapshot".into() });
        }
        let address = pointer.raw().address_in(self.image.source)?;
        Ok(TaintedPtr::from_raw(RawPtr::new(address, sandbox.state().id)))
    }
}

impl<L: Library> Sandbox<L> {
    /// Takes the state of the guest, as one that sandboxes can start from: see [`Builder::snapshot`](crate::Builder::snapshot) and [`reset_to`](Self::reset_to).
    ///
    /// It is the guest's memory, and its global variables of WebAssembly, such as the stack
    /// pointer. Not in it, and so not allowed before it: callbacks, addresses of functions
    /// ([`fn_ptr`](Self::fn_ptr)) that have made the guest's table longer, app pointers,
    /// which are the host's, and files: what was opened, read from the standard input, or closed. A
    /// library whose code changes its tables or drops its segments, which clang makes of no C
    /// code by itself, has no snapshots. What libc has asked the host for before, such as the
    /// environment, is in memory and stays what it was; clocks and seeded random numbers begin
    /// anew.
    ///
    /// # Errors
    ///
    /// [`Error::Snapshot`] if there is something that cannot be in it; [`Error::Poisoned`];
    /// [`Error::Limit`] if the process can have no further sandbox, since one is made to compare
    /// with; what freeing dropped blocks can bring.
    ///
    /// # Examples
    ///
    /// See [`Snapshot`].
    pub fn snapshot(&mut self) -> Result<Snapshot<L>> {
        self.as_sandbox_mut().enter()?;
        let refuse = |what| Err(Error::Snapshot { library: L::NAME, what });
        let state = self.state();
        if !state.callbacks.is_empty() {
            return refuse("callbacks were registered; take the snapshot before");
        }
        if !state.apps.is_empty() {
            return refuse("app pointers were registered; take the snapshot before");
        }
        if !state.provided.files_are_untouched() {
            return refuse("the guest has opened, read or closed files");
        }
        if let Some(what) = self.origin().module.loaded().unsaved {
            return refuse(what);
        }
        let fresh = bare(self.origin(), &Cancel::default())?;
        let table = |store: &Store<State>| Ok::<_, Error>(store.data().live()?.table.map(|table| table.size(store)));
        if table(self.store())? != table(&fresh)? {
            return refuse("its function table has grown");
        }
        let image = Image {
            id: InstanceId::fresh(),
            source: self.state().id,
            code: Arc::clone(self.origin().module.loaded()),
            size: memory(self.store())?.data_size(self.store()),
            runs: differences(memory(self.store())?.data(self.store()), memory(&fresh)?.data(&fresh)),
            globals: globals(self.store_mut())?.into_iter().map(|global| global.get(self.store_mut())).collect(),
        };
        let module = self.origin().module.clone().with_limits(self.limits());
        Ok(Snapshot { image: Arc::new(image), module })
    }

    /// Resets the sandbox to the snapshot, from now on also when it is reset again.
    ///
    /// # Errors
    ///
    /// [`Error::Snapshot`] if it is of another module; otherwise as [`reset`](Self::reset).
    ///
    /// # Examples
    ///
    /// ```
    /// # use sandbox::{Library, Result, Sandbox};
    /// fn again_and_again<L: Library>(table: &[u8], requests: &[&[u8]]) -> Result<()> {
    ///     let mut sb = Sandbox::<L>::new()?;
    ///     sb.copy_in(table)?.leak();
    ///     let ready = sb.snapshot()?;
    ///     for request in requests {
    ///         sb.reset_to(&ready)?;
    ///         sb.copy_in(request)?;
    ///     }
    ///     Ok(())
    /// }
    /// ```
    pub fn reset_to(&mut self, snapshot: &Snapshot<L>) -> Result<()> {
        let before = self.origin_mut().snapshot.replace(Arc::clone(&snapshot.image));
        let reset = self.reset();
        if reset.is_err() {
            self.origin_mut().snapshot = before;
        }
        reset
    }
}

impl Image {
    /// Gives a fresh instance the state of the snapshot.
    pub(crate) fn restore<L: Library>(&self, origin: &Origin<L>, store: &mut Store<State>) -> Result<()> {
        let refuse = |what| Error::Snapshot { library: L::NAME, what };
        if !Arc::ptr_eq(&self.code, origin.module.loaded()) {
            return Err(refuse("it is of another module"));
        }
        let memory = memory(store)?;
        let missing = self.size.saturating_sub(memory.data_size(&*store));
        let page = memory.page_size(&*store).max(1);
        let pages = u64::try_from(missing).unwrap_or(u64::MAX).div_ceil(page);
        let limit = origin.limits.memory;
        memory.grow(&mut *store, pages).map_err(|_| Error::limit(LimitKind::Memory, limit))?;
        let bytes = memory.data_mut(&mut *store);
        for (at, run) in &self.runs {
            let place = bytes.get_mut(*at..).and_then(|rest| rest.get_mut(..run.len()));
            place.ok_or_else(|| Error::bug("a snapshot outside of memory"))?.copy_from_slice(run);
        }
        let globals = globals(store)?;
        for (global, value) in globals.into_iter().zip(&self.globals) {
            global.set(&mut *store, *value).map_err(|error| Error::bug(format!("no global variable: {error:#}")))?;
        }
        store.data_mut().image = Some(self.id);
        Ok(())
    }
}

fn memory(store: &Store<State>) -> Result<Memory> {
    Ok(store.data().live()?.memory)
}

/// Returns the instance's global variables that change.
fn globals(store: &mut Store<State>) -> Result<Vec<Global>> {
    let (loaded, instance) = (Arc::clone(&store.data().loaded), store.data().live()?.instance);
    let find = |export| instance.get_module_export(&mut *store, export)?.into_global();
    loaded.changing.iter().map(find).collect::<Option<_>>().ok_or_else(|| Error::bug("a global variable is gone"))
}

/// Finds the pages of `used` that are not as in `fresh`, which may be shorter and then goes on with zeros.
fn differences(used: &[u8], fresh: &[u8]) -> Vec<(usize, Box<[u8]>)> {
    let zeros = [0; PAGE];
    let mut runs: Vec<(usize, Vec<u8>)> = Vec::new();
    for (index, page) in used.chunks(PAGE).enumerate() {
        let at = index.saturating_mul(PAGE);
        let before = fresh.get(at..).map(|rest| rest.get(..page.len()).unwrap_or(rest)).unwrap_or_default();
        let before = if before.is_empty() { zeros.get(..page.len()).unwrap_or_default() } else { before };
        if page == before {
            continue;
        }
        match runs.last_mut() {
            Some((start, run)) if start.saturating_add(run.len()) == at => run.extend_from_slice(page),
            _ => runs.push((at, page.to_vec())),
        }
    }
    runs.into_iter().map(|(at, run)| (at, run.into())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_the_pages_that_differ() {
        let fresh = [7; 2 * PAGE];
        let mut used = vec![7; 2 * PAGE];
        used.resize(5 * PAGE, 0);
        assert_eq!(differences(&used, &fresh), []);
        for changed in [PAGE + 1, 2 * PAGE, 4 * PAGE + 9] {
            if let Some(byte) = used.get_mut(changed) {
                *byte = 1;
            }
        }
        let found: Vec<_> = differences(&used, &fresh).iter().map(|(at, run)| (*at, run.len())).collect();
        assert_eq!(found, [(PAGE, 2 * PAGE), (4 * PAGE, PAGE)]);
    }
}
