//! Makes an instance of a loaded library.

use std::collections::HashMap;
use std::sync::Arc;

use wasmtime::{AsContextMut, Store};

use crate::abi::InstanceId;
use crate::app_ptr::AppPointers;
use crate::assertion::Failed;
use crate::call::{guest_call, typed_export};
use crate::callback::Callbacks;
use crate::cancel::Cancel;
use crate::capabilities::Capabilities;
use crate::ended::{Ended, ended};
use crate::error::{Error, Result};
use crate::imports::Provided;
use crate::limiter::Limiter;
use crate::limits::Limits;
use crate::meter::{self, Meter};
use crate::module::{Library, SandboxModule};
use crate::observe::Observer;
use crate::snapshot::Image;
use crate::stack;
use crate::state::{Live, State, Status};
use crate::system;

/// What a sandbox is made from, and made from again at each reset.
pub(crate) struct Origin<L> {
    pub(crate) module: SandboxModule<L>,
    pub(crate) limits: Limits,
    pub(crate) snapshot: Option<Arc<Image>>,
    pub(crate) capabilities: Arc<Capabilities>,
}

/// Makes an instance, and brings it to where its user begins. Until then it hears what `cancel` hears.
pub(crate) fn instantiate<L: Library>(origin: &Origin<L>, cancel: &Cancel) -> Result<Store<State>> {
    let mut store = bare(origin, cancel)?;
    match &origin.snapshot {
        Some(image) => image.restore(origin, &mut store)?,
        None => initialize(&mut store)?,
    }
    Ok(store)
}

/// Makes an instance of which nothing has run.
pub(crate) fn bare<L: Library>(origin: &Origin<L>, cancel: &Cancel) -> Result<Store<State>> {
    stack::require_room()?;
    let metering = origin.module.metering();
    meter::can_keep(&origin.limits, metering, L::NAME)?;
    let loaded = origin.module.loaded();
    let limits = origin.limits;
    let mut store = Store::new(
        loaded.pre.module().engine(),
        State {
            id: InstanceId::fresh(),
            status: Status::Ready,
            jump: None,
            cause: Box::default(),
            limiter: Limiter::new(limits, loaded.data),
            meter: Meter::new(metering, &limits, cancel.listener()),
            provided: Provided::new(&origin.capabilities)?,
            callbacks: Callbacks::default(),
            stack: None,
            apps: AppPointers::default(),
            drops: Arc::default(),
            unfreed: Vec::new(),
            addresses: HashMap::new(),
            observer: Observer::default(),
            instance: None,
            functions: Vec::new(),
            malloc: None,
            free: None,
            image: None,
            loaded: Arc::clone(loaded),
        },
    );
    store.limiter(|state| &mut state.limiter);
    if metering.interrupts {
        store.epoch_deadline_callback(meter::ticked);
        store.set_epoch_deadline(1);
    }
    // What runs of the guest from here on is one call, with the limits of one.
    meter::begin(&mut store.as_context_mut())?;
    let watched = store.data_mut().meter.enters(false)?;
    // Machine code looks when the clock has ticked, and who cancels a guest at rest lets no clock
    // tick.
    if let Err(stopped) = store.data_mut().meter.check() {
        return Err(ended(&mut store.as_context_mut(), "_start", stopped.into()).while_starting());
    }
    store.data_mut().meter.host_begins(&limits);
    let instance = loaded.pre.instantiate(&mut store).map_err(|error| {
        if error.is::<wasmtime::Trap>() || error.is::<wasmtime::ThrownException>() || error.is::<Ended>() || error.is::<Failed>() {
            ended(&mut store.as_context_mut(), "_start", error).while_starting()
        } else if let Some(error) = store.data_mut().limiter.take_refusal() {
            error
        } else {
            // The host's own doing: no address space left, too many mappings.
            system::refused(L::NAME, &error, |text| Error::module(L::NAME, &text))
        }
    })?;
    drop(watched);
    store.data_mut().meter.guest_begins();
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
    store.data_mut().instance = Some(Live { instance, memory, table, stack_pointer, stack_top });
    Ok(store)
}

/// Runs the static constructors.
fn initialize(store: &mut Store<State>) -> Result<()> {
    let store = &mut store.as_context_mut();
    match typed_export::<(), ()>(store, |loaded| loaded.initialize.as_ref())? {
        Some(initialize) => guest_call::<(), ()>(store, "_initialize", &initialize, ()).map_err(Error::while_starting),
        None => Ok(()),
    }
}
