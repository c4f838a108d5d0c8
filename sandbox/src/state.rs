//! What a store holds: the instance's id, its exports, its limits, and the status machine.

use std::any::Any;
use std::collections::HashMap;
use std::sync::Arc;

use wasmtime::{Global, Instance, Memory, Table, TypedFunc};

use crate::abi::InstanceId;
use crate::app_ptr::AppPointers;
use crate::callback::Callbacks;
use crate::drops::Drops;
use crate::error::{Error, Result};
use crate::imports::Provided;
use crate::limiter::Limiter;
use crate::meter::Meter;
use crate::module::Loaded;
use crate::observe::Observer;
use crate::stack::Stack;

/// Whether the guest can be entered. A tag alone, which is written several times a call; what belongs to the last two is beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// The guest is at rest.
    Ready,
    /// The guest runs.
    Running,
    /// The guest is in a call, and has called the host.
    Callback,
    /// The same, and a call further in has ended in a `longjmp` to a frame below the callback: [`State::jump`] makes it go on.
    Jumping,
    /// A call ended in a way that leaves the guest in no known state: [`State::cause`] says how.
    Poisoned,
}

/// The host's side of one instance.
#[doc(hidden)]
pub struct State {
    pub(crate) id: InstanceId,
    pub(crate) status: Status,
    /// The engine's error of a `longjmp` that is under way.
    pub(crate) jump: Option<wasmtime::Error>,
    /// Why the guest is poisoned.
    pub(crate) cause: Box<str>,
    pub(crate) limiter: Limiter,
    pub(crate) provided: Provided,
    pub(crate) callbacks: Callbacks,
    pub(crate) meter: Meter,
    /// The stack of the outermost call.
    pub(crate) stack: Option<Stack>,
    pub(crate) apps: AppPointers,
    pub(crate) drops: Arc<Drops>,
    /// Blocks that were dropped, until the guest's `free` can be called.
    pub(crate) unfreed: Vec<u32>,
    pub(crate) instance: Option<Live>,
    pub(crate) loaded: Arc<Loaded>,
    /// The typed functions that were called before and are not being called, by their index in the library's declarations.
    pub(crate) functions: Vec<Option<Box<dyn Any + Send + Sync>>>,
    /// The guest's `malloc` and `free`, likewise.
    pub(crate) malloc: Option<TypedFunc<(u32,), u32>>,
    pub(crate) free: Option<TypedFunc<(u32,), ()>>,
    /// Where in its table the guest has functions whose address was asked for.
    pub(crate) addresses: HashMap<usize, u64>,
    pub(crate) observer: Observer,
    /// The snapshot that the instance has started from.
    pub(crate) image: Option<InstanceId>,
}

/// The parts of an instance that the host uses. All are indices into the store, cheap to copy.
#[derive(Clone)]
pub(crate) struct Live {
    pub(crate) instance: Instance,
    pub(crate) memory: Memory,
    pub(crate) table: Option<Table>,
    pub(crate) stack_pointer: Option<Global>,
    /// Where the C stack begins. It grows downwards.
    pub(crate) stack_top: Option<u32>,
}

impl State {
    #[inline]
    pub(crate) fn live(&self) -> Result<&Live> {
        self.instance.as_ref().ok_or_else(|| Error::bug("the store has no instance"))
    }

    /// Checks that the guest can be used: it is at rest, or waits for a callback.
    #[inline]
    pub(crate) fn usable(&self) -> Result<()> {
        if matches!(self.status, Status::Ready | Status::Callback) { Ok(()) } else { Err(self.unusable()) }
    }

    #[cold]
    pub(crate) fn unusable(&self) -> Error {
        match self.status {
            Status::Jumping => Error::LongJump,
            Status::Poisoned => Error::Poisoned { cause: self.cause.clone() },
            Status::Ready | Status::Running | Status::Callback => Error::bug("the guest is used while it runs"),
        }
    }

    /// Poisons, for the reason that is known first.
    pub(crate) fn poison(&mut self, error: &Error) {
        if self.status != Status::Poisoned {
            self.poison_because(&error.to_string());
        }
    }

    /// Poisons, for this reason.
    pub(crate) fn poison_because(&mut self, cause: &str) {
        self.status = Status::Poisoned;
        self.cause = cause.into();
    }
}
