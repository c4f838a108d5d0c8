//! What can go wrong, as one type: everything a guest can cause is an [`Error`].

use std::fmt;

use crate::CallbackError;
use crate::backtrace::{self, Frame};
use crate::denied::{self, Denial};

/// The result of every fallible operation on a sandbox.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why an operation on a sandbox failed.
///
/// Messages name the C function and the argument or import where there is one, give addresses in hex, and never contain
/// bytes of guest memory, except for the checked name of a C++ type, see [`Trap::exception`], and the checked text of an assertion, see
/// [`Trap::message`].
///
/// # Examples
///
/// ```
/// fn worth_a_retry(error: &sandbox::Error) -> bool {
///     // A poisoned sandbox works again after `reset`.
///     error.poisons()
/// }
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The precompiled module cannot be used: it does not load, lacks an export, or an export has another signature.
    #[error("library `{library}` cannot be loaded: {reason}")]
    Module {
        /// The library's name.
        library: &'static str,
        /// What is wrong, and what to do.
        reason: String,
    },
    /// The system gives the process no executable memory, or no addresses, which a sandbox needs.
    /// Nothing was made.
    #[error("library `{library}` cannot run in this process: {reason}")]
    System {
        /// The library's name.
        library: &'static str,
        /// What the system refuses, and what to do.
        reason: Box<str>,
    },
    /// What the guest should be given, as a file or an environment variable, cannot be given under that name, or is not there.
    #[error("the guest cannot be given {what}: {reason}")]
    Capability {
        /// What it should be given.
        what: Box<str>,
        /// Why that cannot be.
        reason: Box<str>,
    },
    /// A range of guest memory that is not there.
    #[error("guest memory: {0}")]
    Memory(#[from] MemoryError),
    /// The guest's `malloc` did not give what was asked for.
    #[error(
        "the guest's malloc refused {bytes} bytes: memory is full or the limit too low; raise `memory` in `Limits`, or reset the sandbox"
    )]
    Allocation {
        /// How many bytes were asked for.
        bytes: u64,
    },
    /// The guest's `malloc` returned an address that cannot be an allocation of that size.
    #[error("the guest's malloc returned {address:#x} for {bytes} bytes, which is no such allocation; {what}")]
    LyingAllocator {
        /// The address that `malloc` returned.
        address: u32,
        /// How many bytes were asked for.
        bytes: u64,
        /// What is wrong with it.
        what: &'static str,
    },
    /// The guest trapped, and its frames are gone.
    #[error(transparent)]
    Trap(Box<Trap>),
    /// The guest called `exit(code)`.
    #[error("`{function}` called exit({code}){}", denied::Shown(denied))]
    Exit {
        /// The C function that the host had called.
        function: &'static str,
        /// The guest's exit code, as it gave it.
        code: i32,
        /// What the guest was denied in the call.
        denied: Box<[Denial]>,
    },
    /// The guest called an import that nothing provides.
    #[error("`{function}` called the denied import `{import}`")]
    DeniedImport {
        /// The C function that the host had called.
        function: &'static str,
        /// Module and name of the import, as in `env.system`.
        import: Box<str>,
    },
    /// A value of the guest broke a rule that the host has for it. The sandbox is as it was; whether to go on with it is the caller's choice.
    #[error(transparent)]
    Verify(#[from] crate::VerifyError),
    /// A limit was reached.
    #[error("limit reached{}: {which} (limit {}){}; {}{}", started(*starting), which.shown(*limit), backtrace::Shown(frames), which.advice(), denied::Shown(denied))]
    Limit {
        /// Which limit.
        which: LimitKind,
        /// Its value, in the unit of [`LimitKind`].
        limit: u64,
        /// The C functions that the guest was in, innermost first, as those of a [`Trap`]; none if it did not run.
        frames: Box<[Frame]>,
        /// What the guest was denied in the call.
        denied: Box<[Denial]>,
        /// Whether it was no call of the host's yet: the library started, in a sandbox that was
        /// being made or reset.
        starting: bool,
    },
    /// Another thread stopped the guest, through a [`CancelHandle`](crate::CancelHandle).
    #[error("`{function}` was cancelled")]
    Cancelled {
        /// The C function that the host had called.
        function: &'static str,
    },
    /// A limit was asked for that the library's code does not check. Nothing was made or changed.
    #[error(
        "library `{library}` was built without the checks that {wanted} needs; turn them on in build.rs: `.{setting}(true)`, or for a plugin by `from_wasm_metered`"
    )]
    NotMetered {
        /// The library's name.
        library: &'static str,
        /// What was asked for.
        wanted: &'static str,
        /// The setting of `build_support::Library` that makes it possible.
        setting: &'static str,
    },
    /// The thread that watches deadlines could not be started.
    #[error("the thread that watches deadlines cannot be started: {reason}")]
    Ticker {
        /// What the system says.
        reason: Box<str>,
    },
    /// A snapshot cannot be taken, or not be used here. Nothing was changed.
    #[error("library `{library}` cannot be snapshotted, or started from this snapshot: {what}")]
    Snapshot {
        /// The library's name.
        library: &'static str,
        /// What is in the way.
        what: &'static str,
    },
    /// No sandbox of a [`Pool`](crate::Pool) is free, or was within the time that the caller could wait.
    #[error("all {size} sandboxes of the pool are taken")]
    PoolEmpty {
        /// How many sandboxes the pool has.
        size: usize,
    },
    /// This process was forked from one whose pool this is, or one that was loading a library at
    /// that moment: what other threads of it had in their hands is gone. Nothing was changed.
    #[error(
        "this process was forked from one whose pool this is, or that was loading a library at that moment; make a pool of its own here, \
         and fork before libraries are loaded or after, not meanwhile"
    )]
    Forked,
    /// The handler of a signal that a guest's trap can be is not the engine's any more. Found on
    /// request: `check_signal_handlers`.
    #[error(
        "the handler of {signal} was replaced after the first sandbox was made, and a trap of a guest would go to it; \
         install it before, or let it call the handler that was there"
    )]
    SignalHandler {
        /// The name of the signal.
        signal: &'static str,
    },
    /// The calling thread blocks a signal that a guest's trap can be, which would end the process.
    /// Nothing was called, and the sandbox is as it was.
    #[error(
        "this thread blocks {signal}, and a trap of a guest would end the process; unblock SIGSEGV, SIGILL and SIGFPE (`pthread_sigmask`)"
    )]
    SignalBlocked {
        /// The name of the signal.
        signal: &'static str,
    },
    /// The calling thread has too little stack left for the deepest guest. Nothing was called, and the sandbox is as it was.
    #[error(
        "{left} bytes of stack are left on this thread, and a guest may need {needed}; call from a thread with a larger stack, or within \
         `sandbox::on_new_stack`"
    )]
    HostStack {
        /// Bytes that are left.
        left: u64,
        /// Bytes that a guest may need, with what its host functions do.
        needed: u64,
    },
    /// The stack for the frames of guests cannot be set. Nothing was changed.
    #[error("the call stack of guests cannot be {bytes} bytes: {reason}")]
    CallStack {
        /// What was asked for.
        bytes: u64,
        /// What is in the way.
        reason: &'static str,
    },
    /// The call is on a stack that is not the thread's own, as in a coroutine or a signal handler,
    /// and how large that is nobody says. Nothing was called, and the sandbox is as it was.
    #[error(
        "the call is on a stack that is not the thread's own, and of which it is not known where it ends; make it within \
         `sandbox::on_stack`, which says so, or on a thread"
    )]
    UnknownStack,
    /// A callback entered the guest on another stack than that of the call that it belongs to. Nothing was called.
    #[error("a callback calls the guest on another stack than the call that it belongs to; call it from the closure itself")]
    OtherStack,
    /// A pointer of another sandbox, or of this one before a `reset`, was used.
    #[error("{context} belongs to another sandbox or to this one before it was reset")]
    WrongSandbox {
        /// Which pointer, as in "argument `buf` of `crc32`".
        context: Box<str>,
    },
    /// A callback returned an error, which is here as a whole; the guest's frames are gone.
    #[error("a callback of `{function}` failed: {error}")]
    Callback {
        /// The C function that the host had called.
        function: &'static str,
        /// The callback's error, or what was wrong with its arguments or its result. [`callback_error`](Self::callback_error) finds it by its type.
        #[source]
        error: CallbackError,
    },
    /// A call inside of a callback ended in a `longjmp` to a frame of the guest that lies below the callback. It goes on when the callback returns,
    /// whatever that returns; until then the sandbox cannot be used. Nothing is poisoned.
    #[error("a longjmp of the guest is under way to a frame below this callback; return from the callback")]
    LongJump,
    /// A function pointer of the guest cannot be called. Nothing was called, and the sandbox is as it was.
    #[error("a function pointer of the guest {0}")]
    FunctionPointer(#[from] FunctionPointerError),
    /// What the guest passed for a value of the host is not one.
    #[error("an app pointer {0}")]
    AppPointer(#[from] AppPointerError),
    /// An earlier call ended badly, so the guest's state cannot be relied on.
    #[error("the sandbox is poisoned, since {cause}; call `reset` or take a fresh one")]
    Poisoned {
        /// What ended the earlier call.
        cause: Box<str>,
    },
    /// A broken invariant of this crate. Please report it.
    #[error("bug in the sandbox runtime: {0}; please report it")]
    Bug(Box<str>),
}

impl Error {
    /// A limit was reached while the guest did not run, or nobody knows yet where it was.
    pub(crate) fn limit(which: LimitKind, limit: u64) -> Self {
        Self::Limit { which, limit, frames: Box::default(), denied: Box::default(), starting: false }
    }

    /// Says that the library had not started yet.
    pub(crate) fn while_starting(mut self) -> Self {
        if let Self::Limit { starting, .. } = &mut self {
            *starting = true;
        }
        self
    }

    /// Says where the guest was, if this is a limit; a call further in knows better.
    pub(crate) fn at(mut self, guest: Vec<Frame>) -> Self {
        if let Self::Limit { frames, .. } = &mut self
            && frames.is_empty()
        {
            *frames = guest.into();
        }
        self
    }

    /// Tells whether the sandbox that returned this error is poisoned by it.
    ///
    /// Errors that are found before the guest runs leave the sandbox as it was. Of one that may be of either kind, [`LimitKind::Memory`], this says `true`: where the
    /// host itself asked for memory, for a callback's place in the table, nothing was poisoned. [`Sandbox::is_poisoned`](crate::Sandbox::is_poisoned) knows.
    ///
    /// # Examples
    ///
    /// ```
    /// let before = sandbox::Error::from(sandbox::MemoryError::Null);
    /// assert!(!before.poisons());
    /// ```
    #[must_use]
    pub fn poisons(&self) -> bool {
        match self {
            Self::Trap(_)
            | Self::Exit { .. }
            | Self::DeniedImport { .. }
            | Self::Callback { .. }
            | Self::Cancelled { .. }
            | Self::Poisoned { .. } => true,
            Self::Limit { which, .. } => which.poisons(),
            _ => false,
        }
    }

    /// Returns the error of a callback, if it is an `E`.
    ///
    /// # Examples
    ///
    /// ```
    /// fn cause(error: &sandbox::Error) -> Option<&std::io::Error> { error.callback_error() }
    /// ```
    #[must_use]
    pub fn callback_error<E: std::error::Error + 'static>(&self) -> Option<&E> {
        match self {
            Self::Callback { error, .. } => error.downcast_ref(),
            _ => None,
        }
    }

    /// A module cannot be used, for a reason that may have names of the module in it.
    pub(crate) fn module(library: &'static str, reason: &str) -> Self {
        /// As much of a reason, in letters.
        const REASON: usize = 1000;
        Self::Module { library, reason: backtrace::printable(reason, REASON) }
    }

    #[cold]
    pub(crate) fn bug(what: impl Into<Box<str>>) -> Self {
        Self::Bug(what.into())
    }
}

fn started(starting: bool) -> &'static str {
    if starting { " while the library started" } else { "" }
}

/// A range of guest memory that cannot be accessed.
///
/// # Examples
///
/// ```
/// let error = sandbox::MemoryError::OutOfBounds { address: 0xffff_fff0, bytes: 32, size: 65_536 };
/// assert_eq!(error.to_string(), "32 bytes at 0xfffffff0 are outside of 65536 bytes of memory");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MemoryError {
    /// The range ends behind the end of memory.
    #[error("{bytes} bytes at {address:#x} are outside of {size} bytes of memory")]
    OutOfBounds {
        /// First byte of the range.
        address: u32,
        /// Length of the range in bytes.
        bytes: u64,
        /// Size of the memory in bytes at that moment.
        size: u64,
    },
    /// A null pointer was read or written through.
    #[error("null pointer")]
    Null,
    /// A count times an element size is more than a guest can hold.
    #[error("{count} elements of {size} bytes are more than a 32-bit guest can hold")]
    TooLarge {
        /// How many elements.
        count: u64,
        /// Size of one in bytes.
        size: u32,
    },
    /// An index behind the end of an array.
    #[error("index outside of an array of {length} elements")]
    Index {
        /// How many elements the array has.
        length: u32,
    },
    /// A number that does not fit a bit-field.
    #[error("the number does not fit a bit-field of {width} bits")]
    Bits {
        /// How many bits the field has.
        width: u32,
    },
    /// A C string with its terminator is longer than the buffer that it is written to.
    #[error("the string and its terminator do not fit into {capacity} bytes")]
    StringTooLong {
        /// Size of the buffer in bytes.
        capacity: u32,
    },
    /// The guest's C stack has no room for what a call passes in memory.
    #[error("{bytes} bytes do not fit on the guest's C stack, which ends {left} bytes further down; raise `stack_size` in build.rs")]
    Stack {
        /// How many bytes were needed.
        bytes: u32,
        /// How many there are.
        left: u32,
    },
    /// A C string has no terminator within the limit, or before the end of memory.
    #[error("no terminator within {limit} bytes of {address:#x}")]
    NoTerminator {
        /// Where the string starts.
        address: u32,
        /// How many bytes were looked at.
        limit: u64,
    },
}

/// Why a function pointer cannot be called.
///
/// # Examples
///
/// ```
/// assert_eq!(sandbox::FunctionPointerError::Null.to_string(), "is null");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FunctionPointerError {
    /// It is null.
    #[error("is null")]
    Null,
    /// There is no function: there never was, or it was a callback that is unregistered.
    #[error("points to no function (index {index:#x} of the table)")]
    Dangling {
        /// The pointer, an index into the guest's function table.
        index: u32,
    },
    /// There is a function of another type.
    #[error("points to a function of another type than `{expected}`")]
    Signature {
        /// The type of the pointer.
        expected: &'static str,
    },
}

/// Why an app pointer is none.
///
/// # Examples
///
/// ```
/// assert_eq!(sandbox::AppPointerError::Stale.to_string(), "is out of date: its value was dropped or taken");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AppPointerError {
    /// It is no token of this sandbox: null, a pointer into guest memory, or the result of arithmetic.
    #[error("is no token that this sandbox has given out")]
    Forged,
    /// Its value was dropped or taken.
    #[error("is out of date: its value was dropped or taken")]
    Stale,
    /// Its value is of another type.
    #[error("is of another type than `{expected}`")]
    WrongType {
        /// The type that was asked for.
        expected: &'static str,
    },
    /// A call of [`with_app`](crate::Sandbox::with_app) further out has the value.
    #[error("is in use: a `with_app` further out has its value")]
    InUse,
}

/// A limit that can be reached.
///
/// # Examples
///
/// ```
/// assert_eq!(sandbox::LimitKind::Memory.to_string(), "bytes of memory");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum LimitKind {
    /// Bytes of guest memory.
    Memory,
    /// Bytes of the host stack that the guest's frames take.
    CallStack,
    /// Bytes of the C stack, which is in guest memory: local variables whose address is taken, arrays, structs.
    ///
    /// It is told from another access outside of guest memory by the guest's stack pointer, which an attacker can set: good for a message.
    Stack,
    /// Callbacks that were registered since the sandbox was made or reset.
    Callbacks,
    /// Callbacks that the guest made during one call.
    CallbackCalls,
    /// Values of the host that are app pointers at a time.
    AppPointers,
    /// Callbacks that are under way, one in another.
    CallbackDepth,
    /// Functions in the guest's tables.
    TableSlots,
    /// Memories of all sandboxes that live in the process: one for each, and another one for each
    /// whose library has thrown a C++ exception or called `longjmp`; twice as many where the
    /// library has more than 1 MiB of
    /// static data.
    ///
    /// There can be some 15,000 on Linux, so that sandboxes leave half of the mappings that the
    /// system allows a process (`vm.max_map_count`) to the rest of it.
    Sandboxes,
    /// Microseconds that a call took.
    Time,
    /// Units of fuel that a call took, about one for each Wasm operator.
    Fuel,
    /// Bytes that the guest wrote to its standard streams.
    Output,
}

impl LimitKind {
    /// Writes a limit of this kind, a time with its unit.
    fn shown(self, limit: u64) -> String {
        if self == Self::Time { format!("{:?}", std::time::Duration::from_micros(limit)) } else { limit.to_string() }
    }

    /// What to do about it.
    fn advice(self) -> &'static str {
        match self {
            Self::Memory | Self::Callbacks | Self::CallbackCalls | Self::CallbackDepth | Self::Time | Self::Fuel | Self::Output => {
                "raise it in `Limits` or give the guest less to do"
            }
            Self::CallStack => "allow more by `sandbox::set_call_stack` at the start of the program, or give the guest less to do",
            Self::Stack => "raise `stack_size` in build.rs",
            Self::AppPointers => "drop some, or reset the sandbox",
            Self::TableSlots => "raise it in `Limits`, or reset the sandbox",
            Self::Sandboxes => {
                "drop sandboxes, or bound them by a `Pool`; the limit is for the whole process, and `reset` needs one to spare"
            }
        }
    }

    /// Whether the guest was stopped in the middle.
    fn poisons(self) -> bool {
        !matches!(self, Self::Callbacks | Self::AppPointers | Self::TableSlots | Self::Sandboxes)
    }
}

impl fmt::Display for LimitKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Memory => "bytes of memory",
            Self::CallStack => "bytes of call stack",
            Self::Stack => "bytes of C stack",
            Self::Callbacks => "callbacks registered",
            Self::CallbackCalls => "callbacks in one call",
            Self::AppPointers => "app pointers",
            Self::CallbackDepth => "callbacks in one another",
            Self::TableSlots => "functions in the guest's tables",
            Self::Sandboxes => "memories of sandboxes in the process",
            Self::Time => "time in one call",
            Self::Fuel => "units of fuel in one call",
            Self::Output => "bytes of output",
        })
    }
}

/// A trap: the guest did something that ends it.
///
/// # Examples
///
/// ```
/// fn is_memory_safety_bug(error: &sandbox::Error) -> bool {
///     matches!(error, sandbox::Error::Trap(trap) if trap.kind() == sandbox::TrapKind::OutOfBounds)
/// }
/// ```
#[derive(Debug)]
pub struct Trap {
    pub(crate) function: &'static str,
    pub(crate) kind: TrapKind,
    /// The type of a C++ exception, or what an assertion says.
    pub(crate) message: Option<Box<str>>,
    pub(crate) frames: Vec<Frame>,
    pub(crate) denied: Box<[Denial]>,
}

impl Trap {
    /// Returns the C function that the host had called.
    ///
    /// # Examples
    ///
    /// ```
    /// fn who(trap: &sandbox::Trap) -> String { format!("{} failed", trap.function()) }
    /// ```
    #[must_use]
    pub fn function(&self) -> &'static str {
        self.function
    }

    /// Returns what the guest did.
    ///
    /// # Examples
    ///
    /// ```
    /// fn crashed(trap: &sandbox::Trap) -> bool { trap.kind() != sandbox::TrapKind::Abort }
    /// ```
    #[must_use]
    pub fn kind(&self) -> TrapKind {
        self.kind
    }

    /// Returns the C++ type of the exception that nothing caught, as in `std::runtime_error`, if there was one and its type can be told.
    ///
    /// # Trust
    ///
    /// The name is read from the guest's memory, so an attacker can choose it: at most 200 letters, digits, `_` and `::`. It is for messages.
    ///
    /// # Examples
    ///
    /// ```
    /// fn what(trap: &sandbox::Trap) -> &str { trap.exception().unwrap_or("no C++ exception") }
    /// ```
    #[must_use]
    pub fn exception(&self) -> Option<&str> {
        self.message.as_deref().filter(|_| self.kind == TrapKind::UncaughtException)
    }

    /// Returns what a failed `assert` says, as in `x > 0, deflate.c:12, longest_match`, if there was one and it can be read.
    ///
    /// # Trust
    ///
    /// It is read from the guest's memory, so an attacker can choose it: a line of printable ASCII, of at most three times 200 characters and a number. It is for messages.
    ///
    /// # Examples
    ///
    /// ```
    /// fn why(trap: &sandbox::Trap) -> &str { trap.message().unwrap_or("no assertion failed") }
    /// ```
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.message.as_deref().filter(|_| self.kind == TrapKind::Assertion)
    }

    /// Returns the C functions on the guest's stack, innermost first, as far as the module keeps names; at most eight.
    ///
    /// # Examples
    ///
    /// ```
    /// fn innermost(trap: &sandbox::Trap) -> Option<&str> { Some(trap.frames().next()?.function()) }
    /// ```
    pub fn frames(&self) -> impl Iterator<Item = &Frame> {
        self.frames.iter()
    }
}

impl fmt::Display for Trap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` trapped: {}", self.function, self.kind)?;
        if let Some(message) = &self.message {
            write!(f, ": {message}")?;
        }
        backtrace::Shown(&self.frames).fmt(f)?;
        denied::Shown(&self.denied).fmt(f)
    }
}

impl std::error::Error for Trap {}

/// What a guest did to end itself.
///
/// # Examples
///
/// ```
/// assert_eq!(sandbox::TrapKind::DivisionByZero.to_string(), "integer division by zero");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TrapKind {
    /// An access outside linear memory.
    OutOfBounds,
    /// A call through a function pointer that is null, or that of a callback that is not registered any more.
    NullFunction,
    /// A call through a function pointer of another type.
    BadSignature,
    /// `abort`, or undefined behaviour that the compiler turned into a trap.
    Abort,
    /// A failed `assert`; [`Trap::message`] says which.
    Assertion,
    /// Integer division by zero.
    DivisionByZero,
    /// Integer overflow in a division or a conversion from floating point.
    Overflow,
    /// A `longjmp` that nothing in the guest caught, or an exception that is not C++'s.
    UncaughtJump,
    /// A C++ exception that nothing in the guest caught; [`Trap::exception`] names its type.
    UncaughtException,
    /// A C function that is declared not to return did.
    Returned,
    /// Anything else that the engine calls a trap.
    Other,
}

impl fmt::Display for TrapKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OutOfBounds => "access outside of guest memory",
            Self::NullFunction => "call of a function pointer that is null, or of a callback whose handle was dropped",
            Self::BadSignature => "call of a function pointer with another signature",
            Self::Abort => "abort or unreachable code",
            Self::Assertion => "failed assertion",
            Self::DivisionByZero => "integer division by zero",
            Self::Overflow => "integer overflow",
            Self::UncaughtJump => "longjmp or exception that nothing catches",
            Self::UncaughtException => "C++ exception that nothing catches",
            Self::Returned => "returned from a function that must not return",
            Self::Other => "engine trap",
        })
    }
}
