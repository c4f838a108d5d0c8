//! A guest that abuses what it was given: the exact error, and the state after it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use sandbox::{Error, LimitKind, Limits, Sandbox, TrapKind};

use super::{calls, fresh, poisoned_until_reset, value, works};

fn trap(error: &Error) -> TrapKind {
    match error {
        Error::Trap(trap) => trap.kind(),
        other => panic!("{other}"),
    }
}

#[test]
fn the_null_function_a_foreign_address_and_a_wrong_signature_trap() {
    let sb = &mut fresh();
    let mut after = 0;
    for (offset, kind) in [(0, TrapKind::BadSignature), (1, TrapKind::NullFunction), (1 << 31, TrapKind::NullFunction)] {
        let event = sb.register_callback::<calls::calls_event, _>(|_, _| Ok(())).unwrap();
        let slot = sb.alloc::<calls::calls_event>(1).unwrap();
        sb.write(slot.as_ptr(), &event).unwrap();
        let address = value(sb.read(slot.as_ptr().cast::<u32>()).unwrap());
        let error = calls::calls_call_address(sb, address + offset, 1, 2).unwrap_err();
        assert_eq!(trap(&error), kind, "{offset:#x}");
        poisoned_until_reset(sb);
        after = address + 1;
    }
    for address in [0, after, u32::MAX] {
        let error = calls::calls_call_address(sb, address, 1, 2).unwrap_err();
        assert_eq!(trap(&error), TrapKind::NullFunction, "{address:#x}");
        poisoned_until_reset(sb);
    }
}

#[test]
fn a_callback_from_inside_malloc_is_a_callback_as_any() {
    let sb = &mut fresh();
    let calls_made = Arc::new(AtomicU32::new(0));
    let counter = Arc::clone(&calls_made);
    let hook = sb
        .register_callback::<calls::calls_binary, _>(move |sb, (size, _)| {
            counter.fetch_add(1, Ordering::Relaxed);
            Ok(value(calls::calls_add(sb, size, 1)?))
        })
        .unwrap();
    calls::calls_in_malloc(sb, &hook).unwrap();
    let block = sb.copy_in(b"hello").unwrap();
    assert_eq!(calls_made.load(Ordering::Relaxed), 1);
    assert_eq!(value(sb.copy_out(block.as_ptr(), 5).unwrap()), b"hello");
    works(sb);
}

#[test]
fn a_callback_from_inside_malloc_that_allocates_ends_at_the_stack_limit() {
    let sb = &mut fresh();
    let hook = sb
        .register_callback::<calls::calls_binary, _>(move |sb, (size, _)| {
            let _block = sb.alloc::<u8>(8)?;
            Ok(size)
        })
        .unwrap();
    calls::calls_in_malloc(sb, &hook).unwrap();
    let error = sb.copy_in(b"hello").unwrap_err();
    assert!(matches!(error, Error::Limit { which: LimitKind::CallStack, .. }), "{error}");
    poisoned_until_reset(sb);
}

#[test]
fn an_error_from_inside_malloc_is_the_allocations_error() {
    let sb = &mut fresh();
    let hook = sb.register_callback::<calls::calls_binary, i32>(|_, _| Err("no".into())).unwrap();
    calls::calls_in_malloc(sb, &hook).unwrap();
    let error = sb.copy_in(b"hello").unwrap_err();
    assert_eq!(error.to_string(), "a callback of `malloc` failed: no");
    poisoned_until_reset(sb);
}

#[test]
fn a_storm_of_callbacks_ends_at_its_limit() {
    let sb = &mut Sandbox::<calls::Library>::builder().limits(Limits::new().callback_calls(1000)).build().unwrap();
    let calls_made = Arc::new(AtomicU32::new(0));
    let counter = Arc::clone(&calls_made);
    let event = sb
        .register_callback::<calls::calls_event, _>(move |_, _| {
            counter.fetch_add(1, Ordering::Relaxed);
            Ok(())
        })
        .unwrap();
    let error = calls::calls_storm(sb, &event, sandbox::null()).unwrap_err();
    assert!(matches!(error, Error::Limit { which: LimitKind::CallbackCalls, limit: 1000, .. }), "{error}");
    assert_eq!(calls_made.load(Ordering::Relaxed), 1000);
    poisoned_until_reset(sb);
}

#[test]
fn the_limit_of_callbacks_counts_those_of_nested_calls_and_starts_again_with_each_call() {
    let sb = &mut Sandbox::<calls::Library>::builder().limits(Limits::new().callback_calls(10)).build().unwrap();
    let event = sb.register_callback::<calls::calls_event, _>(|_, _| Ok(())).unwrap();
    let pointer = event.as_fn_ptr();
    let nested = sb
        .register_callback::<calls::calls_event, _>(move |sb, (user_data, _)| Ok(calls::calls_event_with(sb, pointer, user_data, 0)?))
        .unwrap();
    for _ in 0..20 {
        calls::calls_event_with(sb, &nested, sandbox::null(), 0).unwrap();
    }
    let error = calls::calls_storm(sb, &nested, sandbox::null()).unwrap_err();
    let limit = error.callback_error::<Error>().unwrap_or(&error);
    assert!(matches!(limit, Error::Limit { which: LimitKind::CallbackCalls, limit: 10, .. }), "{error}");
    poisoned_until_reset(sb);
}

#[test]
fn a_trap_three_deep_that_each_level_swallows_ends_the_outer_call_all_the_same() {
    let sb = &mut fresh();
    let traps = sb
        .register_callback::<calls::calls_descend_f, _>(|sb, _| {
            let error = calls::calls_trap(sb).unwrap_err();
            assert_eq!(trap(&error), TrapKind::Abort);
            Ok(0)
        })
        .unwrap();
    let pointer = traps.as_fn_ptr();
    let second = sb
        .register_callback::<calls::calls_descend_f, _>(move |sb, _| {
            let error = calls::calls_swallow(sb, pointer, 1).unwrap_err();
            assert!(matches!(error, Error::Poisoned { .. }), "{error}");
            Ok(0)
        })
        .unwrap();
    let pointer = second.as_fn_ptr();
    let third = sb
        .register_callback::<calls::calls_descend_f, _>(move |sb, _| {
            let error = calls::calls_swallow(sb, pointer, 1).unwrap_err();
            assert!(matches!(error, Error::Poisoned { .. }), "{error}");
            assert!(sb.is_poisoned());
            Ok(0)
        })
        .unwrap();
    let Err(Error::Poisoned { cause }) = calls::calls_swallow(sb, &third, 1) else { panic!("it went on") };
    assert!(cause.starts_with("`calls_trap` trapped: abort or unreachable code"), "{cause}");
    poisoned_until_reset(sb);
}

#[test]
fn an_error_before_the_guest_ran_is_the_callbacks_to_swallow() {
    let sb = &mut fresh();
    let mut other = fresh();
    let foreign = other.register_callback::<calls::calls_binary, _>(|_, (a, _)| Ok(a)).unwrap();
    let pointer = foreign.as_fn_ptr();
    let callback = sb
        .register_callback::<calls::calls_descend_f, _>(move |sb, depth| {
            assert!(matches!(calls::calls_apply(sb, pointer, 1, 2), Err(Error::WrongSandbox { .. })));
            Ok(depth)
        })
        .unwrap();
    assert_eq!(value(calls::calls_descend(sb, &callback, 1).unwrap()), 1);
    works(sb);
}

#[test]
fn a_struct_or_a_result_outside_of_memory_is_an_error_of_the_callback() {
    let sb = &mut fresh();
    for (result, pair, big, either) in [
        (64, u32::MAX, 64, 64),
        (64, 64, u32::MAX - 20, 64),
        (64, 64, 64, 0),
        (u32::MAX, 64, 64, 64),
        (u32::MAX - 39, 64, 64, 64),
        (0, 64, 64, 64),
    ] {
        let callback = sb.register_callback::<calls::calls_big_callback, _>(|_, (_, _, big, _)| Ok(big)).unwrap();
        let slot = sb.alloc::<calls::calls_big_callback>(1).unwrap();
        sb.write(slot.as_ptr(), &callback).unwrap();
        let address = value(sb.read(slot.as_ptr().cast::<u32>()).unwrap());
        let error = calls::calls_five(sb, address, result, pair, 7, big, either).unwrap_err();
        assert!(matches!(error.callback_error(), Some(Error::Memory(_))), "{error}");
        assert!(error.poisons());
        poisoned_until_reset(sb);
    }
}

#[test]
fn what_a_dropped_value_owns_goes_with_it_before_the_guest_runs_on() {
    let sb = &mut fresh();
    let inner = sb.register_callback::<calls::calls_binary, _>(|_, (a, b)| Ok(a + b)).unwrap();
    calls::calls_keep(sb, &inner).unwrap();
    let block = sb.copy_in(b"block").unwrap();
    let owner = std::sync::Mutex::new(Some(sb.register_app((inner, block)).unwrap()));
    let drops = sb
        .register_callback::<calls::calls_event, _>(move |_, _| {
            drop(owner.lock().map_err(|error| error.to_string())?.take());
            Ok(())
        })
        .unwrap();
    calls::calls_event_with(sb, &drops, sandbox::null(), 0).unwrap();
    assert_eq!(trap(&calls::calls_kept(sb, 1, 2).unwrap_err()), TrapKind::NullFunction);
    poisoned_until_reset(sb);
}

#[test]
fn a_pointer_that_cannot_be_called_does_not_even_free() {
    let sb = &mut fresh();
    let counter = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&counter);
    let hook = sb
        .register_callback::<calls::calls_binary, _>(move |_, (size, _)| {
            counted.fetch_add(1, Ordering::Relaxed);
            Ok(size)
        })
        .unwrap();
    drop(sb.copy_in(b"waits for free").unwrap());
    calls::calls_in_malloc(sb, &hook).unwrap();
    let null = sandbox::TaintedFn::<fn(i32) -> i32, calls::Library>::null();
    assert!(null.call(sb, 1).is_err());
    assert_eq!(counter.load(Ordering::Relaxed), 0);
    works(sb);
}

#[test]
fn a_callback_that_calls_itself_through_a_pointer_of_the_guest_ends_before_the_stack_does() {
    let sb = &mut fresh();
    let place = sb.alloc::<calls::calls_descend_f>(1).unwrap().leak();
    let calls_made = Arc::new(AtomicU32::new(0));
    let counter = Arc::clone(&calls_made);
    // "The next handler", as the guest says.
    let callback = sb
        .register_callback::<calls::calls_descend_f, _>(move |sb, depth| {
            counter.fetch_add(1, Ordering::Relaxed);
            let next = sb.read(place)?;
            Ok(next.call(sb, depth)?)
        })
        .unwrap();
    sb.write(place, &callback).unwrap();
    let error = calls::calls_descend(sb, &callback, 1).unwrap_err();
    let inner = error.callback_error::<Error>().unwrap();
    assert!(matches!(inner, Error::HostStack { .. }), "{inner}");
    assert!(calls_made.load(Ordering::Relaxed) > 10);
    poisoned_until_reset(sb);
}

#[test]
fn a_callback_enters_the_guest_on_its_own_stack_and_on_no_other() {
    let sb = &mut fresh();
    let callback = sb
        .register_callback::<calls::calls_descend_f, _>(|sb, depth| {
            let elsewhere = stacker::grow(4 << 20, || calls::calls_add(sb, 1, 2));
            assert!(matches!(elsewhere, Err(Error::OtherStack)));
            assert_eq!(value(calls::calls_add(sb, 1, 2)?), 3);
            Ok(depth)
        })
        .unwrap();
    assert_eq!(value(calls::calls_descend(sb, &callback, 1).unwrap()), 1);
    // An outermost call can be anywhere.
    assert_eq!(value(stacker::grow(4 << 20, || calls::calls_add(sb, 1, 2)).unwrap()), 3);
    works(sb);
}

/// Panics when it is dropped.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("a destructor of the host");
    }
}

#[test]
fn a_destructor_that_panics_leaves_nothing_else_behind() {
    let sb = &mut fresh();
    let kept = sb.register_callback::<calls::calls_binary, _>(|_, (a, b)| Ok(a + b)).unwrap();
    calls::calls_keep(sb, &kept).unwrap();
    let (bomb, other) = (sb.register_app(Bomb).unwrap(), sb.register_app(7).unwrap());
    let token = other.as_ptr();
    drop((kept, other, bomb));
    let call = std::panic::AssertUnwindSafe(|| calls::calls_add(sb, 1, 2));
    assert!(std::panic::catch_unwind(call).is_err());
    works(sb);
    assert!(sb.app::<i32>(token).is_err());
    assert_eq!(trap(&calls::calls_kept(sb, 1, 2).unwrap_err()), TrapKind::NullFunction);
    poisoned_until_reset(sb);
}

#[test]
fn a_callback_that_the_closures_own_error_owns_goes_with_it_also_under_a_jump() {
    #[derive(Debug)]
    struct Owns(#[allow(dead_code)] Option<sandbox::Callback<calls::calls_binary>>);
    impl std::fmt::Display for Owns {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("owns a callback")
        }
    }
    impl std::error::Error for Owns {}

    let sb = &mut fresh();
    let jumps = sb
        .register_callback::<calls::calls_guard_f, i32>(|sb, level| {
            let owned = sb.register_callback::<calls::calls_binary, _>(|_, (a, b)| Ok(a + b))?;
            calls::calls_keep(sb, &owned)?;
            assert!(matches!(calls::calls_jump(sb, level), Err(Error::LongJump)));
            Err(Owns(Some(owned)).into())
        })
        .unwrap();
    assert_eq!(value(calls::calls_guard(sb, &jumps, 5).unwrap()), 5);
    assert_eq!(trap(&calls::calls_kept(sb, 1, 2).unwrap_err()), TrapKind::NullFunction);
    poisoned_until_reset(sb);
}

#[test]
fn at_the_memory_limit_a_registration_says_so() {
    let sb = &mut Sandbox::<calls::Library>::builder().memory_limit(4 << 20).build().unwrap();
    let blocks: Vec<_> = std::iter::from_fn(|| sb.alloc::<u8>(1 << 16).ok()).collect();
    assert!(!blocks.is_empty());
    let mut kept = Vec::new();
    let error = loop {
        match sb.register_callback::<calls::calls_binary, _>(|_, (a, _)| Ok(a)) {
            Ok(callback) => kept.push(callback),
            Err(error) => break error,
        }
        assert!(kept.len() < 100_000);
    };
    assert!(matches!(error, Error::Limit { which: LimitKind::Memory, .. }), "{error}");
}
