//! Run a third-party C library inside a WebAssembly sandbox, call it from Rust as if it were a `-sys` crate, and treat
//! everything that comes out as *tainted* until it is verified.
//!
//! ```ignore
//! sandbox::include_library!(zlib); // what build.rs compiled: module `zlib`, marker type `zlib::Library`
//!
//! let mut sb = sandbox::Sandbox::<zlib::Library>::new()?;             // fresh, no access to anything
//! let input = sb.copy_in(&data)?;                                     // a block of guest memory, freed on drop
//! let crc = zlib::crc32(&mut sb, 0, input.as_ptr(), input.len())?;    // Tainted<u32, zlib::Library>
//! let crc = crc.verify(|v| if v == expected { Ok(v) } else { Err(BadCrc) })?;
//! ```
//!
//! `build.rs` compiles the library with `build_support::Library`; [`include_library!`] brings it in; [`Sandbox`] runs it; what comes out is verified. The page of
//! [`library!`](macro@library) says what becomes of each C declaration, [`rules`] has the ready checks, [`derive(Verify)`](derive@Verify) checks whole structs.
//!
//! # What to write
//!
//! | you want to | you write |
//! |---|---|
//! | use a number | `n.verify_with(rules::range(1..=64))?`, or `n.verify(\|n\| …)?` with an error of your own |
//! | compare it | `n.gt(100)`: a tainted `bool`; or verify first |
//! | index or slice with it | `n.verify_with(rules::index_of(items.len()))?`, `rules::count_up_to(buffer.len())` |
//! | convert it | `n.cast::<u8>()`, `n.checked_cast::<u8>()` |
//! | read a field | `sb.read(p.width())?`; a bit-field `sb.read_bits(p.flags())?`; the whole struct `sb.read(p)?` |
//! | read a union's member | `value.real()`, or `sb.read(p.real())?` |
//! | read a global variable | `sb.read(sb.global(lib::level)?)?` (named in build.rs: `.allow_var("level")`) |
//! | read text, bytes, an array | `read_c_str`, `view`, `copy_out`, `read_slice`, each with a limit of yours |
//! | use a C `bool` | `b.verify_with(rules::boolean())?`: a `bool`, or an error if it is neither 0 nor 1; pass one as `true` |
//! | use an enum | `e.verify_with(rules::known())?`; compare with `lib::RED`; pass one by its constant: `lib::paint(&mut sb, lib::RED)?` |
//! | check a struct as a whole | `#[derive(Verify)]` and `sb.read_verified::<Header, _>(p)?` |
//! | pass a closure to C | `sb.register_callback::<lib::handler, _>(\|sb, (a, b)\| Ok(…))?`, then pass `&callback` |
//! | find your data in it | `sb.register_app(value)?`, pass `&app` as `void *`; `sb.app_mut::<T>(user_data)?` |
//! | pass a C function to C | `sb.fn_ptr(lib::functions::name)?` |
//! | call what C returned | `pointer.call(&mut sb, (a, b))?` |
//! | pass or read `...` | `lib::print(&mut sb, &format, (7, &text))?`; `sb.va_arg::<i32>(&mut list)?` |
//! | give the guest a clock, a file, a variable | `Sandbox::builder().clock(Clock::Host).file("/words", bytes).env("TZ", "UTC").build()?` |
//! | give it a folder of the host's to read | `Sandbox::builder().folder("/share", "assets").build()?`, with the feature `host-folder` |
//! | bound what it uses | `Limits::new().memory(16 << 20).deadline(…)`, for `Sandbox::builder().limits(…)`, or one call: `&mut sb.limited(…)?` |
//! | stop it | `sb.cancel_handle()?`, and `handle.cancel()` from any thread |
//! | have one for each request | `Pool::new(16, Sandbox::builder())`, `pool.take()?` |
//! | start from your own set-up | `sb.snapshot()?`, `Sandbox::builder().snapshot(&snapshot)` |
//! | take it as it is | `n.unverified_because("why any value will do")` |
//!
//! # Threat model
//!
//! The *guest* is the C library, its libc, and every byte of its memory. Assume that an attacker has taken it over through a malicious
//! input. Then every number, pointer, string and struct that comes out is chosen by the attacker.
//!
//! - Host memory is out of the guest's reach; each access of the host to guest memory is range-checked against the memory's current size.
//! - Nothing leaves the guest unnoticed: it is a [`Tainted`] value, a [`TaintedPtr`], or a struct of them.
//! - Nothing is fetched twice: a value is copied once, or viewed while the guest cannot run.
//! - The guest reaches no file, clock, randomness or output unless it is given by name.
//! - However the guest ends is an [`Error`], never a panic; afterwards [`Sandbox::reset`] makes it new. A [`Trap`] names the C functions that the guest was in, and their files and
//!   lines where the build kept them.
//!
//! Not promised: that the library's answer is right. That is what verification is for. A guest that loops for ever keeps its thread, unless its calls have a deadline ([`Limits`]) or
//! are cancelled ([`CancelHandle`]). A guest's frames, and the callbacks between them, take up to 512 KiB of the calling thread's stack: a call from one with less than 768 KiB left is an error.

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
mod abi;
mod alloc;
mod app_ptr;
mod assertion;
mod backtrace;
mod builder;
mod call;
mod callback;
mod cancel;
mod capabilities;
mod cxx_exception;
mod denied;
mod drops;
mod ended;
mod engine;
mod error;
mod frame;
mod function;
mod heap;
mod imports;
mod instance;
mod limited;
mod limiter;
mod limits;
mod lines;
mod loading;
mod memory;
mod meter;
mod module;
mod observe;
mod operations;
#[cfg(feature = "jit")]
mod plugin;
mod pool;
mod precompiled;
mod sandbox;
#[cfg(target_os = "linux")]
mod signals;
mod signature;
mod size;
#[cfg(target_os = "linux")]
mod slots;
mod snapshot;
mod stack;
mod state;
mod system;
mod tainted;
mod ticker;
mod values;
mod variadic;
mod verify;
mod view;

pub use crate::abi::{BitType, CBool, GuestEnum, GuestType};
pub use crate::alloc::Allocation;
pub use crate::app_ptr::AppPtr;
pub use crate::backtrace::Frame;
pub use crate::builder::Builder;
pub use crate::callback::{Callback, CallbackError};
pub use crate::cancel::CancelHandle;
pub use crate::denied::Denial;
pub use crate::engine::set_call_stack;
pub use crate::error::{AppPointerError, Error, FunctionPointerError, LimitKind, MemoryError, Result, Trap, TrapKind};
pub use crate::function::Function;
pub use crate::imports::{Clock, ClockId, Output, Random};
pub use crate::limited::{Limited, Usage};
pub use crate::limits::Limits;
pub use crate::module::{Library, SandboxModule};
#[cfg(feature = "observe")]
pub use crate::observe::{Observations, Observed};
pub use crate::pool::{Pool, PoolMetrics, Pooled};
pub use crate::sandbox::{AsSandboxMut, Sandbox, SandboxRef};
#[cfg(target_os = "linux")]
pub use crate::signals::check_signal_handlers;
pub use crate::signature::{FnPointer, IntoArgs, Signature};
pub use crate::size::size_of;
pub use crate::snapshot::Snapshot;
pub use crate::stack::{on_new_stack, on_stack};
pub use crate::tainted::{
    Global, Integer, IntoGuest, Null, Number, Pointee, Tainted, TaintedBits, TaintedFn, TaintedPtr, UnknownSignature, Variadic, Void, null,
};
pub use crate::variadic::{VaArg, VaList};
pub use crate::verify::{And, Broken, Or, Rule, Verify, VerifyEach, VerifyError, rules};
pub use crate::view::{GuestSlice, GuestWriter};
#[cfg(feature = "jit")]
pub use sandbox_engine::Metering;
pub use sandbox_macros::{Verify, library};

/// Declares the library that `build.rs` compiled under this name with `build_support::Library`.
///
/// Expands to a module of that name: the C functions, types and constants of the headers, and the marker type `Library`.
///
/// # Examples
///
/// ```ignore
/// // build.rs: build_support::Library::new("zlib")…compile();
/// sandbox::include_library!(zlib);
/// ```
#[macro_export]
macro_rules! include_library {
    ($name:ident) => {
        include!(env!(
            concat!("SANDBOX_LIBRARY_", stringify!($name)),
            concat!(
                "no library called `",
                stringify!($name),
                "` was built; build.rs must call `build_support::Library::new(\"",
                stringify!($name),
                "\")` and `compile()`"
            )
        ));
    };
}

/// Threads: a module is shared, a sandbox is sent. Checked by the compiler, never run.
#[allow(dead_code)]
const _: () = {
    const fn send<T: Send>() {}
    const fn send_and_sync<T: Send + Sync>() {}
    const fn assertions<L: Library>() {
        send_and_sync::<SandboxModule<L>>();
        send_and_sync::<Pool<L>>();
        send_and_sync::<Snapshot<L>>();
        send_and_sync::<CancelHandle>();
        send::<Pooled<L>>();
        send_and_sync::<TaintedPtr<u8, L>>();
        send::<Sandbox<L>>();
        send::<Allocation<u8, L>>();
    }
};
