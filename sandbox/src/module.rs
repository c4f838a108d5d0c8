//! A loaded library.

use std::marker::PhantomData;
use std::sync::{Arc, OnceLock};

use wasmtime::{ExternType, InstancePre, Linker, Module, ModuleExport, Mutability, ValType};

use crate::abi::Wasm;
use crate::engine;
use crate::error::{Error, Result};
use crate::imports;
use crate::lines::Lines;
use crate::precompiled::Precompiled;
use crate::state::State;

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
pub struct ModuleCell<L>(OnceLock<SandboxModule<L>>);

impl<L> ModuleCell<L> {
    /// Makes an empty cell.
    #[must_use]
    pub const fn new() -> Self {
        Self(OnceLock::new())
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
    library: PhantomData<fn() -> L>,
}

/// What is the same for all sandboxes of a library.
pub(crate) struct Loaded {
    pub(crate) pre: InstancePre<State>,
    pub(crate) lines: Lines,
    pub(crate) memory: ModuleExport,
    pub(crate) table: Option<ModuleExport>,
    pub(crate) stack_pointer: Option<ModuleExport>,
    pub(crate) malloc: Option<ModuleExport>,
    pub(crate) free: Option<ModuleExport>,
    pub(crate) initialize: Option<ModuleExport>,
    pub(crate) functions: Vec<ModuleExport>,
    pub(crate) globals: Vec<ModuleExport>,
    /// Where the global variables are: the same in each instance, since a constant without imports says so.
    pub(crate) addresses: OnceLock<Vec<u32>>,
}

impl<L> Clone for SandboxModule<L> {
    fn clone(&self) -> Self {
        Self { loaded: Arc::clone(&self.loaded), library: PhantomData }
    }
}

impl<L> std::fmt::Debug for SandboxModule<L> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SandboxModule<{}>", std::any::type_name::<L>())
    }
}

impl<L: Library> SandboxModule<L> {
    /// Returns the library's module, which is loaded on the first call.
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
        if let Some(module) = cell.get() {
            return Ok(module.clone());
        }
        let loaded = Self { loaded: Arc::new(load::<L>()?), library: PhantomData };
        Ok(cell.get_or_init(|| loaded).clone())
    }

    pub(crate) fn loaded(&self) -> &Arc<Loaded> {
        &self.loaded
    }
}

/// The function table, by the name that linkers give it. (Wasm tool conventions, `Linking.md`.)
const TABLE: &str = "__indirect_function_table";
/// The pointer to the top of the C stack, likewise.
const STACK_POINTER: &str = "__stack_pointer";

fn load<L: Library>() -> Result<Loaded> {
    let refuse = |reason: String| Error::Module { library: L::NAME, reason };
    let engine_error = |error: wasmtime::Error| {
        refuse(format!("{error:#}; build the application and the library again with the same version of this crate, for this target"))
    };
    let engine = engine::shared().map_err(engine_error)?;
    let module = L::PRECOMPILED.load(engine).map_err(engine_error)?;
    let mut linker = Linker::new(engine);
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
    Ok(Loaded {
        table,
        stack_pointer,
        malloc: typed_export(&module, "malloc", 1, 1),
        free: typed_export(&module, "free", 1, 0),
        initialize: typed_export(&module, "_initialize", 0, 0),
        pre,
        lines: Lines::new(L::LINES),
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
fn typed_export(module: &Module, name: &str, params: usize, results: usize) -> Option<ModuleExport> {
    let ExternType::Func(ty) = module.get_export(name)? else { return None };
    let fits = ty.params().len() == params
        && ty.results().len() == results
        && ty.params().chain(ty.results()).all(|ty| matches!(ty, ValType::I32));
    fits.then(|| export(module, name)).flatten()
}
