//! Values of the host behind a `void *`.

use std::sync::Arc;

use sandbox::{AppPointerError, Callback, Error, TaintedPtr, TrapKind, Void};

use super::{Sb, calls, fresh, poisoned_until_reset, value, works};

fn app_error(error: &Error) -> &AppPointerError {
    let error = error.callback_error::<Error>().unwrap_or(error);
    match error {
        Error::AppPointer(error) => error,
        other => panic!("{other}"),
    }
}

fn pushing(sb: &mut Sb) -> Callback<calls::calls_event> {
    sb.register_callback::<calls::calls_event, _>(|sb, (user_data, event)| {
        let event = event.verify(Ok::<_, Error>)?;
        sb.app_mut::<Vec<i32>>(user_data)?.push(event);
        Ok(())
    })
    .unwrap()
}

#[test]
fn c_carries_a_value_from_the_call_to_the_callback() {
    let sb = &mut fresh();
    let push = pushing(sb);
    let (first, second) = (sb.register_app(Vec::<i32>::new()).unwrap(), sb.register_app(vec![-1]).unwrap());
    let mut handlers = calls::calls_handlers::zeroed();
    handlers.on_event = push.as_fn_ptr();
    for (app, event) in [(&first, 10), (&second, 20)] {
        handlers.user_data = app.as_ptr();
        let place = sb.alloc::<calls::calls_handlers>(1).unwrap();
        sb.write(place.as_ptr(), handlers).unwrap();
        calls::calls_set_handlers(sb, &place).unwrap();
        calls::calls_emit(sb, event, 3).unwrap();
    }
    assert_eq!(sb.app::<Vec<i32>>(first.as_ptr()).unwrap(), &[10, 11, 12]);
    assert_eq!(sb.take_app(first).unwrap(), [10, 11, 12]);
    assert_eq!(sb.take_app(second).unwrap(), [-1, 20, 21, 22]);
}

#[test]
fn a_forged_token_is_an_error_and_so_is_one_that_arithmetic_made() {
    let sb = &mut fresh();
    for offset in [1, 4, 15, 16, 17, -1, -16, 64, 1 << 14, 0x0fff_ffff, i32::MIN] {
        let push = pushing(sb);
        let app = sb.register_app(Vec::<i32>::new()).unwrap();
        calls::calls_event_with(sb, &push, &app, 0).unwrap();
        let error = calls::calls_event_with(sb, &push, &app, offset).unwrap_err();
        assert_eq!(app_error(&error), &AppPointerError::Forged, "{offset}");
        assert_eq!(sb.take_app(app).unwrap(), [0]);
        poisoned_until_reset(sb);
    }
}

#[test]
fn a_stale_token_is_an_error_when_its_value_is_dropped_or_taken() {
    let sb = &mut fresh();
    let app = sb.register_app(vec![1]).unwrap();
    let token = app.as_ptr();
    drop(app);
    works(sb);
    assert_eq!(app_error(&sb.app::<Vec<i32>>(token).unwrap_err()), &AppPointerError::Stale);
    let app = sb.register_app(vec![2]).unwrap();
    let taken = app.as_ptr();
    assert_eq!(sb.take_app(app).unwrap(), [2]);
    assert_eq!(app_error(&sb.app_mut::<Vec<i32>>(taken).unwrap_err()), &AppPointerError::Stale);
    assert_eq!(app_error(&sb.app::<Vec<i32>>(token).unwrap_err()), &AppPointerError::Stale);
}

#[test]
fn a_token_of_another_type_is_an_error() {
    let sb = &mut fresh();
    let push = pushing(sb);
    let app = sb.register_app(String::new()).unwrap();
    let error = calls::calls_event_with(sb, &push, &app, 0).unwrap_err();
    assert_eq!(app_error(&error), &AppPointerError::WrongType { expected: "alloc::vec::Vec<i32>" });
    // A value outlives the poison: it is the host's.
    assert_eq!(sb.take_app(app).unwrap(), "");
    poisoned_until_reset(sb);
}

#[test]
fn null_and_a_pointer_into_memory_are_no_tokens() {
    let sb = &mut fresh();
    let block = sb.copy_in(b"memory").unwrap();
    assert_eq!(app_error(&sb.app::<u8>(TaintedPtr::<Void, _>::null()).unwrap_err()), &AppPointerError::Forged);
    assert_eq!(app_error(&sb.app::<u8>(block.as_ptr()).unwrap_err()), &AppPointerError::Forged);
}

#[test]
fn a_guest_that_reads_through_a_token_traps_and_the_host_gets_an_error() {
    let sb = &mut fresh();
    let app = sb.register_app(7_u32).unwrap();
    let error = sb.read(app.as_ptr().cast::<u8>()).unwrap_err();
    assert!(matches!(error, Error::Memory(sandbox::MemoryError::OutOfBounds { .. })), "{error}");
    let error = calls::calls_sort(sb, app.as_ptr().cast(), 2, sandbox::null()).unwrap_err();
    assert!(matches!(&error, Error::Trap(trap) if matches!(trap.kind(), TrapKind::OutOfBounds | TrapKind::NullFunction)), "{error}");
}

#[test]
fn a_value_that_is_in_use_further_out_is_an_error_further_in() {
    let sb = &mut fresh();
    let push = pushing(sb);
    let app = sb.register_app(Vec::<i32>::new()).unwrap();
    let error = sb
        .with_app::<Vec<i32>, _>(app.as_ptr(), |sb, events| {
            events.push(1);
            calls::calls_event_with(sb, &push, &app, 0)
        })
        .unwrap()
        .unwrap_err();
    assert_eq!(app_error(&error), &AppPointerError::InUse);
    assert_eq!(sb.take_app(app).unwrap(), [1]);
    poisoned_until_reset(sb);
}

#[test]
fn the_same_between_two_callbacks_while_other_values_stay_usable() {
    let sb = &mut fresh();
    let other = sb.register_app(5_u32).unwrap();
    let (inner, number) = (pushing(sb), other.as_ptr());
    let pointer = inner.as_fn_ptr();
    let outer = sb
        .register_callback::<calls::calls_event, _>(move |sb, (user_data, _)| {
            sb.with_app::<Vec<i32>, _>(user_data, |sb, events| {
                events.push(value(calls::calls_add(sb, 1, 1)?));
                *sb.app_mut::<u32>(number)? += 1;
                // The other callback looks for the same value.
                calls::calls_event_with(sb, pointer, user_data, 0)
            })??;
            Ok(())
        })
        .unwrap();
    let app = sb.register_app(Vec::<i32>::new()).unwrap();
    let error = calls::calls_event_with(sb, &outer, &app, 0).unwrap_err();
    assert_eq!(app_error(&error), &AppPointerError::InUse);
    assert_eq!(sb.take_app(app).unwrap(), [2]);
    assert_eq!(sb.take_app(other).unwrap(), 6);
    poisoned_until_reset(sb);
}

#[test]
fn a_value_that_is_lent_goes_back_when_a_panic_ends_that() {
    let sb = &mut fresh();
    let app = sb.register_app(vec![1]).unwrap();
    let panics = std::panic::AssertUnwindSafe(|| sb.with_app::<Vec<i32>, ()>(app.as_ptr(), |_, _| panic!("the host's own")));
    assert!(std::panic::catch_unwind(panics).is_err());
    assert_eq!(sb.take_app(app).unwrap(), [1]);
}

#[test]
fn a_value_can_be_dropped_while_it_is_lent() {
    let sb = &mut fresh();
    let counted = Arc::new(());
    let app = sb.register_app(Arc::clone(&counted)).unwrap();
    let token = app.as_ptr();
    sb.with_app::<Arc<()>, _>(token, |sb, _| {
        drop(app);
        works_in(sb);
    })
    .unwrap();
    assert_eq!(Arc::strong_count(&counted), 1);
    assert_eq!(app_error(&sb.app::<Arc<()>>(token).unwrap_err()), &AppPointerError::Stale);
}

fn works_in(sb: &mut sandbox::SandboxRef<'_, calls::Library>) {
    assert_eq!(value(calls::calls_add(sb, 1, 2).unwrap()), 3);
}

#[test]
fn values_go_with_a_reset_and_with_the_sandbox() {
    let sb = &mut fresh();
    let counted = Arc::new(());
    let app = sb.register_app(Arc::clone(&counted)).unwrap();
    sb.reset().unwrap();
    assert_eq!(Arc::strong_count(&counted), 1);
    assert!(matches!(sb.app::<Arc<()>>(app.as_ptr()), Err(Error::WrongSandbox { .. })));
    assert!(matches!(sb.take_app(app), Err(Error::WrongSandbox { .. })));
}

#[test]
fn a_leaked_value_stays_until_the_reset() {
    let sb = &mut fresh();
    let value = Arc::new(7);
    let token = sb.register_app(Arc::clone(&value)).unwrap().leak();
    for _ in 0..3 {
        // A call, before which what was dropped would go.
        works(sb);
        assert_eq!(**sb.app::<Arc<i32>>(token).unwrap(), 7);
    }
    assert_eq!(Arc::strong_count(&value), 2);
    sb.reset().unwrap();
    assert_eq!(Arc::strong_count(&value), 1);
    assert!(matches!(sb.app::<Arc<i32>>(token), Err(Error::WrongSandbox { .. })));
}
