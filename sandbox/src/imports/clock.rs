//! What time it is for the guest.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use super::wasi::{Answer, Errno, Guest};
use crate::denied::Wanted;

/// Which clock the guest has.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use sandbox::{Clock, ClockId};
///
/// // The same at each run:
/// let frozen = Clock::Frozen(Duration::from_secs(1_700_000_000));
/// // The host's time in whole seconds: nothing that a guest could measure caches with.
/// let coarse = Clock::custom(|id| match id {
///     ClockId::Realtime => Duration::from_secs(std::time::UNIX_EPOCH.elapsed().unwrap_or_default().as_secs()),
///     _ => Duration::ZERO,
/// });
/// # let _ = (frozen, coarse);
/// ```
#[derive(Clone, Default)]
#[non_exhaustive]
pub enum Clock {
    /// Asking for the time fails with `ENOSYS`.
    #[default]
    Deny,
    /// The host's: its time of day, and for the monotonic clock the time since the sandbox was made or reset.
    ///
    /// It is as exact as the host's, which makes it a tool to measure what side channels give away.
    Host,
    /// It is always this late: so long after 1970 on the one clock, and so long after its start on the other.
    Frozen(Duration),
    /// What a closure says, see [`custom`](Clock::custom).
    Custom(Arc<dyn Fn(ClockId) -> Duration + Send + Sync>),
}

/// One of the clocks that a guest can ask.
///
/// # Examples
///
/// ```
/// assert_ne!(sandbox::ClockId::Realtime, sandbox::ClockId::Monotonic);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ClockId {
    /// C's `CLOCK_REALTIME`, the time of day: how long it is since 1970 began in UTC.
    Realtime,
    /// C's `CLOCK_MONOTONIC`: how long it is since some moment that the clock chooses. It should not go backwards.
    Monotonic,
}

impl Clock {
    /// Makes a clock that is a closure.
    ///
    /// It runs within calls of the guest, as often as the guest likes. A panic of it goes through the call, which poisons the sandbox.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::atomic::{AtomicU64, Ordering};
    /// use std::time::Duration;
    ///
    /// let ticks = AtomicU64::new(0);
    /// let a_tick_each_time = sandbox::Clock::custom(move |_| Duration::from_millis(ticks.fetch_add(1, Ordering::Relaxed)));
    /// # let _ = a_tick_each_time;
    /// ```
    pub fn custom(clock: impl Fn(ClockId) -> Duration + Send + Sync + 'static) -> Self {
        Self::Custom(Arc::new(clock))
    }

    /// Tells what time it is, if there is a clock, for a guest that was made at `start`.
    fn now(&self, id: ClockId, start: Instant) -> Result<Duration, Errno> {
        match (self, id) {
            (Self::Deny, _) => Err(Errno::NOSYS),
            (Self::Host, ClockId::Realtime) => SystemTime::UNIX_EPOCH.elapsed().map_err(|_| Errno::OVERFLOW),
            (Self::Host, ClockId::Monotonic) => Ok(start.elapsed()),
            (Self::Frozen(time), _) => Ok(*time),
            (Self::Custom(clock), id) => Ok(clock(id)),
        }
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Deny => f.write_str("Deny"),
            Self::Host => f.write_str("Host"),
            Self::Frozen(time) => f.debug_tuple("Frozen").field(time).finish(),
            Self::Custom(_) => f.write_str("Custom(..)"),
        }
    }
}

/// The clock with this number. Those of the process and the thread, 2 and 3, are not there.
fn clock_id(id: u32) -> Result<ClockId, Errno> {
    match id {
        0 => Ok(ClockId::Realtime),
        1 => Ok(ClockId::Monotonic),
        _ => Err(Errno::INVAL),
    }
}

/// `clock_time_get(id, precision, time)`
pub(super) fn time_get(mut guest: Guest<'_>, id: u32, _precision: u64, place: u32) -> Answer {
    let clock = &guest.provided.capabilities.clock;
    if matches!(clock, Clock::Deny) {
        guest.provided.denied.note(Wanted::Clock);
        return Err(Errno::NOSYS);
    }
    let time = clock.now(clock_id(id)?, guest.provided.start)?;
    let nanoseconds = u64::try_from(time.as_nanos()).map_err(|_| Errno::OVERFLOW)?;
    guest.memory.put(place, nanoseconds.to_le_bytes())
}

/// `clock_res_get(id, resolution)`: all clocks count in nanoseconds.
pub(super) fn res_get(mut guest: Guest<'_>, id: u32, place: u32) -> Answer {
    if matches!(guest.provided.capabilities.clock, Clock::Deny) {
        guest.provided.denied.note(Wanted::Clock);
        return Err(Errno::NOSYS);
    }
    clock_id(id)?;
    guest.memory.put(place, 1_u64.to_le_bytes())
}
