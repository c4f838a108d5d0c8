//! What a store holds: the instance's id, its exports, its limits, and the status machine.

use std::any::Any;
use std::sync::Arc;

use wasmtime::{Instance, Memory, TypedFunc};

use crate::abi::InstanceId;
use crate::alloc::FreeQueue;
use crate::error::{Error, Result};
use crate::imports::Streams;
use crate::limits::Limiter;
use crate::module::Loaded;

/// Whether the guest can be entered.
#[derive(Debug)]
pub(crate) enum Status {
    /// The guest is at rest.
    Ready,
    /// The guest is in a call. Seen from outside of it, a host panic went through the call, and the guest is in no known state.
    Running,
    /// A call ended in a way that leaves the guest in no known state.
    Poisoned(Box<str>),
}

/// The host's side of one instance.
pub(crate) struct State {
    pub(crate) id: InstanceId,
    pub(crate) status: Status,
    pub(crate) limiter: Limiter,
    pub(crate) streams: Streams,
    pub(crate) frees: Arc<FreeQueue>,
    pub(crate) instance: Option<Live>,
    pub(crate) loaded: Arc<Loaded>,
    /// The typed functions that were called before, by their index in the library's declarations.
    pub(crate) functions: Vec<Option<Box<dyn Any + Send + Sync>>>,
}

/// The parts of an instance that the host uses. All are indices into the store, cheap to copy.
#[derive(Clone)]
pub(crate) struct Live {
    pub(crate) instance: Instance,
    pub(crate) memory: Memory,
    pub(crate) malloc: Option<TypedFunc<u32, u32>>,
    pub(crate) free: Option<TypedFunc<u32, ()>>,
}

impl State {
    pub(crate) fn live(&self) -> Result<&Live> {
        self.instance.as_ref().ok_or_else(|| Error::bug("the store has no instance"))
    }

    /// Checks that the guest is at rest.
    pub(crate) fn require_ready(&self) -> Result<()> {
        match &self.status {
            Status::Ready => Ok(()),
            Status::Running => Err(Error::Poisoned { cause: "a panic of the host went through a call".into() }),
            Status::Poisoned(cause) => Err(Error::Poisoned { cause: cause.clone() }),
        }
    }
}
