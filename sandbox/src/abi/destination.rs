//! Where an encoded value goes, and whether its pointers belong there.

use super::InstanceId;
use crate::error::{Error, Result};
use crate::tainted::RawPtr;

/// The instance that bytes are encoded for. Pointers of another one are refused.
#[derive(Debug)]
pub struct Destination {
    instance: InstanceId,
    /// A union that the host made belongs to no instance until the first pointer in it decides.
    open: bool,
}

impl Destination {
    pub(crate) fn instance(instance: InstanceId) -> Self {
        Self { instance, open: false }
    }

    /// The destination of what becomes part of a union whose bytes belong to `instance`, or to none yet.
    pub(crate) fn union(instance: InstanceId) -> Self {
        Self { instance, open: instance == InstanceId::NONE }
    }

    /// The instance that it is, or has become.
    pub(crate) fn decided(&self) -> InstanceId {
        self.instance
    }

    /// Returns the address of a pointer that belongs here. Null belongs everywhere.
    pub(crate) fn address(&mut self, pointer: RawPtr) -> Result<u32> {
        if let Some(instance) = pointer.instance() {
            self.admit(instance, "a pointer")?;
        }
        pointer.address_in(self.instance)
    }

    /// Checks that something of `instance` belongs here.
    pub(crate) fn admit(&mut self, instance: InstanceId, what: &str) -> Result<()> {
        if self.open && instance != InstanceId::NONE {
            *self = Self::instance(instance);
        }
        if self.instance == instance && instance != InstanceId::NONE { Ok(()) } else { Err(Error::WrongSandbox { context: what.into() }) }
    }
}
