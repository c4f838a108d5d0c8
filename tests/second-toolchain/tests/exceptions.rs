//! C++ exceptions of a libc++ that has them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use sandbox::{Error, Sandbox, Tainted, TrapKind};

sandbox::include_library!(exceptions);

type Sb = Sandbox<exceptions::Library>;

fn fresh() -> Sb {
    Sandbox::new().unwrap()
}

fn value<T>(tainted: Tainted<T, exceptions::Library>) -> T {
    tainted.unverified_because("the test looks at what came out")
}

#[test]
fn each_class_is_caught_by_its_own_handler_and_destructors_run() {
    let sb = &mut fresh();
    for frames in [1, 2, 100] {
        for (which, expected) in [(0, 7000), (1, 4000), (2, 40_000), (3, 9000)] {
            assert_eq!(value(exceptions::exceptions_catch(sb, which, frames).unwrap()), expected + frames, "{which}");
        }
    }
}

#[test]
fn what_libcxx_throws_is_caught_with_its_text() {
    let sb = &mut fresh();
    let to = sb.alloc::<i8>(100).unwrap();
    assert_eq!(value(exceptions::exceptions_at(sb, 2, to.as_ptr(), 100).unwrap()), 3);
    assert_eq!(value(exceptions::exceptions_at(sb, 3, to.as_ptr(), 100).unwrap()), 6);
    assert_eq!(value(sb.read_c_str(to.as_ptr(), 100).unwrap()).to_str().unwrap(), "vector");
}

#[test]
fn memory_that_is_not_there_is_caught() {
    let sb = &mut fresh();
    assert_eq!(value(exceptions::exceptions_memory(sb).unwrap()), 1);
}

#[test]
fn an_exception_is_kept_and_thrown_again() {
    let sb = &mut fresh();
    for number in 0..1000 {
        assert_eq!(value(exceptions::exceptions_again(sb, number).unwrap()), number + 1);
    }
}

#[test]
fn what_nothing_catches_is_an_error_with_its_class() {
    let sb = &mut fresh();
    exceptions::exceptions_escape(sb, 0).unwrap();
    let error = exceptions::exceptions_escape(sb, 1).unwrap_err();
    let Error::Trap(trap) = &error else { panic!("{error}") };
    assert_eq!(trap.kind(), TrapKind::UncaughtException);
    assert_eq!(trap.exception(), Some("(anonymous namespace)::Mine"));
    assert!(sb.is_poisoned());
    sb.reset().unwrap();
    exceptions::exceptions_escape(sb, 0).unwrap();
}

/// Counts that it was dropped.
struct Counted(Arc<AtomicU32>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn an_exception_passes_a_callback_whose_frame_is_unwound() {
    let sb = &mut fresh();
    let dropped = Arc::new(AtomicU32::new(0));
    let counter = Arc::clone(&dropped);
    let callback = sb
        .register_callback::<exceptions::exceptions_callee, _>(move |sb, number| {
            let _frame = Counted(Arc::clone(&counter));
            Ok(exceptions::exceptions_odd(sb, number)?)
        })
        .unwrap();
    for number in 0..100 {
        let expected = if number % 2 == 1 { -number } else { number };
        assert_eq!(value(exceptions::exceptions_call(sb, &callback, number).unwrap()), expected);
    }
    assert_eq!(dropped.load(Ordering::Relaxed), 100);
}

#[test]
fn jumps_and_exceptions_are_apart() {
    let sb = &mut fresh();
    assert_eq!(value(exceptions::exceptions_and_jumps(sb, 100).unwrap()), 5050 + 2500);
}

#[test]
fn a_file_stream_without_a_file_fails_and_does_not_end_the_call() {
    let sb = &mut fresh();
    let name = sb.copy_in_c_str(c"/nowhere/file").unwrap();
    assert_eq!(value(exceptions::exceptions_file(sb, name.as_ptr()).unwrap()), 0);
}

#[test]
fn a_constructor_that_throws_is_tried_again() {
    let sb = &mut fresh();
    assert_eq!(value(exceptions::exceptions_local(sb, -1).unwrap()), -8);
    assert_eq!(value(exceptions::exceptions_local(sb, 5).unwrap()), 5);
    assert_eq!(value(exceptions::exceptions_local(sb, 6).unwrap()), 5);
}
