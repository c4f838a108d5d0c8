//! Makes an instance of a loaded library.

use std::collections::HashMap;
use std::sync::Arc;

use wasmtime::{AsContextMut, Store};

use crate::abi::InstanceId;
use crate::app_ptr::AppPointers;
use crate::assertion::Failed;
use crate::builder::Builder;
use crate::call::guest_call;
use crate::callback::Callbacks;
use crate::ended::{Ended, ended};
use crate::error::{Error, LimitKind, Result};
use crate::imports::{Stream, Streams};
use crate::limits::Limiter;
use crate::module::{Library, SandboxModule};
use crate::observe::Observer;
use crate::state::{Live, State, Status};
use crate::{engine, stack};

pub(crate) fn instantiate<L: Library>(module: &SandboxModule<L>, builder: &Builder<L>) -> Result<Store<State>> {
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
            callbacks: Callbacks::default(),
            callback_limit: builder.callbacks,
            callback_calls_limit: builder.callback_calls,
            calls_left: builder.callback_calls,
            stack: None,
            apps: AppPointers::default(),
            drops: Arc::default(),
            unfreed: Vec::new(),
            addresses: HashMap::new(),
            observer: Observer::default(),
            instance: None,
            functions: Vec::new(),
            loaded: Arc::clone(loaded),
        },
    );
    store.limiter(|state| &mut state.limiter);
    let instance = loaded.pre.instantiate(&mut store).map_err(|error| {
        if error.is::<wasmtime::Trap>() || error.is::<wasmtime::ThrownException>() || error.is::<Ended>() || error.is::<Failed>() {
            ended(&mut store.as_context_mut(), "_start", error)
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
        let addresses = addresses.ok_or_else(|| Error::bug("the checked address of a variable is gone"))?;
        loaded.addresses.get_or_init(|| addresses);
    }
    let mut find = |export: &Option<wasmtime::ModuleExport>| instance.get_module_export(&mut store, export.as_ref()?);
    let table = find(&loaded.table).and_then(wasmtime::Extern::into_table);
    let stack_pointer = find(&loaded.stack_pointer).and_then(wasmtime::Extern::into_global);
    let stack_top = stack_pointer.and_then(|pointer| pointer.get(&mut store).i32()).map(i32::cast_unsigned);
    let mut find = |export: &Option<wasmtime::ModuleExport>| {
        let export = export.as_ref()?;
        instance.get_module_export(&mut store, export)?.into_func()
    };
    let (malloc, free, initialize) = (find(&loaded.malloc), find(&loaded.free), find(&loaded.initialize));
    let typed = |error: wasmtime::Error| Error::bug(format!("a checked signature does not fit: {error}"));
    let malloc = malloc.map(|function| function.typed(&store)).transpose().map_err(typed)?;
    let free = free.map(|function| function.typed(&store)).transpose().map_err(typed)?;
    let initialize = initialize.map(|function| function.typed(&store)).transpose().map_err(typed)?;
    store.data_mut().instance = Some(Live { instance, memory, table, stack_pointer, stack_top, malloc, free });
    if let Some(initialize) = initialize {
        guest_call::<(), ()>(&mut store.as_context_mut(), "_initialize", &initialize, ())?;
    }
    Ok(store)
}
