//! Sandboxes for many requests: a bounded number, each as new for whoever takes it.

use std::collections::VecDeque;
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::builder::Builder;
use crate::error::{Error, Result};
use crate::module::Library;
use crate::sandbox::{AsSandboxMut, Sandbox, SandboxRef};

/// A bounded number of sandboxes of one library, shared by threads. Cheap to clone.
///
/// Whoever takes one has it for itself, as new: what comes back is replaced by a fresh one at once, in the same memory, which is as good as a reset and costs the same. If all are taken, [`take`](Self::take) waits, first come, first served.
///
/// The library's constructors run when a sandbox is made, and so also when one comes back: limit the time of what is not trusted to end.
///
/// In a child that was forked, the pool of its parent is [`Error::Forked`]: make another one there.
///
/// A [`Pooled`] that is never dropped, since it was leaked or forgotten ([`std::mem::forget`], a
/// cycle of [`Arc`]s), keeps its place for ever, and the pool has one sandbox less.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use sandbox::{Library, Limits, Pool, Result, Sandbox};
///
/// fn serve<L: Library>(requests: &[&[u8]]) -> Result<()> {
///     let limits = Limits::new().memory(16 << 20).deadline(Duration::from_millis(100));
///     let pool = Pool::new(16, Sandbox::<L>::builder().limits(limits));
///     pool.warm(4)?;
///     for request in requests {
///         let mut sb = pool.take()?;
///         sb.copy_in(request)?;
///     }
///     Ok(())
/// }
/// ```
pub struct Pool<L: Library>(Arc<Shared<L>>);

struct Shared<L: Library> {
    builder: Builder<L>,
    size: usize,
    /// The process that made the pool. In a fork of it other threads' locks and sandboxes are gone
    /// for ever.
    process: u32,
    inner: Mutex<Inner<L>>,
}

struct Inner<L: Library> {
    /// The ones that nobody has. The last one that came back is taken first: its memory is in the caches.
    #[allow(clippy::vec_box, reason = "a sandbox is large, and is moved here while others wait for the lock")]
    idle: Vec<Box<Sandbox<L>>>,
    /// How many more can be made.
    unmade: usize,
    /// Those who wait, in order. Nothing is idle or can be made while somebody does.
    waiting: VecDeque<Arc<Waiter<L>>>,
    metrics: PoolMetrics,
}

/// Somebody who waits, and what was handed over.
struct Waiter<L: Library> {
    given: Mutex<Option<Place<L>>>,
    woken: Condvar,
}

/// The right to have a sandbox.
enum Place<L: Library> {
    Made(Box<Sandbox<L>>),
    /// One that has still to be made.
    Unmade,
}

/// What a pool has done.
///
/// # Examples
///
/// ```
/// fn report(metrics: &sandbox::PoolMetrics) { println!("{} of {} taken, {} waiting", metrics.taken, metrics.size, metrics.waiting); }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PoolMetrics {
    /// How many sandboxes there can be.
    pub size: usize,
    /// How many are taken.
    pub taken: usize,
    /// How many are ready to be taken.
    pub idle: usize,
    /// How many calls wait for one.
    pub waiting: usize,
    /// How many were taken since the pool was made.
    pub takes: u64,
    /// How many of these had to wait, and for how long altogether.
    pub waits: u64,
    /// The sum of the time that calls have waited.
    pub wait_time: Duration,
    /// How many calls got none in time.
    pub timeouts: u64,
    /// How many came back poisoned.
    pub poisoned: u64,
    /// How many sandboxes were made, at first and after each that came back.
    pub made: u64,
}

impl<L: Library> Clone for Pool<L> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<L: Library> fmt::Debug for Pool<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pool<{}>({:?})", L::NAME, self.metrics())
    }
}

impl<L: Library> Pool<L> {
    /// Makes a pool of at most `size` sandboxes that are built like this. None is made before it is needed, or asked for by [`warm`](Self::warm).
    ///
    /// # Examples
    ///
    /// ```
    /// # use sandbox::{Library, Pool, Sandbox};
    /// fn pool<L: Library>() -> Pool<L> { Pool::new(16, Sandbox::builder()) }
    /// ```
    #[must_use]
    pub fn new(size: usize, builder: Builder<L>) -> Self {
        let inner = Inner { idle: Vec::new(), unmade: size, waiting: VecDeque::new(), metrics: PoolMetrics::default() };
        Self(Arc::new(Shared { builder, size, process: std::process::id(), inner: Mutex::new(inner) }))
    }

    /// Makes sandboxes until so many are ready to be taken, or there are as many as there can be.
    ///
    /// # Errors
    ///
    /// As [`Builder::build`]. What was made stays.
    ///
    /// # Examples
    ///
    /// ```
    /// # use sandbox::{Library, Pool, Result};
    /// fn ready<L: Library>(pool: &Pool<L>) -> Result<()> { pool.warm(4) }
    /// ```
    pub fn warm(&self, count: usize) -> Result<()> {
        self.0.require_own()?;
        loop {
            let mut inner = self.0.lock();
            if inner.idle.len() >= count || inner.unmade == 0 {
                return Ok(());
            }
            inner.unmade = inner.unmade.saturating_sub(1);
            drop(inner);
            let sandbox = self.occupy(Place::Unmade)?;
            self.0.put(Place::Made(Box::new(sandbox)));
        }
    }

    /// Takes a sandbox; waits for as long as all are taken.
    ///
    /// # Errors
    ///
    /// As [`Builder::build`], if one has to be made. [`Error::PoolEmpty`] if the pool's size is 0.
    ///
    /// # Examples
    ///
    /// ```
    /// # use sandbox::{Library, Pool, Pooled, Result};
    /// fn take<L: Library>(pool: &Pool<L>) -> Result<Pooled<L>> { pool.take() }
    /// ```
    pub fn take(&self) -> Result<Pooled<L>> {
        self.acquire(None)
    }

    /// Takes a sandbox; waits for at most `time`.
    ///
    /// # Errors
    ///
    /// As [`take`](Self::take); [`Error::PoolEmpty`] if the time is over.
    ///
    /// # Examples
    ///
    /// ```
    /// # use sandbox::{Library, Pool, Pooled, Result};
    /// fn soon<L: Library>(pool: &Pool<L>) -> Result<Pooled<L>> { pool.take_timeout(std::time::Duration::from_millis(100)) }
    /// ```
    pub fn take_timeout(&self, time: Duration) -> Result<Pooled<L>> {
        self.acquire(Some(time))
    }

    /// Takes a sandbox if one is there for the taking, and nobody waits for it.
    ///
    /// # Errors
    ///
    /// As [`take`](Self::take); [`Error::PoolEmpty`] if there is none now.
    ///
    /// # Examples
    ///
    /// ```
    /// # use sandbox::{Library, Pool, Pooled, Result};
    /// fn now_or_never<L: Library>(pool: &Pool<L>) -> Result<Pooled<L>> { pool.try_take() }
    /// ```
    pub fn try_take(&self) -> Result<Pooled<L>> {
        self.acquire(Some(Duration::ZERO))
    }

    /// Returns what the pool has done, and how it is now.
    ///
    /// # Examples
    ///
    /// ```
    /// # use sandbox::{Library, Pool};
    /// fn is_busy<L: Library>(pool: &Pool<L>) -> bool { pool.metrics().waiting > 0 }
    /// ```
    pub fn metrics(&self) -> PoolMetrics {
        if self.0.require_own().is_err() {
            return PoolMetrics { size: self.0.size, ..PoolMetrics::default() };
        }
        let inner = self.0.lock();
        let (size, idle) = (self.0.size, inner.idle.len());
        let taken = size.saturating_sub(idle).saturating_sub(inner.unmade);
        PoolMetrics { size, idle, taken, waiting: inner.waiting.len(), ..inner.metrics }
    }

    fn acquire(&self, patience: Option<Duration>) -> Result<Pooled<L>> {
        self.0.require_own()?;
        let place = self.place(patience)?;
        let sandbox = self.occupy(place)?;
        let metrics = &mut self.0.lock().metrics;
        metrics.takes = metrics.takes.saturating_add(1);
        Ok(Pooled { sandbox: Some(sandbox), shared: Arc::clone(&self.0) })
    }

    /// Makes a sandbox where there is only a place for one. If that fails the place is given back.
    fn occupy(&self, place: Place<L>) -> Result<Sandbox<L>> {
        if let Place::Made(sandbox) = place {
            return Ok(*sandbox);
        }
        let place = Vacant(&self.0);
        let sandbox = self.0.builder.clone().build()?;
        std::mem::forget(place);
        let metrics = &mut self.0.lock().metrics;
        metrics.made = metrics.made.saturating_add(1);
        Ok(sandbox)
    }

    fn place(&self, patience: Option<Duration>) -> Result<Place<L>> {
        let waiter = {
            let mut inner = self.0.lock();
            if let Some(place) = inner.free() {
                return Ok(place);
            }
            if self.0.size == 0 || patience == Some(Duration::ZERO) {
                inner.metrics.timeouts = inner.metrics.timeouts.saturating_add(1);
                return Err(Error::PoolEmpty { size: self.0.size });
            }
            let waiter = Arc::new(Waiter { given: Mutex::new(None), woken: Condvar::new() });
            inner.waiting.push_back(Arc::clone(&waiter));
            waiter
        };
        let since = Instant::now();
        let given = waiter.wait(patience);
        let mut inner = self.0.lock();
        inner.metrics.waits = inner.metrics.waits.saturating_add(1);
        inner.metrics.wait_time = inner.metrics.wait_time.saturating_add(since.elapsed());
        if let Some(place) = given {
            return Ok(place);
        }
        inner.waiting.retain(|other| !Arc::ptr_eq(other, &waiter));
        // Whoever was about to hand something over did so under this lock, or finds nobody.
        let late = waiter.given.lock().unwrap_or_else(PoisonError::into_inner).take();
        late.ok_or_else(|| {
            inner.metrics.timeouts = inner.metrics.timeouts.saturating_add(1);
            Error::PoolEmpty { size: self.0.size }
        })
    }
}

impl<L: Library> Shared<L> {
    /// Checks that this is the process which made the pool: in a fork, nobody gives back a lock
    /// that another thread held. Asked once for each call, since it is a call of the system.
    fn require_own(&self) -> Result<()> {
        if self.process == std::process::id() { Ok(()) } else { Err(Error::Forked) }
    }

    fn lock(&self) -> MutexGuard<'_, Inner<L>> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives a place to whoever has waited longest, or keeps it.
    fn put(&self, place: Place<L>) {
        let mut inner = self.lock();
        if let Some(waiter) = inner.waiting.pop_front() {
            *waiter.given.lock().unwrap_or_else(PoisonError::into_inner) = Some(place);
            waiter.woken.notify_one();
            return;
        }
        match place {
            Place::Made(sandbox) => inner.idle.push(sandbox),
            Place::Unmade => inner.unmade = inner.unmade.saturating_add(1),
        }
    }

    /// Puts a new sandbox in the place of one that was used; if none can be made now, whoever takes the place tries again.
    fn renew(&self, used: Sandbox<L>) {
        if self.require_own().is_err() {
            return;
        }
        let vacant = Vacant(self);
        let poisoned = used.is_poisoned();
        // First, so that the new one gets the memory of the old one.
        drop(used);
        // Its constructors may ask a clock of the user's, whose panic must not meet another one in a drop.
        let made = catch_unwind(AssertUnwindSafe(|| self.builder.clone().build()));
        {
            let metrics = &mut self.lock().metrics;
            metrics.poisoned = metrics.poisoned.saturating_add(poisoned.into());
            metrics.made = metrics.made.saturating_add(matches!(made, Ok(Ok(_))).into());
        }
        if let Ok(Ok(sandbox)) = made {
            std::mem::forget(vacant);
            self.put(Place::Made(Box::new(sandbox)));
        }
    }
}

impl<L: Library> Inner<L> {
    /// Takes a place, if nobody waits for it.
    fn free(&mut self) -> Option<Place<L>> {
        if let Some(sandbox) = self.idle.pop() {
            return Some(Place::Made(sandbox));
        }
        self.unmade = self.unmade.checked_sub(1)?;
        Some(Place::Unmade)
    }
}

impl<L: Library> Waiter<L> {
    /// Waits for a place, for as long as there is patience.
    fn wait(&self, patience: Option<Duration>) -> Option<Place<L>> {
        let end = patience.and_then(|patience| Instant::now().checked_add(patience));
        let mut given = self.given.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(place) = given.take() {
                return Some(place);
            }
            given = match end {
                None => self.woken.wait(given).unwrap_or_else(PoisonError::into_inner),
                Some(end) => {
                    let left = end.saturating_duration_since(Instant::now());
                    if left.is_zero() {
                        return None;
                    }
                    self.woken.wait_timeout(given, left).unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
    }
}

/// A place whose sandbox is not made, or gone. It is given back when this is dropped, also by a panic.
struct Vacant<'a, L: Library>(&'a Shared<L>);

impl<L: Library> Drop for Vacant<'_, L> {
    fn drop(&mut self) {
        self.0.put(Place::Unmade);
    }
}

/// A sandbox of a [`Pool`], which goes back there when this is dropped.
///
/// It is a [`Sandbox`] in all respects, and can be passed where a C function wants one.
///
/// # Examples
///
/// ```
/// # sandbox::library! { #[precompiled(unsafe(&[]))] pub mod lib { extern "C" { pub fn step(n: i32) -> i32; } } }
/// use sandbox::{Pool, Result, Tainted};
///
/// fn step(pool: &Pool<lib::Library>) -> Result<Tainted<i32, lib::Library>> {
///     let mut sb = pool.take()?;
///     lib::step(&mut sb, 1)
/// }
/// ```
pub struct Pooled<L: Library> {
    /// There until it is dropped.
    sandbox: Option<Sandbox<L>>,
    shared: Arc<Shared<L>>,
}

impl<L: Library> Deref for Pooled<L> {
    type Target = Sandbox<L>;

    fn deref(&self) -> &Sandbox<L> {
        let Some(sandbox) = &self.sandbox else { unreachable!("it is taken in drop alone") };
        sandbox
    }
}

impl<L: Library> DerefMut for Pooled<L> {
    fn deref_mut(&mut self) -> &mut Sandbox<L> {
        let Some(sandbox) = &mut self.sandbox else { unreachable!("it is taken in drop alone") };
        sandbox
    }
}

impl<L: Library> AsSandboxMut<L> for Pooled<L> {
    fn as_sandbox_mut(&mut self) -> SandboxRef<'_, L> {
        (**self).as_sandbox_mut()
    }
}

impl<L: Library> fmt::Debug for Pooled<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pooled({:?})", self.sandbox)
    }
}

impl<L: Library> Drop for Pooled<L> {
    fn drop(&mut self) {
        if let Some(sandbox) = self.sandbox.take() {
            self.shared.renew(sandbox);
        }
    }
}
