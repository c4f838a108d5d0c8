//! What calls cost, with the feature `observe`.

use std::time::Duration;

use super::{calls, fresh};

#[test]
fn calls_callbacks_and_times_are_counted_by_function() {
    let sb = &mut fresh();
    let slow = sb
        .register_callback::<calls::calls_event, _>(|sb, _| {
            std::thread::sleep(Duration::from_millis(5));
            calls::calls_add(sb, 1, 2)?;
            Ok(())
        })
        .unwrap();
    calls::calls_event_with(sb, &slow, sandbox::null(), 0).unwrap();
    calls::calls_event_with(sb, &slow, sandbox::null(), 0).unwrap();
    assert!(calls::calls_trap(sb).is_err());
    // A reset keeps them: they are of this sandbox, and not of its guest.
    sb.reset().unwrap();
    let observations = sb.observations();
    let outer = observations.get("calls_event_with").unwrap();
    assert_eq!((outer.calls, outer.callbacks), (2, 2));
    assert!(outer.in_callbacks >= Duration::from_millis(10) && outer.inside < Duration::from_millis(10), "{outer:?}");
    assert!(outer.transitions > Duration::ZERO && outer.transitions < Duration::from_millis(10), "{outer:?}");
    let inner = observations.get("calls_add").unwrap();
    assert_eq!((inner.calls, inner.callbacks, inner.in_callbacks), (2, 0, Duration::ZERO));
    assert_eq!(observations.get("calls_trap").unwrap().calls, 1);
    assert!(observations.get("calls_sum").is_none());
    let table = observations.to_string();
    let first = table.lines().nth(1).unwrap();
    assert!(first.starts_with("calls_event_with"), "{table}");
}

#[test]
fn a_call_that_a_panic_ends_does_not_upset_the_counts() {
    let sb = &mut fresh();
    let panics = sb.register_callback::<calls::calls_descend_f, i32>(|_, _| panic!("the host's own")).unwrap();
    assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| calls::calls_descend(sb, &panics, 1))).is_err());
    sb.reset().unwrap();
    calls::calls_add(sb, 1, 2).unwrap();
    assert_eq!(sb.observations().get("calls_add").unwrap().calls, 1);
}
