//! What the running call may still use, and what was used: time, fuel, calls.

use std::time::{Duration, Instant};

use sandbox_engine::Metering;
use wasmtime::{StoreContextMut, UpdateDeadline};

use crate::cancel::{Cancel, Running};
use crate::ended::Ended;
use crate::error::{Error, LimitKind, Result};
use crate::limits::Limits;
use crate::state::State;
use crate::ticker::Ticking;

/// Why the host stopped a guest that did nothing wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// Another thread asked for it.
    Cancelled,
    /// The call took too long.
    Deadline,
    /// The call took too much fuel.
    Fuel,
}

/// The meter of one instance.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    pub(crate) cancel: Cancel,
    /// What the instance's code can measure.
    pub(crate) metering: Metering,
    /// Why the guest was stopped. It ends the outermost call, whatever callbacks in between make of it.
    pub(crate) stopped: Option<Stop>,
    /// When the outermost call has to be over.
    deadline: Option<Instant>,
    /// While the host makes the instance: as much time as the guest has from when it runs.
    starting: Option<Duration>,
    /// Since when the host runs in a callback whose time does not count.
    paused: Option<Instant>,
    /// How many callbacks are under way, one in another.
    depth: u64,
    /// How many callbacks the outermost call can still make.
    callback_calls_left: u64,
    /// What the outermost call was given, in units of fuel, and what all calls before it took.
    fuel_given: u64,
    fuel_before: u64,
    pub(crate) calls: u64,
    pub(crate) callback_calls: u64,
}

/// What makes a call end in time, until it is dropped.
#[derive(Debug, Default)]
pub(crate) struct Watched {
    running: Option<Running>,
    ticking: Option<Ticking>,
}

/// Checks that code with these checks can keep these limits.
pub(crate) fn can_keep(limits: &Limits, metering: Metering, library: &'static str) -> Result<()> {
    if limits.deadline.is_some() && !metering.interrupts {
        return Err(Error::NotMetered { library, wanted: "a deadline", setting: "interruptible" });
    }
    if limits.fuel.is_some() && !metering.fuel {
        return Err(Error::NotMetered { library, wanted: "a budget of fuel", setting: "fuel" });
    }
    Ok(())
}

/// Begins an outermost call: it has the whole of each limit.
#[inline]
pub(crate) fn begin(store: &mut StoreContextMut<'_, State>) -> Result<()> {
    let state = store.data_mut();
    state.provided.denied.clear();
    let limits = &state.limiter.limits;
    let meter = &mut state.meter;
    meter.callback_calls_left = limits.callback_calls;
    meter.depth = 0;
    meter.paused = None;
    // One that is too far away for the clock is none.
    meter.deadline = match limits.deadline {
        Some(deadline) => Instant::now().checked_add(deadline.time),
        None => None,
    };
    if meter.metering.fuel { begin_fuel(store) } else { Ok(()) }
}

#[cold]
fn begin_fuel(store: &mut StoreContextMut<'_, State>) -> Result<()> {
    let given = store.data().limiter.limits.fuel.unwrap_or(u64::MAX);
    let left = store.get_fuel().map_err(|error| Error::bug(format!("no fuel: {error:#}")))?;
    let before = store.data().meter.fuel(left);
    let set = store.set_fuel(given);
    set.map_err(|error| Error::bug(format!("no fuel: {error:#}")))?;
    let meter = &mut store.data_mut().meter;
    (meter.fuel_before, meter.fuel_given) = (before, given);
    Ok(())
}

impl Meter {
    pub(crate) fn new(metering: Metering, limits: &Limits, cancel: Cancel) -> Self {
        Self { metering, cancel, callback_calls_left: limits.callback_calls, ..Self::default() }
    }

    /// Returns how much fuel the guest has used so far, when so much is left.
    pub(crate) fn fuel(&self, left: u64) -> u64 {
        if self.metering.fuel { self.fuel_before.saturating_add(self.fuel_given.saturating_sub(left)) } else { 0 }
    }

    /// Looks whether the guest may go on.
    #[inline]
    pub(crate) fn check(&mut self) -> std::result::Result<(), Ended> {
        if self.deadline.is_none() && !self.cancel.is_cancelled() {
            return Ok(());
        }
        self.look()
    }

    #[cold]
    fn look(&mut self) -> std::result::Result<(), Ended> {
        self.guest_begins();
        if self.cancel.is_cancelled() {
            self.cancel.clear();
            self.stopped = Some(Stop::Cancelled);
        } else if self.deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            self.stopped = Some(Stop::Deadline);
        } else {
            return Ok(());
        }
        Err(Ended::Stopped)
    }

    /// The host makes the instance. That may take long on a machine with much to do, and is not the
    /// guest's time: its own begins when the guest first looks at the clock, or with
    /// [`guest_begins`](Self::guest_begins).
    pub(crate) fn host_begins(&mut self, limits: &Limits) {
        self.starting = limits.deadline.map(|deadline| deadline.time);
    }

    /// The instance is made, or runs already.
    pub(crate) fn guest_begins(&mut self) {
        if let Some(time) = self.starting.take() {
            self.deadline = Instant::now().checked_add(time);
        }
    }

    /// The guest is entered, from the host or, `nested`, from a callback of the host: then it is
    /// watched already.
    #[inline]
    pub(crate) fn enters(&mut self, nested: bool) -> Result<Watched> {
        self.calls = self.calls.saturating_add(1);
        let mut watched = Watched::default();
        if !nested {
            watched.running = self.cancel.runs();
        }
        if self.deadline.is_some() {
            watched.ticking = self.enters_timed(nested)?;
        }
        Ok(watched)
    }

    #[cold]
    fn enters_timed(&mut self, nested: bool) -> Result<Option<Ticking>> {
        self.resume();
        if nested { Ok(None) } else { Ticking::start().map(Some) }
    }

    /// The guest is left, for a callback of the host if `in_callback`.
    #[inline]
    pub(crate) fn left(&mut self, limits: &Limits, in_callback: bool) {
        if in_callback {
            self.pause(limits);
        }
    }

    /// The guest calls back.
    #[inline]
    pub(crate) fn callback_begins(&mut self, limits: &Limits) -> Result<()> {
        self.callback_calls_left =
            self.callback_calls_left.checked_sub(1).ok_or_else(|| Error::limit(LimitKind::CallbackCalls, limits.callback_calls))?;
        if self.depth >= limits.callback_depth {
            return Err(Error::limit(LimitKind::CallbackDepth, limits.callback_depth));
        }
        self.depth = self.depth.saturating_add(1);
        self.callback_calls = self.callback_calls.saturating_add(1);
        self.pause(limits);
        Ok(())
    }

    /// The host returns from a callback.
    #[inline]
    pub(crate) fn callback_ends(&mut self) {
        self.depth = self.depth.saturating_sub(1);
        self.resume();
    }

    #[inline]
    fn pause(&mut self, limits: &Limits) {
        if self.deadline.is_some() && limits.deadline.is_some_and(|deadline| !deadline.callbacks) {
            self.paused = Some(Instant::now());
        }
    }

    #[inline]
    fn resume(&mut self) {
        if let Some(since) = self.paused.take() {
            self.deadline = self.deadline.and_then(|deadline| deadline.checked_add(since.elapsed()));
        }
    }
}

impl Stop {
    /// Says what stopped the call.
    pub(crate) fn error(self, function: &'static str, limits: &Limits) -> Error {
        match self {
            Self::Cancelled => Error::Cancelled { function },
            Self::Deadline => Error::limit(LimitKind::Time, limits.deadline.map(|deadline| deadline.micros()).unwrap_or_default()),
            Self::Fuel => Error::limit(LimitKind::Fuel, limits.fuel.unwrap_or(u64::MAX)),
        }
    }
}

/// What the engine does when the clock has ticked: the guest looks whether it is to stop, and goes on to the next tick.
pub(crate) fn ticked(mut store: StoreContextMut<'_, State>) -> wasmtime::Result<UpdateDeadline> {
    store.data_mut().meter.look()?;
    Ok(UpdateDeadline::Continue(1))
}
