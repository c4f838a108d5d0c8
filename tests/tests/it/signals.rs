//! Other people's signal handlers, before and after the engine's. Each case is a process of its
//! own.
#![allow(unsafe_code, reason = "signal handlers are what the test is about")]

use std::process::{Command, ExitStatus};
use std::sync::atomic::{AtomicUsize, Ordering};

use sandbox::{Error, LimitKind, Sandbox, TaintedPtr, TrapKind};

use crate::hostile::liar;

/// What the handlers below end the process with.
const REPORTED: i32 = 42;

/// The handler that was there before that of `passes_on`.
static BEFORE: AtomicUsize = AtomicUsize::new(0);

extern "C" fn reports(_: libc::c_int, _: *mut libc::siginfo_t, _: *mut libc::c_void) {
    // SAFETY: it ends the process.
    unsafe { libc::_exit(REPORTED) };
}

extern "C" fn passes_on(signal: libc::c_int, info: *mut libc::siginfo_t, context: *mut libc::c_void) {
    type Handler = extern "C" fn(libc::c_int, *mut libc::siginfo_t, *mut libc::c_void);
    // SAFETY: it is the address of the handler with three arguments that `install` has found.
    let before: Handler = unsafe { std::mem::transmute(BEFORE.load(Ordering::Relaxed)) };
    before(signal, info, context);
}

/// Installs a handler for accesses outside of memory, and returns the one before it.
fn install(handler: extern "C" fn(libc::c_int, *mut libc::siginfo_t, *mut libc::c_void)) -> usize {
    replace(libc::SIGSEGV, handler as usize)
}

/// Installs what handles a signal: a handler, or one of the two values that stand for none.
fn replace(signal: libc::c_int, handler: usize) -> usize {
    // SAFETY: all zeros is a value of it.
    let (mut action, mut before): (libc::sigaction, libc::sigaction) = unsafe { (std::mem::zeroed(), std::mem::zeroed()) };
    action.sa_sigaction = handler;
    action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK | libc::SA_NODEFER;
    // SAFETY: both are there, and the handler only ends the process, calls another one, or was
    // there before.
    assert_eq!(unsafe { libc::sigaction(signal, &raw const action, &raw mut before) }, 0);
    before.sa_sigaction
}

/// A guest that accesses what it must not: an error, where the engine sees the signal.
fn trap() {
    let mut sb = Sandbox::<liar::Library>::new().unwrap();
    let outside = liar::pointer(&mut sb, u32::MAX - 7).unwrap();
    let error = liar::load(&mut sb, outside.cast()).unwrap_err();
    assert!(matches!(&error, Error::Trap(trap) if trap.kind() == TrapKind::OutOfBounds), "{error}");
}

/// The application's own mistake.
fn segfault() {
    // SAFETY: it is not: the process ends here.
    unsafe { std::ptr::without_provenance_mut::<u8>(8).write_volatile(1) };
}

/// Blocks a signal on this thread, or lets it through again.
fn block(signal: libc::c_int, how: libc::c_int) {
    // SAFETY: all zeros is a set, which the call empties.
    let mut set: libc::sigset_t = unsafe { std::mem::zeroed() };
    // SAFETY: the set is there.
    unsafe {
        libc::sigemptyset(&raw mut set);
        libc::sigaddset(&raw mut set, signal);
        assert_eq!(libc::pthread_sigmask(how, &raw const set, std::ptr::null_mut()), 0);
    }
}

fn case(name: &str) {
    match name {
        "before" => {
            install(reports);
            trap();
            sandbox::check_signal_handlers().unwrap();
            // It still gets what is not the guest's.
            segfault();
        }
        "after" => {
            sandbox::check_signal_handlers().unwrap();
            trap();
            install(reports);
            assert!(matches!(sandbox::check_signal_handlers(), Err(Error::SignalHandler { signal: "SIGSEGV" })));
            trap();
        }
        "each" => {
            trap();
            for (signal, name) in [(libc::SIGSEGV, "SIGSEGV"), (libc::SIGILL, "SIGILL"), (libc::SIGFPE, "SIGFPE")] {
                for handler in [reports as *const () as usize, libc::SIG_DFL, libc::SIG_IGN] {
                    let before = replace(signal, handler);
                    assert!(matches!(sandbox::check_signal_handlers(), Err(Error::SignalHandler { signal }) if signal == name));
                    replace(signal, before);
                    sandbox::check_signal_handlers().unwrap();
                }
            }
            trap();
        }
        "blocked" => {
            for (signal, name) in [(libc::SIGSEGV, "SIGSEGV"), (libc::SIGILL, "SIGILL"), (libc::SIGFPE, "SIGFPE")] {
                let mut sb = Sandbox::<liar::Library>::new().unwrap();
                // A thread that is new to guests is looked at before the first call.
                let thread = std::thread::spawn(move || {
                    block(signal, libc::SIG_BLOCK);
                    let error = liar::recurse(&mut sb, 0).map(drop).unwrap_err();
                    assert!(matches!(error, Error::SignalBlocked { signal } if signal == name), "{error}");
                    assert!(matches!(sandbox::check_signal_handlers(), Err(Error::SignalBlocked { signal }) if signal == name));
                    assert!(!sb.is_poisoned());
                    block(signal, libc::SIG_UNBLOCK);
                    let error = liar::recurse(&mut sb, 0).map(drop).unwrap_err();
                    assert!(matches!(error, Error::Limit { which: LimitKind::CallStack, .. }), "{error}");
                });
                thread.join().unwrap();
            }
        }
        "chained" => {
            trap();
            BEFORE.store(install(passes_on), Ordering::Relaxed);
            trap();
            let null: TaintedPtr<u8, liar::Library> = TaintedPtr::null();
            assert!(Sandbox::<liar::Library>::new().unwrap().read(null).is_err());
        }
        other => panic!("{other}"),
    }
}

#[test]
#[ignore = "the other end of the test below"]
fn a_process_with_handlers() {
    if let Ok(name) = std::env::var("SANDBOX_TEST_SIGNALS") {
        case(&name);
    }
}

fn run(name: &str) -> ExitStatus {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "signals::a_process_with_handlers", "--ignored"]).env("SANDBOX_TEST_SIGNALS", name);
    child.output().unwrap().status
}

#[test]
fn handlers_before_after_and_chained() {
    assert_eq!(run("before").code(), Some(REPORTED), "the engine passes on what is not a guest's");
    assert_eq!(run("after").code(), Some(REPORTED), "a handler that passes nothing on ends the process at a trap");
    assert_eq!(run("chained").code(), Some(0), "a handler that passes on changes nothing");
    assert_eq!(run("each").code(), Some(0), "the check finds each of them, whatever is in its place");
}

#[test]
fn blocked_signals_are_found_before_a_trap() {
    assert_eq!(run("blocked").code(), Some(0));
}
