//! setjmp and longjmp across callbacks, as libpng's error handling does it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use sandbox::{Error, TrapKind};

use super::{calls, fresh, poisoned_until_reset, value, works};

/// Counts that it was dropped.
struct Counted(Arc<AtomicU32>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn a_jump_out_of_a_callback_arrives_and_the_host_frames_are_unwound() {
    let sb = &mut fresh();
    let stack = value(calls::calls_stack(sb).unwrap());
    let dropped = Arc::new(AtomicU32::new(0));
    let counter = Arc::clone(&dropped);
    let jumps = sb
        .register_callback::<calls::calls_guard_f, i32>(move |sb, level| {
            let _frame = Counted(Arc::clone(&counter));
            match calls::calls_jump(sb, level)? {}
        })
        .unwrap();
    for level in 1..100 {
        assert_eq!(value(calls::calls_guard(sb, &jumps, level).unwrap()), level);
    }
    assert_eq!(dropped.load(Ordering::Relaxed), 99);
    assert_eq!(value(calls::calls_stack(sb).unwrap()), stack);
    works(sb);
}

#[test]
fn a_jump_passes_several_callbacks_to_the_frame_that_waits_for_it() {
    let sb = &mut fresh();
    let dropped = Arc::new(AtomicU32::new(0));
    let counter = Arc::clone(&dropped);
    let innermost = sb.register_callback::<calls::calls_descend_f, i32>(|sb, _| match calls::calls_jump(sb, 77)? {}).unwrap();
    let pointer = innermost.as_fn_ptr();
    let middle = sb
        .register_callback::<calls::calls_descend_f, _>(move |sb, _| {
            let _frame = Counted(Arc::clone(&counter));
            Ok(calls::calls_descend(sb, pointer, 1)?)
        })
        .unwrap();
    assert_eq!(value(calls::calls_guard(sb, middle.as_fn_ptr(), 1).unwrap()), 77);
    assert_eq!(dropped.load(Ordering::Relaxed), 1);
    works(sb);
}

#[test]
fn a_callback_cannot_stop_a_jump_nor_use_the_sandbox_meanwhile() {
    let sb = &mut fresh();
    let swallows = sb
        .register_callback::<calls::calls_guard_f, _>(|sb, level| {
            assert!(matches!(calls::calls_jump(sb, level), Err(Error::LongJump)));
            assert!(!sb.is_poisoned());
            assert!(matches!(calls::calls_add(sb, 1, 2), Err(Error::LongJump)));
            assert!(matches!(sb.copy_in(b"text"), Err(Error::LongJump)));
            Ok(-1)
        })
        .unwrap();
    assert_eq!(value(calls::calls_guard(sb, &swallows, 5).unwrap()), 5);
    works(sb);
}

#[test]
fn a_jump_to_the_frame_of_the_same_call_stays_inside() {
    let sb = &mut fresh();
    let jumps = sb.register_callback::<calls::calls_guard_f, i32>(|sb, level| match calls::calls_jump(sb, level)? {}).unwrap();
    let pointer = jumps.as_fn_ptr();
    let guards = sb
        .register_callback::<calls::calls_guard_f, _>(move |sb, _| {
            let inner = calls::calls_guard(sb, pointer, 3)?;
            Ok(inner + 1)
        })
        .unwrap();
    assert_eq!(value(calls::calls_guard(sb, &guards, 9).unwrap()), 4);
    works(sb);
}

#[test]
fn a_jump_that_nothing_waits_for_is_a_trap() {
    let sb = &mut fresh();
    let Err(error) = calls::calls_jump(sb, 1);
    assert!(matches!(&error, Error::Trap(trap) if trap.kind() == TrapKind::UncaughtJump), "{error}");
    poisoned_until_reset(sb);

    let jumps = sb.register_callback::<calls::calls_descend_f, i32>(|sb, _| match calls::calls_jump(sb, 1)? {}).unwrap();
    let error = calls::calls_descend(sb, &jumps, 1).unwrap_err();
    assert!(matches!(&error, Error::Trap(trap) if trap.kind() == TrapKind::UncaughtJump), "{error}");
    poisoned_until_reset(sb);
}

#[test]
fn an_error_of_the_host_is_not_caught_by_a_frame_that_waits_for_a_jump() {
    let sb = &mut fresh();
    let fails = sb.register_callback::<calls::calls_guard_f, i32>(|_, _| Err("the host's own".into())).unwrap();
    let error = calls::calls_guard(sb, &fails, 1).unwrap_err();
    assert_eq!(error.to_string(), "a callback of `calls_guard` failed: the host's own");
    poisoned_until_reset(sb);
}
