//! How much a guest can use.

use std::time::Duration;

/// As much memory as a sandbox has by default: 256 MiB, in bytes.
const MEMORY: u64 = 256 << 20;

/// As many callbacks as can be registered by default.
const CALLBACKS: u64 = 1 << 18;

/// As many functions as a guest's table can have by default.
const TABLE_SLOTS: u64 = 1 << 20;

/// How much a guest can use of the host: of a sandbox, of all sandboxes of a module, or of a single call.
///
/// Reaching a limit is [`Error::Limit`](crate::Error::Limit), which says which one. Only memory is different: there the guest's `malloc` returns null first, which well-written C handles.
///
/// The stacks are not here. The guest's C stack is part of its memory, and its size is chosen in `build.rs` (`stack_size`). Its frames take at most 512 KiB of the host's stack.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use sandbox::{Library, Limits, Result, Sandbox};
///
/// fn for_one_request<L: Library>() -> Result<Sandbox<L>> {
///     let limits = Limits::new().memory(16 << 20).deadline(Duration::from_millis(100)).callback_calls(10_000);
///     Sandbox::builder().limits(limits).build()
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    pub(crate) memory: u64,
    pub(crate) table_slots: u64,
    pub(crate) callbacks: u64,
    pub(crate) callback_calls: u64,
    pub(crate) callback_depth: u64,
    pub(crate) output: u64,
    pub(crate) fuel: Option<u64>,
    pub(crate) deadline: Option<Deadline>,
}

/// How long a call can take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Deadline {
    pub(crate) time: Duration,
    /// Whether the time in callbacks of the host is part of it.
    pub(crate) callbacks: bool,
}

impl Deadline {
    pub(crate) fn micros(self) -> u64 {
        u64::try_from(self.time.as_micros()).unwrap_or(u64::MAX)
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::new()
    }
}

impl Limits {
    /// Returns the default limits: 256 MiB of memory, 262,144 callbacks, 1,048,576 table slots, and none on time, fuel, calls of callbacks or output.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(sandbox::Limits::new(), sandbox::Limits::default());
    /// ```
    #[must_use]
    pub const fn new() -> Self {
        Self {
            memory: MEMORY,
            table_slots: TABLE_SLOTS,
            callbacks: CALLBACKS,
            callback_calls: u64::MAX,
            callback_depth: u64::MAX,
            output: u64::MAX,
            fuel: None,
            deadline: None,
        }
    }

    /// Sets how many bytes of memory the guest can have, its stack, static data and tables included.
    ///
    /// At the limit the guest's `malloc` returns null, which well-written C handles. Memory that a guest has does not shrink before a reset.
    ///
    /// # Examples
    ///
    /// ```
    /// let small = sandbox::Limits::new().memory(16 << 20);
    /// # let _ = small;
    /// ```
    #[must_use]
    pub const fn memory(mut self, bytes: u64) -> Self {
        self.memory = bytes;
        self
    }

    /// Sets how many functions the guest's tables can have together: those of the library whose
    /// address is taken, and callbacks. It is never more than 1,048,576.
    ///
    /// # Examples
    ///
    /// ```
    /// let few = sandbox::Limits::new().table_slots(1000);
    /// # let _ = few;
    /// ```
    #[must_use]
    pub const fn table_slots(mut self, functions: u64) -> Self {
        self.table_slots = functions;
        self
    }

    /// Sets how many callbacks can be registered before the sandbox is reset.
    ///
    /// Those that were unregistered count as well: an address that the guest has seen is never given to another closure. Each takes some 400 bytes of the host until
    /// then.
    ///
    /// # Examples
    ///
    /// ```
    /// let few = sandbox::Limits::new().callbacks(16);
    /// # let _ = few;
    /// ```
    #[must_use]
    pub const fn callbacks(mut self, callbacks: u64) -> Self {
        self.callbacks = callbacks;
        self
    }

    /// Sets how many times the guest can call back during one call of the host, the calls that its callbacks make included.
    ///
    /// # Examples
    ///
    /// ```
    /// let at_most_one_per_row = sandbox::Limits::new().callback_calls(65_535);
    /// # let _ = at_most_one_per_row;
    /// ```
    #[must_use]
    pub const fn callback_calls(mut self, calls: u64) -> Self {
        self.callback_calls = calls;
        self
    }

    /// Sets how deep callbacks can be in one another: 1 means that a callback may call the guest, but not be called back in that.
    ///
    /// # Examples
    ///
    /// ```
    /// let flat = sandbox::Limits::new().callback_depth(1);
    /// # let _ = flat;
    /// ```
    #[must_use]
    pub const fn callback_depth(mut self, levels: u64) -> Self {
        self.callback_depth = levels;
        self
    }

    /// Sets how many bytes the guest can write to its standard streams, whatever becomes of them, before the sandbox is reset.
    ///
    /// What is beyond the limit of [`Output::Capture`](crate::Output::Capture) is dropped without an error; this one ends the guest.
    ///
    /// # Examples
    ///
    /// ```
    /// let quiet = sandbox::Limits::new().output(1 << 20);
    /// # let _ = quiet;
    /// ```
    #[must_use]
    pub const fn output(mut self, bytes: u64) -> Self {
        self.output = bytes;
        self
    }

    /// Sets how many units of fuel one call of the host can take, the calls that its callbacks make included. A unit is about one Wasm operator.
    ///
    /// A bulk copy (`memcpy`) takes a unit a byte. An import takes 100 units, one for each byte
    /// that is moved, and 1,000 for each path or directory entry that is looked at. The Rust code
    /// of a callback takes none; what it calls in the guest counts. The same call in the same state
    /// takes the same fuel on each machine. Only a library that was built to count it has this
    /// limit: `.fuel(true)` in `build.rs`.
    ///
    /// # Examples
    ///
    /// ```
    /// let deterministic = sandbox::Limits::new().fuel(10_000_000);
    /// # let _ = deterministic;
    /// ```
    #[must_use]
    pub const fn fuel(mut self, units: u64) -> Self {
        self.fuel = Some(units);
        self
    }

    /// Sets how long one call of the host can take, with all callbacks in it.
    ///
    /// The guest is stopped within some milliseconds after that; a callback of the host is not, but when it returns the guest does not go on. The blocks that were dropped before the call are freed within
    /// the same time. A single copy of memory inside the guest (`memcpy`) cannot be stopped: bound memory too.
    ///
    /// To make or reset a sandbox is a call of its own, in which the library's start function and
    /// static constructors run. What the host does for it, such as to load the code and to map
    /// memory, is not counted.
    ///
    /// Only a library whose code can be interrupted has this limit, which is the default of `build.rs`.
    ///
    /// # Examples
    ///
    /// ```
    /// let quick = sandbox::Limits::new().deadline(std::time::Duration::from_millis(50));
    /// # let _ = quick;
    /// ```
    #[must_use]
    pub const fn deadline(mut self, time: Duration) -> Self {
        self.deadline = Some(Deadline { time, callbacks: true });
        self
    }

    /// Does the same, and does not count the time that callbacks of the host take; what these call in the guest counts.
    ///
    /// # Examples
    ///
    /// ```
    /// let guest_alone = sandbox::Limits::new().guest_deadline(std::time::Duration::from_millis(50));
    /// # let _ = guest_alone;
    /// ```
    #[must_use]
    pub const fn guest_deadline(mut self, time: Duration) -> Self {
        self.deadline = Some(Deadline { time, callbacks: false });
        self
    }

    /// Takes the deadline away.
    ///
    /// # Examples
    ///
    /// ```
    /// let limits = sandbox::Limits::new().deadline(std::time::Duration::from_secs(1));
    /// assert_eq!(limits.no_deadline(), sandbox::Limits::new());
    /// ```
    #[must_use]
    pub const fn no_deadline(mut self) -> Self {
        self.deadline = None;
        self
    }
}
