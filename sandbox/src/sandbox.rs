//! A sandbox, the handle through which it is used, and everything that can be done with either.

use std::ffi::{CStr, CString};
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use wasmtime::{AsContext, AsContextMut, Store, StoreContext, StoreContextMut};

use crate::abi::{BitType, GuestType, InstanceId};
use crate::alloc::{Allocation, FreeQueue, check_malloc};
use crate::call::{ended, guest_call};
use crate::error::{Error, LimitKind, Result};
use crate::imports::{Ended, Output, Stream, Streams};
use crate::limits::Limiter;
use crate::memory::{Memory, MemoryMut, extent};
use crate::module::{Library, SandboxModule};
use crate::state::{Live, State, Status};
use crate::tainted::RawPtr;
use crate::{Global, GuestSlice, GuestWriter, Pointee, Tainted, TaintedBits, TaintedPtr, Verify, engine, stack};

/// As much memory as a sandbox has by default: 256 MiB, in bytes.
const MEMORY: u64 = 256 << 20;

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
    memory: u64,
    stdout: Output,
    stderr: Output,
    library: PhantomData<fn() -> L>,
}

impl<L: Library> Builder<L> {
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
        self.stdout = output;
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
        self.stderr = output;
        self
    }

    /// Makes the sandbox.
    ///
    /// # Errors
    ///
    /// As [`Sandbox::new`]; also [`Error::Limit`] if the library does not even start within the memory limit.
    ///
    /// # Examples
    ///
    /// ```
    /// # use sandbox::{Library, Result, Sandbox};
    /// fn make<L: Library>() -> Result<Sandbox<L>> { Sandbox::builder().build() }
    /// ```
    pub fn build(self) -> Result<Sandbox<L>> {
        let module = SandboxModule::get()?;
        let store = instantiate(&module, &self)?;
        Ok(Sandbox { module, store, builder: self })
    }
}

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
    module: SandboxModule<L>,
    store: Store<State>,
    builder: Builder<L>,
}

impl<L: Library> fmt::Debug for Sandbox<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sandbox<{}>({:?})", L::NAME, self.store.data().status)
    }
}

/// A sandbox borrowed for calls: what C functions take as their first argument.
pub struct SandboxRef<'a, L> {
    pub(crate) store: StoreContextMut<'a, State>,
    library: PhantomData<fn() -> L>,
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
        SandboxRef { store: self.store.as_context_mut(), library: PhantomData }
    }
}

impl<L: Library> AsSandboxMut<L> for SandboxRef<'_, L> {
    fn as_sandbox_mut(&mut self) -> SandboxRef<'_, L> {
        self.reborrow()
    }
}

impl<L: Library> Sandbox<L> {
    /// Makes a fresh sandbox with the default limits and no access to anything.
    ///
    /// # Errors
    ///
    /// [`Error::Module`] if the library cannot be loaded; a trap if its static constructors do.
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
        Builder { memory: MEMORY, stdout: Output::Deny, stderr: Output::Deny, library: PhantomData }
    }

    /// Replaces the guest by a fresh one, with the same limits, whatever state it is in.
    ///
    /// Pointers and allocations of before belong to no sandbox any more.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new); the sandbox is then as it was.
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
        self.store = instantiate(&self.module, &self.builder)?;
        Ok(())
    }

    fn context(&self) -> StoreContext<'_, State> {
        self.store.as_context()
    }

    fn context_mut(&mut self) -> StoreContextMut<'_, State> {
        self.store.as_context_mut()
    }
}

impl<L: Library> SandboxRef<'_, L> {
    pub(crate) fn reborrow(&mut self) -> SandboxRef<'_, L> {
        SandboxRef { store: self.store.as_context_mut(), library: PhantomData }
    }

    /// Checks that the guest can be called, and frees what was dropped since it was called last.
    #[inline]
    pub(crate) fn enter(&mut self) -> Result<()> {
        enter(&mut self.store)
    }

    fn context(&self) -> StoreContext<'_, State> {
        self.store.as_context()
    }

    fn context_mut(&mut self) -> StoreContextMut<'_, State> {
        self.store.as_context_mut()
    }
}

fn instantiate<L: Library>(module: &SandboxModule<L>, builder: &Builder<L>) -> Result<Store<State>> {
    stack::require_room()?;
    let refuse = |reason: &str| Error::Module { library: L::NAME, reason: reason.into() };
    let engine = engine::shared().map_err(|error| refuse(&format!("{error:#}")))?;
    let loaded = module.loaded();
    let mut store = Store::new(
        engine,
        State {
            id: InstanceId::fresh(),
            status: Status::Ready,
            limiter: Limiter::new(builder.memory),
            streams: Streams { stdout: Stream::new(builder.stdout), stderr: Stream::new(builder.stderr) },
            frees: Arc::new(FreeQueue::default()),
            instance: None,
            functions: Vec::new(),
            loaded: Arc::clone(loaded),
        },
    );
    store.limiter(|state| &mut state.limiter);
    let instance = loaded.pre.instantiate(&mut store).map_err(|error| {
        if error.is::<wasmtime::Trap>() || error.is::<wasmtime::ThrownException>() || error.is::<Ended>() {
            ended(&mut store.as_context_mut(), "_start", &error)
        } else if store.data().limiter.refused {
            Error::Limit { which: LimitKind::Memory, limit: builder.memory }
        } else {
            // The host's own doing: no address space left, too many mappings.
            refuse(&format!("{error:#}"))
        }
    })?;
    let memory = instance
        .get_module_export(&mut store, &loaded.memory)
        .and_then(wasmtime::Extern::into_memory)
        .ok_or_else(|| Error::bug("the checked memory is gone"))?;
    if loaded.addresses.get().is_none() {
        let mut address = |export| match instance.get_module_export(&mut store, export)?.into_global()?.get(&mut store) {
            wasmtime::Val::I32(address) => Some(address.cast_unsigned()),
            _ => None,
        };
        let addresses = loaded.globals.iter().map(&mut address).collect::<Option<_>>();
        loaded.addresses.get_or_init(|| addresses.unwrap_or_default());
    }
    let mut find = |export: &Option<wasmtime::ModuleExport>| {
        let export = export.as_ref()?;
        instance.get_module_export(&mut store, export)?.into_func()
    };
    let (malloc, free, initialize) = (find(&loaded.malloc), find(&loaded.free), find(&loaded.initialize));
    let typed = |error: wasmtime::Error| Error::bug(format!("a checked signature does not fit: {error}"));
    let malloc = malloc.map(|function| function.typed(&store)).transpose().map_err(typed)?;
    let free = free.map(|function| function.typed(&store)).transpose().map_err(typed)?;
    let initialize = initialize.map(|function| function.typed(&store)).transpose().map_err(typed)?;
    store.data_mut().instance = Some(Live { instance, memory, malloc, free });
    if let Some(initialize) = initialize {
        guest_call::<(), ()>(&mut store.as_context_mut(), "_initialize", &initialize, ())?;
    }
    Ok(store)
}

fn enter(store: &mut StoreContextMut<'_, State>) -> Result<()> {
    store.data().require_ready()?;
    stack::require_room()?;
    let addresses = store.data().frees.take();
    if addresses.is_empty() {
        return Ok(());
    }
    let free = store.data().live()?.free.clone();
    if let Some(free) = free {
        for address in addresses {
            guest_call(store, "free", &free, address)?;
        }
    }
    Ok(())
}

fn memory<'a>(store: StoreContext<'a, State>) -> Result<Memory<'a>> {
    store.data().require_ready()?;
    let live = store.data().live()?.memory;
    let instance = store.data().id;
    Ok(Memory { bytes: live.data(store), instance })
}

fn memory_mut<'a>(store: StoreContextMut<'a, State>) -> Result<MemoryMut<'a>> {
    store.data().require_ready()?;
    let live = store.data().live()?.memory;
    let instance = store.data().id;
    Ok(MemoryMut { bytes: live.data_mut(store), instance })
}

/// Allocates without initialising: what is in the block is the guest's.
fn allocate<T: GuestType<L>, L: Library>(store: &mut StoreContextMut<'_, State>, count: u32) -> Result<Allocation<T, L>> {
    enter(store)?;
    let bytes = extent(count.into(), T::SIZE)?;
    // C allows malloc(0) to return null, and a block without bytes has no use: ask for at least one.
    let asked = u32::try_from(bytes).unwrap_or(u32::MAX).max(1);
    let malloc = store.data().live()?.malloc.clone().ok_or_else(|| Error::Module {
        library: L::NAME,
        reason: "it does not export `malloc`, which copying in needs; build it with build-support".into(),
    })?;
    let address = guest_call(store, "malloc", &malloc, asked)?;
    let live = store.data().live()?.memory;
    let size = u64::try_from(live.data_size(&*store)).unwrap_or(u64::MAX);
    check_malloc(address, asked.into(), T::ALIGN, size)?;
    let state = store.data();
    Ok(Allocation::new(RawPtr::new(address, state.id), address, count, Arc::clone(&state.frees)))
}

/// Gives `Sandbox` and `SandboxRef` the same operations, each of one line.
macro_rules! operations {
    (impl<$($lifetime:lifetime,)? L> $ty:ty) => {
        impl<L: Library> $ty {
            /// Reads the value behind a pointer, once: what is returned is a copy that the guest cannot change.
            ///
            /// # Errors
            ///
            /// [`Error::Memory`] if the whole value is not in guest memory, [`Error::WrongSandbox`], [`Error::Poisoned`].
            ///
            /// # Examples
            ///
            /// ```
            /// # use sandbox::{Library, Result, Sandbox, TaintedPtr};
            /// fn peek<L: Library>(sb: &Sandbox<L>, rows: TaintedPtr<u32, L>) -> Result<Option<u32>> {
            ///     sb.read(rows)?.verify(|rows| Ok((rows < 10_000).then_some(rows)))
            /// }
            /// ```
            pub fn read<T: GuestType<L>>(&self, pointer: TaintedPtr<T, L>) -> Result<T::Tainted> {
                memory(self.context())?.read(pointer)
            }

            /// Reads the value behind a pointer, once, and verifies it into a type of the host.
            ///
            /// # Errors
            ///
            /// As [`read`](Self::read), and [`Error::Verify`] with the first field or relation that is wrong.
            ///
            /// # Examples
            ///
            /// ```
            /// # use sandbox::{GuestType, Library, Result, Sandbox, TaintedPtr, Verify};
            /// fn checked<V: Verify<T::Tainted>, T: GuestType<L>, L: Library>(sb: &Sandbox<L>, p: TaintedPtr<T, L>) -> Result<V> {
            ///     sb.read_verified(p)
            /// }
            /// ```
            pub fn read_verified<V: Verify<T::Tainted>, T: GuestType<L>>(&self, pointer: TaintedPtr<T, L>) -> Result<V> {
                Ok(V::verify(self.read(pointer)?)?)
            }

            /// Reads a bit-field behind a pointer.
            ///
            /// # Errors
            ///
            /// As [`read`](Self::read).
            ///
            /// # Examples
            ///
            /// ```
            /// # use sandbox::{Library, Result, Sandbox, Tainted, TaintedBits};
            /// fn version<L: Library>(sb: &Sandbox<L>, version: TaintedBits<u8, L>) -> Result<Tainted<u8, L>> { sb.read_bits(version) }
            /// ```
            pub fn read_bits<T: BitType>(&self, place: TaintedBits<T, L>) -> Result<Tainted<T, L>> {
                memory(self.context())?.read_bits(place)
            }

            /// Reads `count` elements.
            ///
            /// # Errors
            ///
            /// As [`read`](Self::read).
            ///
            /// # Examples
            ///
            /// ```
            /// # use sandbox::{Library, Result, Sandbox, Tainted, TaintedPtr};
            /// fn histogram<L: Library>(sb: &Sandbox<L>, bins: TaintedPtr<u32, L>) -> Result<Vec<Tainted<u32, L>>> {
            ///     sb.read_slice(bins, 256)
            /// }
            /// ```
            pub fn read_slice<T: GuestType<L>>(&self, pointer: TaintedPtr<T, L>, count: u32) -> Result<Vec<T::Tainted>> {
                memory(self.context())?.read_slice(pointer, count)
            }

            /// Borrows `count` bytes of guest memory. The guest cannot run while the view lives.
            ///
            /// # Errors
            ///
            /// As [`read`](Self::read).
            ///
            /// # Examples
            ///
            /// ```
            /// # use sandbox::{Library, Result, Sandbox, TaintedPtr};
            /// fn sum<L: Library>(sb: &Sandbox<L>, pixels: TaintedPtr<u8, L>) -> Result<u64> {
            ///     let row = sb.view(pixels, 640)?.unverified_because("every byte is a valid shade of grey");
            ///     Ok(row.iter().map(|shade| u64::from(*shade)).sum())
            /// }
            /// ```
            pub fn view(&self, pointer: TaintedPtr<u8, L>, count: u32) -> Result<Tainted<&[u8], L>> {
                memory(self.context())?.view(pointer, count)
            }

            /// Borrows `count` elements, which are decoded as they are read. The guest cannot run while the view lives.
            ///
            /// # Errors
            ///
            /// As [`read`](Self::read).
            ///
            /// # Examples
            ///
            /// ```
            /// # use sandbox::{Library, Result, Sandbox, Tainted, TaintedPtr};
            /// fn tenth<L: Library>(sb: &Sandbox<L>, table: TaintedPtr<u16, L>) -> Result<Option<Tainted<u16, L>>> {
            ///     Ok(sb.view_slice(table, 256)?.get(10))
            /// }
            /// ```
            pub fn view_slice<T: GuestType<L>>(&self, pointer: TaintedPtr<T, L>, count: u32) -> Result<GuestSlice<'_, T, L>> {
                memory(self.context())?.view_slice(pointer, count)
            }

            /// Borrows `count` bytes as a [`Read`](std::io::Read), [`BufRead`](std::io::BufRead) and [`Seek`](std::io::Seek).
            ///
            /// # Errors
            ///
            /// As [`read`](Self::read).
            ///
            /// # Examples
            ///
            /// ```
            /// # use sandbox::{Library, Result, Sandbox, TaintedPtr};
            /// use std::io::BufRead;
            ///
            /// fn lines<L: Library>(sb: &Sandbox<L>, report: TaintedPtr<u8, L>, bytes: u32) -> Result<usize> {
            ///     let report = sb.reader(report, bytes)?.unverified_because("lines are only counted");
            ///     Ok(report.split(b'\n').count())
            /// }
            /// ```
            pub fn reader(&self, pointer: TaintedPtr<u8, L>, count: u32) -> Result<Tainted<std::io::Cursor<&[u8]>, L>> {
                Ok(Tainted::new(std::io::Cursor::new(self.view(pointer, count)?.into_inner())))
            }

            /// Checks that `count` elements are in guest memory, without reading them.
            ///
            /// # Errors
            ///
            /// As [`read`](Self::read).
            ///
            /// # Examples
            ///
            /// ```
            /// # use sandbox::{Library, Result, Sandbox, TaintedPtr};
            /// fn row<L: Library>(sb: &Sandbox<L>, row: TaintedPtr<u32, L>) -> Result<()> { sb.check_range(row, 640) }
            /// ```
            pub fn check_range<T: GuestType<L>>(&self, pointer: TaintedPtr<T, L>, count: u32) -> Result<()> {
                self.view_slice(pointer, count).map(drop)
            }

            /// Compares two ranges of bytes; the answer is tainted. C's `memcmp`.
            ///
            /// # Errors
            ///
            /// As [`read`](Self::read).
            ///
            /// # Examples
            ///
            /// ```
            /// # use sandbox::{Library, Result, Sandbox, Tainted, TaintedPtr};
            /// use std::cmp::Ordering;
            ///
            /// fn order<L: Library>(sb: &Sandbox<L>, a: TaintedPtr<u8, L>, b: TaintedPtr<u8, L>) -> Result<Tainted<Ordering, L>> {
            ///     sb.compare(a, b, 16)
            /// }
            /// ```
            pub fn compare(&self, a: TaintedPtr<u8, L>, b: TaintedPtr<u8, L>, count: u32) -> Result<Tainted<std::cmp::Ordering, L>> {
                let (a, b) = (self.view(a, count)?, self.view(b, count)?);
                Ok(Tainted::new(a.into_inner().cmp(b.into_inner())))
            }

            /// Copies `count` bytes out of guest memory.
            ///
            /// # Errors
            ///
            /// As [`read`](Self::read). Nothing is allocated on the host before the range is checked.
            ///
            /// # Examples
            ///
            /// ```
            /// # use sandbox::{Library, Result, Sandbox, TaintedPtr};
            /// fn pixels<L: Library>(sb: &Sandbox<L>, p: TaintedPtr<u8, L>) -> Result<Vec<u8>> {
            ///     Ok(sb.copy_out(p, 640)?.unverified_because("every byte is a valid shade of grey"))
            /// }
            /// ```
            pub fn copy_out(&self, pointer: TaintedPtr<u8, L>, count: u32) -> Result<Tainted<Vec<u8>, L>> {
                Ok(Tainted::new(self.view(pointer, count)?.into_inner().to_vec()))
            }

            /// Reads a C string of at most `limit` bytes before its terminator.
            ///
            /// # Errors
            ///
            /// As [`read`](Self::read), and [`MemoryError::NoTerminator`](crate::MemoryError::NoTerminator) if there is none within the limit.
            ///
            /// # Examples
            ///
            /// ```
            /// # use sandbox::{Library, Result, Sandbox, TaintedPtr};
            /// fn message<L: Library>(sb: &Sandbox<L>, p: TaintedPtr<i8, L>) -> Result<String> {
            ///     let text = sb.read_c_str(p, 200)?;
            ///     Ok(text.verify(|text| Ok::<_, sandbox::Error>(text.to_string_lossy().escape_debug().to_string()))?)
            /// }
            /// ```
            pub fn read_c_str(&self, pointer: TaintedPtr<i8, L>, limit: u32) -> Result<Tainted<CString, L>> {
                memory(self.context())?.read_c_str(pointer, limit)
            }

            /// Returns a pointer to a global variable.
            ///
            /// # Errors
            ///
            /// [`Error::Poisoned`].
            ///
            /// # Examples
            ///
            /// ```
            /// # use sandbox::{Global, Library, Result, Sandbox, Tainted};
            /// fn verbosity<L: Library>(sb: &Sandbox<L>, variable: Global<i32, L>) -> Result<Tainted<i32, L>> {
            ///     sb.read(sb.global(variable)?)
            /// }
            /// ```
            pub fn global<T: Pointee<L>>(&self, variable: Global<T, L>) -> Result<TaintedPtr<T, L>> {
                let context = self.context();
                let state = context.data();
                state.require_ready()?;
                let address = state.loaded.addresses.get().and_then(|addresses| addresses.get(variable.index()));
                let address = address.ok_or_else(|| Error::bug("a variable that is not declared"))?;
                Ok(TaintedPtr::from_raw(RawPtr::new(*address, state.id)))
            }

            /// Returns the size of the guest's memory in bytes. It can only grow.
            ///
            /// # Errors
            ///
            /// [`Error::Poisoned`].
            ///
            /// # Examples
            ///
            /// ```
            /// # use sandbox::{Library, Result, Sandbox};
            /// fn mebibytes<L: Library>(sb: &Sandbox<L>) -> Result<usize> { Ok(sb.memory_size()? >> 20) }
            /// ```
            pub fn memory_size(&self) -> Result<usize> {
                Ok(memory(self.context())?.bytes.len())
            }

            /// Writes a value through a pointer.
            ///
            /// # Errors
            ///
            /// As [`read`](Self::read). Nothing is written unless the whole value fits.
            ///
            /// # Examples
            ///
            /// ```
            /// # use sandbox::{Library, Result, Sandbox, TaintedPtr};
            /// fn set<L: Library>(sb: &mut Sandbox<L>, level: TaintedPtr<i32, L>) -> Result<()> { sb.write(level, 9) }
            /// ```
            pub fn write<T: GuestType<L>>(&mut self, pointer: TaintedPtr<T, L>, value: impl Into<T::Tainted>) -> Result<()> {
                memory_mut(self.context_mut())?.write(pointer, &value.into())
            }

            /// Copies bytes of the host to a place in guest memory.
            ///
            /// # Errors
            ///
            /// As [`write`](Self::write).
            ///
            /// # Examples
            ///
            /// ```
            /// # use sandbox::{Library, Result, Sandbox, TaintedPtr};
            /// fn feed<L: Library>(sb: &mut Sandbox<L>, at: TaintedPtr<u8, L>) -> Result<()> { sb.write_bytes(at, b"IHDR") }
            /// ```
            pub fn write_bytes(&mut self, pointer: TaintedPtr<u8, L>, bytes: &[u8]) -> Result<()> {
                memory_mut(self.context_mut())?.write_bytes(pointer, bytes)
            }

            /// Writes a bit-field behind a pointer; the bits around it stay as they are.
            ///
            /// # Errors
            ///
            /// As [`write`](Self::write), and [`MemoryError::Bits`](crate::MemoryError::Bits) if the number has more bits than the field.
            ///
            /// # Examples
            ///
            /// ```
            /// # use sandbox::{Library, Result, Sandbox, TaintedBits};
            /// fn raise<L: Library>(sb: &mut Sandbox<L>, flag: TaintedBits<u32, L>) -> Result<()> { sb.write_bits(flag, 1) }
            /// ```
            pub fn write_bits<T: BitType>(&mut self, place: TaintedBits<T, L>, value: impl Into<Tainted<T, L>>) -> Result<()> {
                memory_mut(self.context_mut())?.write_bits(place, &value.into())
            }

            /// Writes elements one behind the other.
            ///
            /// # Errors
            ///
            /// As [`write`](Self::write). Nothing is written unless all values fit and belong to this sandbox.
            ///
            /// # Examples
            ///
            /// ```
            /// # use sandbox::{Library, Result, Sandbox, Tainted, TaintedPtr};
            /// fn set<L: Library>(sb: &mut Sandbox<L>, weights: TaintedPtr<i16, L>) -> Result<()> {
            ///     sb.write_slice(weights, &[1, 2, 1].map(Tainted::new))
            /// }
            /// ```
            pub fn write_slice<T: GuestType<L>>(&mut self, pointer: TaintedPtr<T, L>, values: &[T::Tainted]) -> Result<()> {
                memory_mut(self.context_mut())?.write_slice(pointer, values)
            }

            /// Borrows `count` bytes as a [`Write`](std::io::Write) and [`Seek`](std::io::Seek) of that size.
            ///
            /// # Errors
            ///
            /// As [`write`](Self::write).
            ///
            /// # Examples
            ///
            /// ```
            /// # use sandbox::{Library, Result, Sandbox, TaintedPtr};
            /// use std::io::Write;
            ///
            /// fn name<L: Library>(sb: &mut Sandbox<L>, place: TaintedPtr<u8, L>, id: u32) -> Result<bool> {
            ///     Ok(write!(sb.writer(place, 32)?, "image-{id:08}\0").is_ok())
            /// }
            /// ```
            pub fn writer(&mut self, pointer: TaintedPtr<u8, L>, count: u32) -> Result<GuestWriter<'_>> {
                Ok(GuestWriter::new(memory_mut(self.context_mut())?.range(pointer, count)?))
            }

            /// Sets `count` bytes. C's `memset`.
            ///
            /// # Errors
            ///
            /// As [`write`](Self::write).
            ///
            /// # Examples
            ///
            /// ```
            /// # use sandbox::{Library, Result, Sandbox, TaintedPtr};
            /// fn wipe<L: Library>(sb: &mut Sandbox<L>, key: TaintedPtr<u8, L>) -> Result<()> { sb.fill(key, 0, 32) }
            /// ```
            pub fn fill(&mut self, pointer: TaintedPtr<u8, L>, byte: u8, count: u32) -> Result<()> {
                memory_mut(self.context_mut())?.fill(pointer, byte, count.into())
            }

            /// Copies `count` bytes from one place of the guest to another; the ranges may overlap. C's `memmove`.
            ///
            /// # Errors
            ///
            /// As [`write`](Self::write).
            ///
            /// # Examples
            ///
            /// ```
            /// # use sandbox::{Library, Result, Sandbox, TaintedPtr};
            /// fn shift<L: Library>(sb: &mut Sandbox<L>, row: TaintedPtr<u8, L>) -> Result<()> { sb.copy_within(row, row.add(4), 636) }
            /// ```
            pub fn copy_within(&mut self, to: TaintedPtr<u8, L>, from: TaintedPtr<u8, L>, count: u32) -> Result<()> {
                memory_mut(self.context_mut())?.copy_within(to, from, count)
            }

            /// Allocates `count` elements in the guest, all bytes zero.
            ///
            /// # Errors
            ///
            /// [`Error::Allocation`] if the guest has no memory left, [`Error::LyingAllocator`] if its `malloc` is not to be trusted,
            /// a trap if it ends badly, [`Error::Poisoned`].
            ///
            /// # Examples
            ///
            /// ```
            /// # use sandbox::{Allocation, Library, Result, Sandbox};
            /// fn counter<L: Library>(sb: &mut Sandbox<L>) -> Result<Allocation<u32, L>> { sb.alloc(1) }
            /// ```
            pub fn alloc<T: GuestType<L>>(&mut self, count: u32) -> Result<Allocation<T, L>> {
                let allocation: Allocation<T, L> = allocate(&mut self.context_mut(), count)?;
                let bytes = extent(count.into(), T::SIZE)?;
                memory_mut(self.context_mut())?.fill(allocation.as_ptr().cast(), 0, bytes)?;
                Ok(allocation)
            }

            /// Copies bytes into a new block of the guest.
            ///
            /// # Errors
            ///
            /// As [`alloc`](Self::alloc).
            ///
            /// # Examples
            ///
            /// ```
            /// # use sandbox::{Allocation, Library, Result, Sandbox};
            /// fn input<L: Library>(sb: &mut Sandbox<L>, file: &[u8]) -> Result<Allocation<u8, L>> { sb.copy_in(file) }
            /// ```
            pub fn copy_in(&mut self, bytes: &[u8]) -> Result<Allocation<u8, L>> {
                let count = extent(u64::try_from(bytes.len()).unwrap_or(u64::MAX), 1)?;
                let allocation = allocate(&mut self.context_mut(), u32::try_from(count).unwrap_or(u32::MAX))?;
                self.write_bytes(allocation.as_ptr(), bytes)?;
                Ok(allocation)
            }

            /// Copies a C string, terminator included, into a new block of the guest.
            ///
            /// # Errors
            ///
            /// As [`alloc`](Self::alloc).
            ///
            /// # Examples
            ///
            /// ```
            /// # use sandbox::{Allocation, Library, Result, Sandbox};
            /// fn version<L: Library>(sb: &mut Sandbox<L>) -> Result<Allocation<i8, L>> { sb.copy_in_c_str(c"1.6.50") }
            /// ```
            pub fn copy_in_c_str(&mut self, string: &CStr) -> Result<Allocation<i8, L>> {
                let bytes = string.to_bytes_with_nul();
                let count = extent(u64::try_from(bytes.len()).unwrap_or(u64::MAX), 1)?;
                let allocation = allocate::<i8, L>(&mut self.context_mut(), u32::try_from(count).unwrap_or(u32::MAX))?;
                self.write_bytes(allocation.as_ptr().cast(), bytes)?;
                Ok(allocation)
            }

            /// Frees a block now, instead of at the next entry after its drop.
            ///
            /// # Errors
            ///
            /// A trap if the guest's `free` ends badly; [`Error::WrongSandbox`]; [`Error::Poisoned`].
            ///
            /// # Examples
            ///
            /// ```
            /// # use sandbox::{Allocation, Library, Result, Sandbox};
            /// fn done<L: Library>(sb: &mut Sandbox<L>, block: Allocation<u8, L>) -> Result<()> { sb.free(block) }
            /// ```
            pub fn free<T: GuestType<L>>(&mut self, allocation: Allocation<T, L>) -> Result<()> {
                let store = &mut self.context_mut();
                allocation.as_ptr().raw().address_in(store.data().id)?;
                drop(allocation);
                enter(store)
            }

            /// Tells whether an earlier call ended in a way that only `reset` repairs.
            ///
            /// # Examples
            ///
            /// ```
            /// # use sandbox::{Library, Sandbox};
            /// fn usable<L: Library>(sb: &Sandbox<L>) -> bool { !sb.is_poisoned() }
            /// ```
            #[must_use]
            pub fn is_poisoned(&self) -> bool {
                !matches!(self.context().data().status, Status::Ready)
            }

            /// Returns what the guest wrote to its standard output since it was made, if that is captured. Readable also when poisoned.
            ///
            /// # Examples
            ///
            /// ```
            /// # use sandbox::{Library, Sandbox};
            /// fn said<L: Library>(sb: &Sandbox<L>) -> usize { sb.stdout().verify(|text| Ok::<_, ()>(text.len())).unwrap_or(0) }
            /// ```
            pub fn stdout(&self) -> Tainted<&[u8], L> {
                Tainted::new(&self.context().data().streams.stdout.captured)
            }

            /// Returns what the guest wrote to its standard error since it was made, if that is captured. Readable also when poisoned.
            ///
            /// # Examples
            ///
            /// ```
            /// # use sandbox::{Library, Sandbox};
            /// fn complained<L: Library>(sb: &Sandbox<L>) -> bool { sb.stderr().verify(|text| Ok::<_, ()>(!text.is_empty())).unwrap_or(false) }
            /// ```
            pub fn stderr(&self) -> Tainted<&[u8], L> {
                Tainted::new(&self.context().data().streams.stderr.captured)
            }
        }
    };
}

operations!(impl<L> Sandbox<L>);
operations!(impl<L> SandboxRef<'_, L>);
