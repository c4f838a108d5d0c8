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
use crate::engine::{self, Allocation};
use crate::error::{Error, Result};
use crate::imports::Provided;
use crate::limiter::Limiter;
use crate::limits::Limits;
use crate::meter::{self, Meter};
use crate::module::{Library, Loaded, SandboxModule};
use crate::observe::Observer;
use crate::snapshot::Image;
use crate::stack;
use crate::state::{Live, State, Status};

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

/// Makes an instance of which nothing has run: in a slot that is prepared, or, if all of these are taken or the module does not fit into one, in memory of its own.
pub(crate) fn bare<L: Library>(origin: &Origin<L>, cancel: &Cancel) -> Result<Store<State>> {
    stack::require_room()?;
    meter::can_keep(&origin.limits, origin.module.metering(), L::NAME)?;
    if let Some(loaded) = origin.module.pooled() {
        match start(origin, loaded, Allocation::Pooled, cancel) {
            Err(NotMade::NoSlot) => {}
            Err(NotMade::Error(error)) => return Err(error),
            Ok(store) => return Ok(store),
        }
    }
    match start(origin, origin.module.on_demand()?, Allocation::OnDemand, cancel) {
        Err(NotMade::NoSlot) => Err(Error::bug("memory on demand has no slots")),
        Err(NotMade::Error(error)) => Err(error),
        Ok(store) => Ok(store),
    }
}

/// Why an instance could not be made.
enum NotMade {
    NoSlot,
    Error(Error),
}

impl From<Error> for NotMade {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

fn start<L: Library>(origin: &Origin<L>, loaded: &Arc<Loaded>, allocation: Allocation, cancel: &Cancel) -> Result<Store<State>, NotMade> {
    let refuse = |reason: &str| Error::module(L::NAME, reason);
    let metering = origin.module.metering();
    let engine = engine::get(metering, allocation).map_err(|error| refuse(&format!("{error:#}")))?;
    let limits = origin.limits;
    let mut store = Store::new(
        engine,
        State {
            id: InstanceId::fresh(),
            status: Status::Ready,
            jump: None,
            cause: Box::default(),
            limiter: Limiter::new(limits),
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
    let ticking = store.data_mut().meter.enters(false)?;
    let instance = loaded.pre.instantiate(&mut store).map_err(|error| {
        if error.is::<wasmtime::PoolConcurrencyLimitError>() {
            NotMade::NoSlot
        } else if error.is::<wasmtime::Trap>() || error.is::<wasmtime::ThrownException>() || error.is::<Ended>() || error.is::<Failed>() {
            ended(&mut store.as_context_mut(), "_start", error).into()
        } else if let Some(error) = store.data().limiter.refusal() {
            error.into()
        } else {
            // The host's own doing: no address space left, too many mappings.
            refuse(&format!("{error:#}")).into()
        }
    })?;
    drop(ticking);
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
    match typed_export(store, |loaded| loaded.initialize.as_ref())? {
        Some(initialize) => guest_call::<(), ()>(store, "_initialize", &initialize, ()),
        None => Ok(()),
    }
}
