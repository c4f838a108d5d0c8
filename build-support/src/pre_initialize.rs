//! Runs a set-up function while the library is built, and makes the state after it the one that every sandbox begins with.

use wasmtime::{Engine, ExternType, Func, FuncType, Instance, Module, Store, StoreLimits, StoreLimitsBuilder, Trap, Val};
use wasmtime_wizer::{InstanceState, SnapshotVal, ValType, Wizer};

use crate::{Error, Metering};

/// Of how many operators of Wasm a set-up may consist: some seconds, and the same on each machine.
const FUEL: u64 = 4_000_000_000;

/// As much memory as a set-up can take: what a sandbox has by default, in bytes. More could be in no sandbox.
const MEMORY: usize = 256 << 20;

/// Returns the linked module with the memory and the globals as `function` leaves them. Its static constructors have run.
///
/// The function is no export of the result, unless it is bound too.
pub(crate) fn run(library: &str, linked: &[u8], function: &str, bound: bool) -> Result<Vec<u8>, Error> {
    let failed = |what: String| Error::PreInitialize { library: library.to_owned(), function: function.to_owned(), what };
    let mut wizer = Wizer::new();
    wizer.init_func(function).keep_init_func(bound);
    let (context, instrumented) = wizer.instrument(linked).map_err(|error| failed(format!("{error:#}")))?;
    let mut state = set_up(&instrumented, function).map_err(failed)?;
    ready(wizer.snapshot(&context, &mut state)).map_err(|error| failed(format!("{error:#}")))
}

/// Instantiates the module and calls its functions of initialisation, and then this one.
fn set_up(wasm: &[u8], function: &str) -> Result<State, String> {
    let plain = |error: wasmtime::Error| format!("{error:#}");
    let mut config = sandbox_engine::config(Metering { interrupts: false, fuel: true }, sandbox_engine::StaticData::Copied);
    // libclang catches signals in this process too, and whoever came last has them.
    config.signals_based_traps(false);
    let engine = Engine::new(&config).map_err(plain)?;
    let module = Module::new(&engine, wasm).map_err(plain)?;
    match module.get_export(function) {
        Some(ExternType::Func(ty)) if ty.params().len() == 0 && ty.results().len() == 0 => {}
        _ => return Err("it has to be a function without parameters and result: `void f(void)`".to_owned()),
    }
    let mut store = Store::new(&engine, StoreLimitsBuilder::new().memory_size(MEMORY).build());
    store.limiter(|limits| limits);
    store.set_fuel(FUEL).map_err(plain)?;
    let imports = module.imports().map(|import| match import.ty() {
        ExternType::Func(ty) => Ok(denied(&mut store, ty, format!("{}.{}", import.module(), import.name())).into()),
        _ => Err(format!("the module imports `{}.{}`, which is no function", import.module(), import.name())),
    });
    let imports = imports.collect::<Result<Vec<_>, _>>()?;
    let instance = Instance::new(&mut store, &module, &imports).map_err(plain)?;
    // Nothing but the constructors is a set-up too.
    let own = Some(function).filter(|function| *function != "_initialize");
    for name in ["_initialize"].into_iter().chain(own) {
        let Some(function) = instance.get_func(&mut store, name) else { continue };
        function.call(&mut store, &[], &mut []).map_err(|error| why(name, &error))?;
    }
    Ok(State { store, instance })
}

/// An import that ends the set-up: there is no host yet.
fn denied(store: &mut Store<StoreLimits>, ty: FuncType, name: String) -> Func {
    Func::new(store, ty, move |_, _, _| {
        Err(wasmtime::Error::msg(match name.as_str() {
            "sandbox.assert_fail" => "an assertion failed".to_owned(),
            "wasi_snapshot_preview1.proc_exit" => "it calls `exit`".to_owned(),
            name => format!(
                "it calls `{name}`, which the application provides at run time; take a snapshot there instead (`Sandbox::snapshot`)"
            ),
        }))
    })
}

/// Says why a function ended, and where.
fn why(name: &str, error: &wasmtime::Error) -> String {
    if let Some(Trap::OutOfFuel) = error.downcast_ref() {
        return format!("`{name}` has not ended after {FUEL} instructions");
    }
    let (cause, functions) = (error.root_cause(), error);
    if name != "_initialize" {
        return format!("{cause}\n{functions}");
    }
    let libc = match cause.to_string() {
        // `__wasilibc_populate_preopens`, which wasi-libc links with `open`.
        cause if cause.contains("fd_prestat_get") => {
            " (libc has one that asks for the host's folders, wherever a library opens files: leave the sources that do out, if you can)"
        }
        _ => "",
    };
    format!("the static constructors, which run before it, did not end well{libc}: {cause}\n{functions}")
}

/// The instance after its set-up.
struct State {
    store: Store<StoreLimits>,
    instance: Instance,
}

impl InstanceState for State {
    async fn global_get(&mut self, name: &str, _: ValType) -> SnapshotVal {
        match self.instance.get_global(&mut self.store, name).map(|global| global.get(&mut self.store)) {
            Some(Val::I32(value)) => SnapshotVal::I32(value),
            Some(Val::I64(value)) => SnapshotVal::I64(value),
            Some(Val::F32(bits)) => SnapshotVal::F32(bits),
            Some(Val::F64(bits)) => SnapshotVal::F64(bits),
            Some(Val::V128(value)) => SnapshotVal::V128(value.as_u128()),
            _ => unreachable!("wizer exports the globals that it asks for, and refuses those that hold references"),
        }
    }

    async fn memory_contents(&mut self, name: &str, contents: impl FnOnce(&[u8]) + Send) {
        match self.instance.get_memory(&mut self.store, name) {
            Some(memory) => contents(memory.data(&self.store)),
            None => unreachable!("wizer exports the memories that it asks for"),
        }
    }
}

/// Returns what a future has, which waits for nothing: that wizer is asynchronous is for hosts elsewhere.
fn ready<T>(future: impl Future<Output = T>) -> T {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match std::pin::pin!(future).poll(&mut context) {
        std::task::Poll::Ready(value) => value,
        std::task::Poll::Pending => unreachable!("nothing here waits"),
    }
}
