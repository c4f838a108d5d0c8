//! Closures of the host that C calls.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, mpsc};

use sandbox::{Callback, Error, LimitKind, Limits, Sandbox, SandboxRef, TaintedPtr, TrapKind, Void};

use super::{Sb, calls, fresh, poisoned_until_reset, value, works};

fn minus(sb: &mut Sb) -> Callback<calls::calls_binary> {
    sb.register_callback::<calls::calls_binary, _>(|_, (a, b)| Ok(a - b)).unwrap()
}

#[test]
fn a_closure_is_called_with_what_c_passes_and_returns_to_c() {
    let sb = &mut fresh();
    let minus = minus(sb);
    assert_eq!(value(calls::calls_apply(sb, &minus, 7, -3).unwrap()), 10);
    assert_eq!(value(calls::calls_apply(sb, minus.as_fn_ptr(), i32::MIN, 1).unwrap()), i32::MAX);
}

#[test]
fn what_c_keeps_works_until_the_handle_is_dropped() {
    let sb = &mut fresh();
    let minus = minus(sb);
    calls::calls_keep(sb, &minus).unwrap();
    assert_eq!(value(calls::calls_kept(sb, 5, 3).unwrap()), 2);
    drop(minus);
    let error = calls::calls_kept(sb, 5, 3).unwrap_err();
    assert!(matches!(&error, Error::Trap(trap) if trap.kind() == TrapKind::NullFunction), "{error}");
    poisoned_until_reset(sb);
}

#[test]
fn the_slot_of_a_dropped_callback_is_never_another_closures() {
    let sb = &mut fresh();
    let first = minus(sb);
    calls::calls_keep(sb, &first).unwrap();
    drop(first);
    let _others: Vec<_> = (0..8).map(|_| minus(sb)).collect();
    let error = calls::calls_kept(sb, 5, 3).unwrap_err();
    assert!(matches!(&error, Error::Trap(trap) if trap.kind() == TrapKind::NullFunction), "{error}");
}

#[test]
fn a_closure_captures_and_shares_state() {
    let sb = &mut fresh();
    let (sender, receiver) = mpsc::channel();
    let total = Arc::new(Mutex::new(0));
    let shared = Arc::clone(&total);
    let on_event = sb
        .register_callback::<calls::calls_event, _>(move |_, (_, event)| {
            let event = event.verify(|event| if event < 100 { Ok(event) } else { Err("no such event") })?;
            *shared.lock().unwrap() += event;
            sender.send(event)?;
            Ok(())
        })
        .unwrap();
    let mut handlers = calls::calls_handlers::zeroed();
    handlers.on_event = on_event.as_fn_ptr();
    let place = sb.alloc::<calls::calls_handlers>(1).unwrap();
    sb.write(place.as_ptr(), handlers).unwrap();
    calls::calls_set_handlers(sb, &place).unwrap();
    calls::calls_emit(sb, 10, 3).unwrap();
    assert_eq!(*total.lock().unwrap(), 33);
    // Its sender goes with the closure: the receiver comes to an end.
    drop(on_event);
    works(sb);
    assert_eq!(receiver.iter().collect::<Vec<_>>(), [10, 11, 12]);
    assert_eq!(Arc::strong_count(&total), 1);
}

#[test]
fn a_field_takes_a_callback_and_its_type_has_a_name() {
    let sb = &mut fresh();
    let compare = sb
        .register_callback::<calls::calls_handlers_compare, _>(|sb, (a, b)| {
            let (a, b) = (sb.read(a.cast::<i32>())?, sb.read(b.cast::<i32>())?);
            Ok(b - a)
        })
        .unwrap();
    let place = sb.alloc::<calls::calls_handlers>(1).unwrap();
    sb.write(place.as_ptr().compare(), &compare).unwrap();
    let stored = sb.read(place.as_ptr().compare()).unwrap();
    let values = sb.alloc::<i32>(6).unwrap();
    sb.write_slice(values.as_ptr(), &[3, 1, 4, 1, 5, 9].map(Into::into)).unwrap();
    calls::calls_sort(sb, values.as_ptr(), 6, stored).unwrap();
    let sorted: Vec<i32> = sb.read_slice(values.as_ptr(), 6).unwrap().into_iter().map(value).collect();
    assert_eq!(sorted, [9, 5, 4, 3, 1, 1]);
}

/// `calls_descend` calls the callback, which calls `calls_descend`, and so on.
fn descending(sb: &mut Sb, deepest: Arc<AtomicU32>) -> Callback<calls::calls_descend_f> {
    use std::sync::OnceLock;
    let itself: Arc<OnceLock<calls::calls_descend_f>> = Arc::default();
    let known = Arc::clone(&itself);
    let callback = sb
        .register_callback::<calls::calls_descend_f, _>(move |sb, depth| {
            deepest.fetch_add(1, Ordering::Relaxed);
            Ok(calls::calls_descend(sb, known.get().copied().ok_or("not yet")?, depth)?)
        })
        .unwrap();
    itself.set(callback.as_fn_ptr()).unwrap();
    callback
}

#[test]
fn a_callback_calls_back_in_at_any_depth() {
    let sb = &mut fresh();
    let calls_made = Arc::new(AtomicU32::new(0));
    let down = descending(sb, Arc::clone(&calls_made));
    assert_eq!(value(calls::calls_descend(sb, &down, 30).unwrap()), 30);
    assert_eq!(calls_made.load(Ordering::Relaxed), 30);
    works(sb);
}

#[test]
fn endless_descent_ends_at_the_stack_limit() {
    let sb = &mut fresh();
    let down = descending(sb, Arc::default());
    let error = calls::calls_descend(sb, &down, i32::MAX).unwrap_err();
    // The innermost call meets the limit, and each callback passes the error on.
    assert!(matches!(error, Error::Limit { which: LimitKind::CallStack, .. }), "{error}");
    poisoned_until_reset(sb);
}

#[derive(Debug)]
struct Refused {
    event: i32,
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "event {} is refused", self.event)
    }
}

impl std::error::Error for Refused {}

#[test]
fn an_error_of_the_callback_comes_back_whole_from_the_outer_call() {
    let sb = &mut fresh();
    let refuse = sb.register_callback::<calls::calls_event, ()>(|_, (_, event)| Err(Refused { event: value(event) }.into())).unwrap();
    let error = calls::calls_event_with(sb, &refuse, sandbox::null(), 0).unwrap_err();
    assert!(matches!(&error, Error::Callback { function: "calls_event_with", .. }));
    assert_eq!(error.callback_error::<Refused>().unwrap().event, 0);
    assert_eq!(error.to_string(), "a callback of `calls_event_with` failed: event 0 is refused");
    poisoned_until_reset(sb);
}

#[test]
fn an_error_from_three_calls_further_in_is_the_same_at_each_level() {
    let sb = &mut fresh();
    let innermost = sb.register_callback::<calls::calls_descend_f, i32>(|_, _| Err(Refused { event: 3 }.into())).unwrap();
    let pointer = innermost.as_fn_ptr();
    let middle = sb.register_callback::<calls::calls_descend_f, _>(move |sb, _| Ok(calls::calls_descend(sb, pointer, 1)?)).unwrap();
    let pointer = middle.as_fn_ptr();
    let outer = sb.register_callback::<calls::calls_descend_f, _>(move |sb, _| Ok(calls::calls_descend(sb, pointer, 1)?)).unwrap();
    let error = calls::calls_descend(sb, &outer, 1).unwrap_err();
    assert_eq!(error.callback_error::<Refused>().unwrap().event, 3);
    poisoned_until_reset(sb);
}

#[test]
fn a_panic_passes_through_and_poisons() {
    let sb = &mut fresh();
    let panics = sb.register_callback::<calls::calls_descend_f, i32>(|_, _| panic!("the host's own")).unwrap();
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| calls::calls_descend(sb, &panics, 1))).unwrap_err();
    assert_eq!(panic.downcast_ref::<&str>(), Some(&"the host's own"));
    let Err(Error::Poisoned { cause }) = calls::calls_add(sb, 1, 1) else { panic!("not poisoned") };
    assert_eq!(&*cause, "a panic of the host went through a call");
    poisoned_until_reset(sb);
}

#[test]
fn a_panic_that_an_outer_callback_catches_poisons_all_the_same() {
    let sb = &mut fresh();
    let panics = sb.register_callback::<calls::calls_descend_f, i32>(|_, _| panic!("the host's own")).unwrap();
    let inner = panics.as_fn_ptr();
    let catches = sb
        .register_callback::<calls::calls_descend_f, _>(move |sb, _| {
            let call = std::panic::AssertUnwindSafe(|| calls::calls_descend(sb, inner, 1));
            assert!(std::panic::catch_unwind(call).is_err());
            assert!(matches!(calls::calls_add(sb, 1, 1), Err(Error::Poisoned { .. })));
            Ok(0)
        })
        .unwrap();
    let error = calls::calls_descend(sb, &catches, 1).unwrap_err();
    assert!(matches!(error, Error::Poisoned { .. }), "{error}");
    poisoned_until_reset(sb);
}

#[test]
fn a_callback_can_be_dropped_while_it_runs() {
    let sb = &mut fresh();
    let slot: Arc<Mutex<Option<Callback<calls::calls_descend_f>>>> = Arc::default();
    let own = Arc::clone(&slot);
    let callback = sb
        .register_callback::<calls::calls_descend_f, _>(move |_, depth| {
            drop(own.lock().unwrap().take());
            Ok(depth)
        })
        .unwrap();
    let pointer = callback.as_fn_ptr();
    *slot.lock().unwrap() = Some(callback);
    assert_eq!(value(calls::calls_descend(sb, pointer, 5).unwrap()), 5);
    let error = calls::calls_descend(sb, pointer, 5).unwrap_err();
    assert!(matches!(&error, Error::Trap(trap) if trap.kind() == TrapKind::NullFunction), "{error}");
    assert_eq!(Arc::strong_count(&slot), 1, "the closure went with its last call");
}

#[test]
fn a_hundred_thousand_registrations_leave_nothing_that_reset_does_not_give_back() {
    let sb = &mut fresh();
    let kept = Arc::new(());
    for _ in 0..100_000 {
        let kept = Arc::clone(&kept);
        let callback = sb
            .register_callback::<calls::calls_binary, _>(move |_, (a, _)| {
                let _ = &kept;
                Ok(a)
            })
            .unwrap();
        drop(callback);
    }
    works(sb);
    assert_eq!(Arc::strong_count(&kept), 1);
    sb.reset().unwrap();
    let minus = minus(sb);
    assert_eq!(value(calls::calls_apply(sb, &minus, 1, 1).unwrap()), 0);
}

#[test]
fn the_limit_of_registrations_is_an_error_that_reset_repairs() {
    let sb = &mut Sandbox::<calls::Library>::builder().limits(Limits::new().callbacks(2)).build().unwrap();
    let _first = minus(sb);
    drop(minus(sb));
    let error = sb.register_callback::<calls::calls_binary, _>(|_, (a, _)| Ok(a)).unwrap_err();
    assert!(matches!(error, Error::Limit { which: LimitKind::Callbacks, limit: 2, .. }), "{error}");
    assert_eq!(error.to_string(), "limit reached: callbacks registered (limit 2); raise it in `Limits` or give the guest less to do");
    assert!(!error.poisons());
    works(sb);
    sb.reset().unwrap();
    let _again = minus(sb);
}

#[test]
fn a_callback_of_another_sandbox_is_refused() {
    let (one, two) = (&mut fresh(), &mut fresh());
    let minus = minus(one);
    let error = calls::calls_apply(two, &minus, 1, 2).unwrap_err();
    assert_eq!(error.to_string(), "argument `f` of `calls_apply` belongs to another sandbox or to this one before it was reset");
    one.reset().unwrap();
    assert!(matches!(calls::calls_apply(one, &minus, 1, 2), Err(Error::WrongSandbox { .. })));
    // Dropping it now reaches neither.
    drop(minus);
    works(one);
    works(two);
}

#[test]
fn a_callback_reads_writes_allocates_and_registers() {
    fn nested(sb: &mut SandboxRef<'_, calls::Library>, user_data: TaintedPtr<Void, calls::Library>) -> Result<(), sandbox::CallbackError> {
        let block = sb.copy_in(b"in a callback")?;
        let inner = sb.register_callback::<calls::calls_binary, _>(|_, (a, b)| Ok(a * b))?;
        let product = calls::calls_apply(sb, &inner, 6, 7)?;
        sb.write(user_data.cast::<i32>(), product)?;
        sb.free(block)?;
        Ok(())
    }
    let sb = &mut fresh();
    let on_event = sb.register_callback::<calls::calls_event, _>(|sb, (user_data, _)| nested(sb, user_data)).unwrap();
    let place = sb.alloc::<i32>(1).unwrap();
    calls::calls_event_with(sb, &on_event, place.as_ptr().cast::<Void>(), 0).unwrap();
    assert_eq!(value(sb.read(place.as_ptr()).unwrap()), 42);
}

#[test]
fn a_leaked_callback_works_until_the_reset() {
    let sb = &mut fresh();
    let pointer = minus(sb).leak();
    calls::calls_keep(sb, pointer).unwrap();
    for a in 0..3 {
        assert_eq!(value(calls::calls_kept(sb, a, 3).unwrap()), a - 3);
    }
    sb.reset().unwrap();
    assert!(matches!(calls::calls_keep(sb, pointer), Err(Error::WrongSandbox { .. })));
}

/// Says when it is dropped.
struct Flag(Arc<AtomicU32>);

impl Drop for Flag {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn what_a_leaked_callback_owns_is_dropped_with_the_guest() {
    let drops = Arc::new(AtomicU32::new(0));
    let mut sb = fresh();
    let flag = Flag(Arc::clone(&drops));
    let callback = sb.register_callback::<calls::calls_binary, _>(move |_, (a, _)| {
        let _ = &flag;
        Ok(a)
    });
    let pointer = callback.unwrap().leak();
    assert_eq!(value(calls::calls_apply(&mut sb, pointer, 7, 0).unwrap()), 7);
    assert_eq!(drops.load(Ordering::Relaxed), 0);
    sb.reset().unwrap();
    assert_eq!(drops.load(Ordering::Relaxed), 1);
}
