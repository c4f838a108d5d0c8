use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, UNIX_EPOCH};

use sandbox::{Clock, ClockId};

use super::errno::{INVAL, NOSYS, OVERFLOW};
use super::{Sb, capabilities, value};

/// What `clock_gettime` says, or its error number.
fn now(sb: &mut Sb, monotonic: bool) -> Result<Duration, i32> {
    let place = sb.alloc::<i64>(2).unwrap();
    let (seconds, nanoseconds) = (place.as_ptr(), place.as_ptr().add(1));
    match value(capabilities::capabilities_clock(sb, i32::from(monotonic), seconds, nanoseconds).unwrap()) {
        0 => {
            let part = |sb: &Sb, place| value(sb.read(place).unwrap());
            Ok(Duration::new(part(sb, seconds).try_into().unwrap(), part(sb, nanoseconds).try_into().unwrap()))
        }
        error => Err(error),
    }
}

fn resolution(sb: &mut Sb, monotonic: bool) -> Result<i64, i32> {
    let place = sb.alloc::<i64>(1).unwrap();
    match value(capabilities::capabilities_resolution(sb, i32::from(monotonic), &place).unwrap()) {
        0 => Ok(value(sb.read(place.as_ptr()).unwrap())),
        error => Err(error),
    }
}

#[test]
fn without_a_clock_there_is_no_time() {
    let sb = &mut Sb::new().unwrap();
    for monotonic in [false, true] {
        assert_eq!(now(sb, monotonic), Err(NOSYS));
        assert_eq!(resolution(sb, monotonic), Err(NOSYS));
    }
    let place = sb.alloc::<i64>(1).unwrap();
    assert_eq!(value(capabilities::capabilities_process_time(sb, &place).unwrap()), NOSYS);
}

#[test]
fn the_hosts_clock_goes() {
    let sb = &mut Sb::builder().clock(Clock::Host).build().unwrap();
    let before = UNIX_EPOCH.elapsed().unwrap();
    let time = now(sb, false).unwrap();
    let after = UNIX_EPOCH.elapsed().unwrap();
    assert!((before..=after).contains(&time), "{before:?} {time:?} {after:?}");
    let place = sb.alloc::<i64>(1).unwrap();
    assert_eq!(value(capabilities::capabilities_time(sb, &place).unwrap()), 0);
    assert!((value(sb.read(place.as_ptr()).unwrap()).cast_unsigned()).abs_diff(after.as_secs()) <= 5);

    let first = now(sb, true).unwrap();
    std::thread::sleep(Duration::from_millis(20));
    let second = now(sb, true).unwrap();
    assert!(second >= first + Duration::from_millis(20), "{first:?} {second:?}");
    sb.reset().unwrap();
    assert!(now(sb, true).unwrap() < second, "it starts anew with the guest");
    assert_eq!(resolution(sb, true), Ok(1));
}

#[test]
fn a_frozen_clock_stands_still_across_resets() {
    let time = Duration::new(1_700_000_000, 123_456_789);
    let sb = &mut Sb::builder().clock(Clock::Frozen(time)).build().unwrap();
    for _ in 0..2 {
        for monotonic in [false, true] {
            assert_eq!(now(sb, monotonic), Ok(time));
        }
        sb.reset().unwrap();
    }
    assert_eq!(resolution(sb, false), Ok(1));
}

#[test]
fn a_closure_is_asked_which_clock() {
    let ticks = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&ticks);
    let clock = Clock::custom(move |id| match id {
        ClockId::Realtime => Duration::from_secs(1_000_000),
        _ => Duration::from_secs(counted.fetch_add(1, Ordering::Relaxed)),
    });
    let sb = &mut Sb::builder().clock(clock).build().unwrap();
    assert_eq!(now(sb, true), Ok(Duration::ZERO));
    assert_eq!(now(sb, false), Ok(Duration::from_secs(1_000_000)));
    assert_eq!(now(sb, true), Ok(Duration::from_secs(1)));
    assert_eq!(ticks.load(Ordering::Relaxed), 2);
}

#[test]
fn a_time_that_does_not_fit_and_a_clock_that_is_not_there_are_errors() {
    let sb = &mut Sb::builder().clock(Clock::Frozen(Duration::MAX)).build().unwrap();
    assert_eq!(now(sb, false), Err(OVERFLOW));
    let place = sb.alloc::<i64>(1).unwrap();
    assert_eq!(value(capabilities::capabilities_process_time(sb, &place).unwrap()), INVAL);
}

#[test]
fn a_clock_that_panics_poisons() {
    let mut sb = Sb::builder().clock(Clock::custom(|_| panic!("on purpose"))).build().unwrap();
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| now(&mut sb, false)));
    assert!(panicked.is_err());
    assert!(sb.is_poisoned());
    sb.reset().unwrap();
    assert!(!sb.is_poisoned());
}
