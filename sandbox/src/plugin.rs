//! Code that is not part of the application: WebAssembly that is compiled while it runs.

use sandbox_engine::{Metering, Outline, StaticData};
use wasmtime::Module;

use crate::engine;
use crate::error::{Error, Result};
use crate::loading::Loading;
use crate::module::{Library, SandboxModule, Source};
use crate::system;

/// As much WebAssembly is compiled at most, in bytes: compiling has no deadline, and takes time and memory in proportion to it.
const WASM_BYTES: usize = 64 << 20;

/// So many types, imports, tables, global variables, exports and segments: they take memory of the
/// host, some of it for each sandbox.
const DECLARATIONS: u64 = 50_000;

/// So many functions: each takes kilobytes and a tenth of a millisecond, if there is nothing in it.
const FUNCTIONS: u64 = 50_000;

/// So many bytes in one function, where time grows faster than the code.
const FUNCTION_BYTES: u64 = 1 << 20;

/// So many values that the compiler keeps apart, of which some bytes of a module can make a
/// thousand.
const VALUES: u64 = 16 << 20;

impl<L: Library> SandboxModule<L> {
    /// Compiles a WebAssembly module that has the same C interface as the library: a plugin, or another version. Needs the feature `jit`.
    ///
    /// What the bindings declare is checked: each function with its signature, the memory, the addresses of variables. All limits apply, and the code checks what the library's own does; [`from_wasm_metered`](Self::from_wasm_metered) chooses other checks. Sandboxes are made of it by
    /// [`builder`](Self::builder), or by everything that names no module after [`make_default`](Self::make_default); those that exist go on with the code that they have.
    ///
    /// # Trust
    ///
    /// The module can come from anybody. It can import nothing that [`Builder`](crate::Builder) does not grant; what it answers is as tainted as ever. That its structs are laid out as the bindings say is
    /// something that nobody can check: a wrong layout is wrong numbers.
    ///
    /// Compiling has no deadline. How much is compiled is bounded, and still some kilobytes can be
    /// made that take a minute: compile what comes from strangers in a process that can be ended.
    ///
    /// # Errors
    ///
    /// [`Error::Module`] if it is not valid, uses features of WebAssembly that are off, imports
    /// anything but functions, does not export what the bindings declare, or is too much to
    /// compile: more than 64 MiB, 50,000 functions or other declarations, 1 MiB in one function, or
    /// 16 million variables, parameters and results.
    ///
    /// # Examples
    ///
    /// ```
    /// use sandbox::{Library, Result, Sandbox, SandboxModule};
    ///
    /// fn contributed<L: Library>(wasm: &[u8]) -> Result<Sandbox<L>> {
    ///     SandboxModule::<L>::from_wasm(wasm)?.builder().memory_limit(16 << 20).build()
    /// }
    /// ```
    pub fn from_wasm(wasm: &[u8]) -> Result<Self> {
        Self::from_wasm_metered(wasm, L::METERING)
    }

    /// Does the same, with these checks in the code: fuel, for a plugin of a library that does not count it, say.
    ///
    /// # Errors
    ///
    /// As [`from_wasm`](Self::from_wasm).
    ///
    /// # Examples
    ///
    /// ```
    /// use sandbox::{Library, Limits, Metering, Result, Sandbox, SandboxModule};
    ///
    /// fn counted<L: Library>(wasm: &[u8]) -> Result<Sandbox<L>> {
    ///     let module = SandboxModule::<L>::from_wasm_metered(wasm, Metering { interrupts: true, fuel: true })?;
    ///     module.builder().limits(Limits::new().fuel(1_000_000)).build()
    /// }
    /// ```
    pub fn from_wasm_metered(wasm: &[u8], metering: Metering) -> Result<Self> {
        let _loading = Loading::begin()?;
        if wasm.len() > WASM_BYTES {
            let reason = format!("it has {} bytes, and at most {WASM_BYTES} are compiled", wasm.len());
            return Err(Error::Module { library: L::NAME, reason });
        }
        let refuse = |error: wasmtime::Error| system::refused(L::NAME, &error, |text| Error::module(L::NAME, &text));
        let outline = Outline::of(wasm).map_err(|error| Error::module(L::NAME, &format!("it cannot be read: {error}")))?;
        for (what, count, most) in [
            ("declarations", outline.declarations, DECLARATIONS),
            ("functions", outline.functions, FUNCTIONS),
            ("bytes in one function", outline.longest_function, FUNCTION_BYTES),
            ("local variables, parameters and results", outline.values, VALUES),
        ] {
            if count > most {
                return Err(Error::Module { library: L::NAME, reason: format!("it has {count} {what}, and at most {most} are compiled") });
            }
        }
        let exported = outline.with_state_exported(wasm);
        let wasm = exported.as_deref().unwrap_or(wasm);
        let data = StaticData::of(outline.data_bytes);
        let module = engine::get(metering, data).and_then(|engine| Module::new(engine, wasm)).map_err(refuse)?;
        Self::load(&Source::Plugin(module, data), metering)
    }
}
