//! A loaded library.

use std::marker::PhantomData;
use std::sync::{Arc, OnceLock, PoisonError, RwLock, TryLockError, TryLockResult};

use sandbox_engine::{Metering, StaticData, UNSAVED_STATE};
use wasmtime::{ExternType, InstancePre, Linker, Module, ModuleExport, Mutability, ValType};

use crate::abi::Wasm;
use crate::builder::Builder;
use crate::engine;
use crate::error::{Error, Result};
use crate::imports;
use crate::limits::Limits;
use crate::lines::Lines;
use crate::loading::Loading;
use crate::precompiled::Precompiled;
use crate::state::State;
use crate::system;

/// A library that `sandbox::library!` has declared. Implemented by the marker type of each library.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a sandboxed library",
    note = "name the marker type of a library, as in `Sandbox::<zlib::Library>::new()`"
)]
pub trait Library: Sized + Send + Sync + 'static {
    /// The library's name.
    const NAME: &'static str;
    /// Its code.
    #[doc(hidden)]
    const PRECOMPILED: Precompiled;
    /// What its code checks while it runs.
    #[doc(hidden)]
    const METERING: Metering = Metering::DEFAULT;
    /// The C file and line of each instruction, or nothing.
    #[doc(hidden)]
    const LINES: &'static [u8] = &[];
    /// Its functions.
    #[doc(hidden)]
    const FUNCTIONS: &'static [FunctionDecl];
    /// The exports that say where its global variables are.
    #[doc(hidden)]
    const GLOBALS: &'static [&'static str];

    /// The place of the loaded module.
    #[doc(hidden)]
    fn cell() -> &'static ModuleCell<Self>;
}

/// The declaration of a C function.
#[doc(hidden)]
#[derive(Debug)]
pub struct FunctionDecl {
    pub(crate) export: &'static str,
    pub(crate) name: &'static str,
    pub(crate) params: &'static [Wasm],
    pub(crate) result: Option<Wasm>,
    pub(crate) param_names: &'static [&'static str],
}

impl FunctionDecl {
    /// Declares that `export` is the C function `name`.
    #[must_use]
    pub const fn new(
        export: &'static str,
        name: &'static str,
        params: &'static [Wasm],
        result: Option<Wasm>,
        param_names: &'static [&'static str],
    ) -> Self {
        Self { export, name, params, result, param_names }
    }

    /// Returns the name of the export, and what it takes and returns.
    #[must_use]
    pub fn export(&self) -> (&'static str, &'static [Wasm], Option<Wasm>) {
        (self.export, self.params, self.result)
    }

    fn accepts(&self, ty: &wasmtime::FuncType) -> bool {
        let same = |declared: &Wasm, actual: ValType| {
            matches!(
                (declared, actual),
                (Wasm::I32, ValType::I32) | (Wasm::I64, ValType::I64) | (Wasm::F32, ValType::F32) | (Wasm::F64, ValType::F64)
            )
        };
        ty.params().len() == self.params.len()
            && self.params.iter().zip(ty.params()).all(|(declared, actual)| same(declared, actual))
            && ty.results().len() == usize::from(self.result.is_some())
            && self.result.iter().zip(ty.results()).all(|(declared, actual)| same(declared, actual))
    }
}

/// The place where a library keeps its loaded module.
#[doc(hidden)]
#[derive(Debug)]
pub struct ModuleCell<L>(RwLock<Option<SandboxModule<L>>>);

impl<L> ModuleCell<L> {
    /// Makes an empty cell.
    #[must_use]
    pub const fn new() -> Self {
        Self(RwLock::new(None))
    }
}

impl<L> Default for ModuleCell<L> {
    fn default() -> Self {
        Self::new()
    }
}

/// The loaded code of library `L`, from which sandboxes are made. Cheap to clone, shared by threads.
///
/// [`Sandbox::new`](crate::Sandbox::new) loads it on first use; load it yourself to do that at a time of your choice.
///
/// # Examples
///
/// ```
/// fn warm_up<L: sandbox::Library>() -> sandbox::Result<()> {
///     sandbox::SandboxModule::<L>::get()?;
///     Ok(())
/// }
/// ```
pub struct SandboxModule<L> {
    loaded: Arc<Loaded>,
    limits: Limits,
    library: PhantomData<fn() -> L>,
}

/// Where code comes from.
pub(crate) enum Source {
    /// The application's build.
    Precompiled(Precompiled),
    /// A plugin, compiled by this process.
    #[cfg(feature = "jit")]
    Plugin(Module, StaticData),
}

impl Source {
    /// What to do if it cannot be loaded.
    fn advice(&self) -> &'static str {
        match self {
            Self::Precompiled(_) => "; build the application and the library again with the same version of this crate, for this target",
            #[cfg(feature = "jit")]
            Self::Plugin(..) => "",
        }
    }

    /// Returns the table of lines, which the build has made for its own code.
    fn lines<L: Library>(&self) -> &'static [u8] {
        match self {
            Self::Precompiled(_) => L::LINES,
            #[cfg(feature = "jit")]
            Self::Plugin(..) => &[],
        }
    }

    fn load(&self, metering: Metering) -> Result<(Module, StaticData), wasmtime::Error> {
        match self {
            // The build has chosen how its data is had, and the engine knows its own.
            Self::Precompiled(code) => {
                let load = |data| Ok((code.load(engine::get(metering, data)?)?, data));
                load(StaticData::Copied)
                    .or_else(|error| load(StaticData::Mapped).map_err(|other| if system::refuses(&other) { other } else { error }))
            }
            #[cfg(feature = "jit")]
            Self::Plugin(module, data) => Ok((module.clone(), *data)),
        }
    }
}

/// What is the same for all sandboxes of a library.
pub(crate) struct Loaded {
    metering: Metering,
    pub(crate) data: StaticData,
    pub(crate) pre: InstancePre<State>,
    pub(crate) lines: Lines,
    pub(crate) memory: ModuleExport,
    pub(crate) table: Option<ModuleExport>,
    pub(crate) stack_pointer: Option<ModuleExport>,
    pub(crate) malloc: Option<ModuleExport>,
    pub(crate) free: Option<ModuleExport>,
    pub(crate) initialize: Option<ModuleExport>,
    /// The global variables of WebAssembly that change: the stack pointer, and whatever else the
    /// build has found.
    pub(crate) changing: Vec<ModuleExport>,
    /// What can change and no snapshot holds.
    pub(crate) unsaved: Option<&'static str>,
    pub(crate) functions: Vec<ModuleExport>,
    pub(crate) globals: Vec<ModuleExport>,
    /// Where the global variables are: the same in each instance, since a constant without imports says so.
    pub(crate) addresses: OnceLock<Vec<u32>>,
}

impl<L> Clone for SandboxModule<L> {
    fn clone(&self) -> Self {
        Self { loaded: Arc::clone(&self.loaded), limits: self.limits, library: PhantomData }
    }
}

impl<L> std::fmt::Debug for SandboxModule<L> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SandboxModule<{}>", std::any::type_name::<L>())
    }
}

impl<L: Library> SandboxModule<L> {
    /// Returns the library's module, which is loaded on the first call: the application's own, unless [`make_default`](Self::make_default) has put another in its place.
    ///
    /// # Errors
    ///
    /// [`Error::Module`] if the module was built for another target, by another version of wasmtime, or does not export what the
    /// bindings declare.
    ///
    /// # Examples
    ///
    /// ```
    /// fn load<L: sandbox::Library>() -> sandbox::Result<sandbox::SandboxModule<L>> {
    ///     sandbox::SandboxModule::get()
    /// }
    /// ```
    pub fn get() -> Result<Self> {
        let cell = &L::cell().0;
        if let Some(Some(module)) = soon(|| cell.try_read()).as_deref() {
            return Ok(module.clone());
        }
        let module = Self::built_in()?;
        let place = soon(|| cell.try_write());
        Ok(place.map_or_else(|| module.clone(), |mut place| place.get_or_insert(module.clone()).clone()))
    }

    /// Returns the module that the application was built with, whatever the default is.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get).
    ///
    /// # Examples
    ///
    /// ```
    /// fn back_to_our_own<L: sandbox::Library>() -> sandbox::Result<()> {
    ///     sandbox::SandboxModule::<L>::built_in()?.make_default();
    ///     Ok(())
    /// }
    /// ```
    pub fn built_in() -> Result<Self> {
        Self::load(&Source::Precompiled(L::PRECOMPILED), L::METERING)
    }

    /// Loads code, and checks it.
    pub(crate) fn load(source: &Source, metering: Metering) -> Result<Self> {
        let _loading = Loading::begin()?;
        Ok(Self { loaded: Arc::new(load::<L>(source, metering)?), limits: Limits::new(), library: PhantomData })
    }

    /// Returns the same module, whose sandboxes have these limits unless their own builder says otherwise.
    ///
    /// # Examples
    ///
    /// ```
    /// use sandbox::{Library, Limits, Result, Sandbox, SandboxModule};
    ///
    /// fn small<L: Library>() -> Result<Sandbox<L>> {
    ///     let module = SandboxModule::<L>::get()?.with_limits(Limits::new().memory(16 << 20));
    ///     module.builder().build()
    /// }
    /// ```
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Makes this the module of all sandboxes of the library that do not name one, from now on. Those that exist keep theirs.
    ///
    /// # Examples
    ///
    /// ```
    /// use sandbox::{Library, Limits, Result, SandboxModule};
    ///
    /// fn limit_all<L: Library>() -> Result<()> {
    ///     SandboxModule::<L>::get()?.with_limits(Limits::new().memory(16 << 20)).make_default();
    ///     Ok(())
    /// }
    /// ```
    pub fn make_default(self) {
        *L::cell().0.write().unwrap_or_else(PoisonError::into_inner) = Some(self);
    }

    /// Returns a builder of sandboxes of this module.
    ///
    /// # Examples
    ///
    /// ```
    /// # use sandbox::{Library, Result, Sandbox, SandboxModule};
    /// fn make<L: Library>(module: &SandboxModule<L>) -> Result<Sandbox<L>> { module.builder().build() }
    /// ```
    #[must_use]
    pub fn builder(&self) -> Builder<L> {
        Builder::of(self.clone())
    }

    pub(crate) fn loaded(&self) -> &Arc<Loaded> {
        &self.loaded
    }

    /// Returns what the code checks while it runs.
    pub(crate) fn metering(&self) -> Metering {
        self.loaded.metering
    }

    pub(crate) fn limits(&self) -> Limits {
        self.limits
    }
}

/// Takes a lock that nobody holds for long: not at all, if a fork has left it locked.
fn soon<G>(lock: impl Fn() -> TryLockResult<G>) -> Option<G> {
    const TRIES: usize = 10_000;
    for _ in 0..TRIES {
        match lock() {
            Ok(guard) => return Some(guard),
            Err(TryLockError::Poisoned(poison)) => return Some(poison.into_inner()),
            Err(TryLockError::WouldBlock) => std::thread::yield_now(),
        }
    }
    None
}

/// The function table, by the name that linkers give it. (Wasm tool conventions, `Linking.md`.)
const TABLE: &str = "__indirect_function_table";
/// The pointer to the top of the C stack, likewise.
const STACK_POINTER: &str = "__stack_pointer";

fn load<L: Library>(source: &Source, metering: Metering) -> Result<Loaded> {
    let refuse = |reason: String| Error::module(L::NAME, &reason);
    let (module, data) = source.load(metering).map_err(|error| system::refused(L::NAME, &error, |text| refuse(text + source.advice())))?;
    let mut linker = Linker::new(module.engine());
    imports::link(&mut linker, &module).map_err(|error| refuse(format!("{error:#}")))?;
    let pre = linker.instantiate_pre(&module).map_err(|error| refuse(format!("{error:#}")))?;

    let memory = match module.get_export("memory") {
        Some(ExternType::Memory(ty)) if !ty.is_64() && !ty.is_shared() => export(&module, "memory"),
        _ => None,
    }
    .ok_or_else(|| refuse("it exports no 32-bit memory called `memory`".into()))?;
    let functions = L::FUNCTIONS
        .iter()
        .map(|function| match module.get_export(function.export) {
            Some(ExternType::Func(ty)) if function.accepts(&ty) => {
                export(&module, function.export).ok_or_else(|| Error::bug("an export that is not there"))
            }
            Some(ExternType::Func(ty)) => Err(refuse(format!(
                "the C function `{}` is declared as {:?} -> {:?}, but the module has {ty}; the header and the sources disagree",
                function.name, function.params, function.result
            ))),
            _ => Err(refuse(format!("it does not export the C function `{}`; allow it in build.rs", function.name))),
        })
        .collect::<Result<_>>()?;
    let globals = L::GLOBALS
        .iter()
        .map(|global| match module.get_export(global) {
            Some(ExternType::Global(ty)) if matches!(ty.content(), ValType::I32) && ty.mutability() == Mutability::Const => {
                export(&module, global).ok_or_else(|| Error::bug("an export that is not there"))
            }
            _ => Err(refuse(format!("it does not export the address of the C variable `{global}`; allow it in build.rs"))),
        })
        .collect::<Result<_>>()?;
    let table = match module.get_export(TABLE) {
        Some(ExternType::Table(ty)) if ty.element().heap_type().is_func() && ty.element().is_nullable() && !ty.is_64() => {
            export(&module, TABLE)
        }
        _ => None,
    };
    let stack_pointer = match module.get_export(STACK_POINTER) {
        Some(ExternType::Global(ty)) if ty.content().is_i32() && ty.mutability() == Mutability::Var => export(&module, STACK_POINTER),
        _ => None,
    };
    let globals_that_change = || {
        module.exports().filter_map(|export| match export.ty() {
            ExternType::Global(ty) if ty.mutability() == Mutability::Var => Some((export.name(), ty.content().is_ref())),
            _ => None,
        })
    };
    let unsaved = if module.get_export_index(UNSAVED_STATE).is_some() {
        Some("the library's code changes its tables or drops its segments")
    } else if globals_that_change().any(|(_, reference)| reference) {
        Some("the library has a global variable that refers to a function or an exception")
    } else {
        None
    };
    Ok(Loaded {
        metering,
        data,
        changing: globals_that_change().filter_map(|(name, _)| export(&module, name)).collect(),
        unsaved,
        table,
        stack_pointer,
        malloc: function_of_i32(&module, "malloc", 1, 1),
        free: function_of_i32(&module, "free", 1, 0),
        initialize: function_of_i32(&module, "_initialize", 0, 0),
        pre,
        lines: Lines::new(source.lines::<L>()),
        memory,
        functions,
        globals,
        addresses: OnceLock::new(),
    })
}

fn export(module: &Module, name: &str) -> Option<ModuleExport> {
    module.get_export_index(name)
}

/// Finds a function that takes and returns so many `i32`.
fn function_of_i32(module: &Module, name: &str, params: usize, results: usize) -> Option<ModuleExport> {
    let ExternType::Func(ty) = module.get_export(name)? else { return None };
    let fits = ty.params().len() == params
        && ty.results().len() == results
        && ty.params().chain(ty.results()).all(|ty| matches!(ty, ValType::I32));
    fits.then(|| export(module, name)).flatten()
}
