//! Each limit stops a guest that goes on for ever, near its value, and nothing else.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use sandbox::{Error, LimitKind, Limits, Output, Random, Sandbox, Tainted, Usage};

/// Declares the guest, as it was built with other checks.
macro_rules! guest {
    ($name:ident, $file:literal, $metering:meta) => {
        sandbox::library! {
            #[precompiled(unsafe(include_bytes!(concat!(env!("OUT_DIR"), "/hostile/", $file, ".cwasm"))))]
            #[$metering]
            pub mod $name {
                pub type handler = Option<unsafe extern "C" fn(c_int) -> c_int>;

                extern "C" {
                    pub fn spin();
                    pub fn count(turns: c_uint) -> c_uint;
                    pub fn recurse(value: c_int) -> c_int;
                    pub fn bomb() -> c_uint;
                    pub fn table_bomb() -> c_uint;
                    pub fn copy_for_ever();
                    pub fn storm(handler: handler);
                    pub fn call_back(handler: handler, value: c_int) -> c_int;
                    pub fn call_back_and_spin(handler: handler);
                    pub fn set_malloc_spins(yes: c_int);
                    pub fn set_free_spins(yes: c_int);
                }
            }
        }
    };
}

guest!(limits, "limits", metering(interrupts));
guest!(counting, "counting", metering(interrupts, fuel));
guest!(unchecked, "unchecked", metering(nothing));

sandbox::library! {
    #[precompiled(unsafe(include_bytes!(concat!(env!("OUT_DIR"), "/hostile/moves.cwasm"))))]
    #[metering(interrupts, fuel)]
    pub mod moves {
        extern "C" {
            pub fn random(times: c_uint, bytes: c_uint) -> c_int;
            pub fn write(times: c_uint, bytes: c_uint) -> c_int;
            pub fn read(times: c_uint, bytes: c_uint) -> c_int;
            pub fn denied(times: c_uint, bytes: c_uint) -> c_int;
        }
    }
}

type Sb = Sandbox<limits::Library>;

/// What a limit on time can be passed by.
const LATE: Duration = Duration::from_millis(50);

fn fresh(limits: Limits) -> Sb {
    Sandbox::builder().limits(limits).build().unwrap()
}

fn value<T, L>(tainted: Tainted<T, L>) -> T {
    tainted.unverified_because("the test looks at what came out")
}

pub(crate) fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// Checks that the call is stopped by this limit, and that the sandbox works again after a reset.
#[track_caller]
fn stopped(which: LimitKind, limit: u64, sb: &mut Sb, call: impl FnOnce(&mut Sb) -> sandbox::Result<()>) {
    let error = call(sb).unwrap_err();
    assert!(matches!(error, Error::Limit { which: w, limit: l, .. } if (w, l) == (which, limit)), "{error}");
    assert!(error.poisons() && sb.is_poisoned());
    sb.reset().unwrap();
    assert_eq!(value(limits::count(sb, 10).unwrap()), 10);
}

/// Checks that the call is stopped by its deadline, in time.
#[track_caller]
fn stopped_in_time(sb: &mut Sb, deadline: Duration, call: impl FnOnce(&mut Sb) -> sandbox::Result<()>) {
    // A machine that is busy with something else is not what is tested: the best of several has to be in time.
    let mut call = Some(call);
    let began = Instant::now();
    let which = LimitKind::Time;
    stopped(which, deadline.as_micros().try_into().unwrap(), sb, |sb| call.take().unwrap()(sb));
    let took = began.elapsed();
    assert!(took >= deadline, "{took:?} for {deadline:?}");
    assert!(took <= deadline.mul_f32(1.2) + LATE + ms(100), "{took:?} for {deadline:?}");
}

#[test]
fn an_endless_loop_stops_at_its_deadline() {
    let mut sb = fresh(Limits::new().deadline(ms(60)));
    for _ in 0..3 {
        stopped_in_time(&mut sb, ms(60), limits::spin);
    }
    stopped_in_time(&mut sb, ms(60), limits::copy_for_ever);
}

#[test]
fn a_deadline_is_shown_with_its_unit() {
    for (deadline, shown) in [(900, "900µs"), (2_500, "2.5ms"), (60_000, "60ms"), (1_000_000, "1s"), (1_250_000, "1.25s")] {
        let mut sb = fresh(Limits::new());
        let within = sb.limits().deadline(Duration::from_micros(deadline));
        let error = limits::spin(&mut sb.limited(within).unwrap()).unwrap_err().to_string();
        assert!(error.contains(&format!("time in one call (limit {shown})")) && !error.contains("microseconds"), "{error}");
    }
}

#[test]
fn deadlines_are_met_within_a_fifth_and_50_ms() {
    let mut sb = fresh(Limits::new().deadline(ms(100)));
    let mut times: Vec<Duration> = (0..9)
        .map(|_| {
            let began = Instant::now();
            limits::spin(&mut sb).unwrap_err();
            let took = began.elapsed();
            sb.reset().unwrap();
            took
        })
        .collect();
    times.sort();
    println!("a deadline of 100 ms was met after {times:?}");
    assert!(times[0] >= ms(100) && times[4] <= ms(120) + LATE, "{times:?}");
}

#[test]
fn a_call_in_time_is_left_alone_and_the_next_has_the_whole_time() {
    let mut sb = fresh(Limits::new().deadline(ms(250)));
    for _ in 0..6 {
        let began = Instant::now();
        while began.elapsed() < ms(60) {
            limits::count(&mut sb, 1_000_000).unwrap();
        }
    }
}

#[test]
fn the_deadline_of_one_sandbox_does_not_stop_another() {
    let other = thread::spawn(|| {
        let mut sb = fresh(Limits::new());
        let began = Instant::now();
        while began.elapsed() < ms(300) {
            limits::count(&mut sb, 10_000_000).unwrap();
        }
    });
    let mut sb = fresh(Limits::new().deadline(ms(20)));
    for _ in 0..5 {
        stopped(LimitKind::Time, 20_000, &mut sb, limits::spin);
    }
    other.join().unwrap();
}

#[test]
fn a_guest_is_stopped_in_malloc_in_free_and_while_it_starts() {
    let mut sb = fresh(Limits::new().deadline(ms(60)));
    limits::set_malloc_spins(&mut sb, 1).unwrap();
    stopped_in_time(&mut sb, ms(60), |sb| sb.copy_in(b"text").map(drop));
    // Ten blocks, each of which `free` takes a while for: together they have no more time than the call that they come before.
    let blocks: Vec<_> = (0..1000).map(|_| sb.alloc::<u8>(1).unwrap()).collect();
    limits::set_free_spins(&mut sb, 1).unwrap();
    drop(blocks);
    stopped_in_time(&mut sb, ms(60), |sb| limits::count(sb, 1).map(drop));
}

#[test]
fn time_in_callbacks_counts_or_not_by_choice() {
    let slow = |sb: &mut Sb| {
        let handler = sb.register_callback::<limits::handler, _>(|_, value| {
            thread::sleep(ms(120));
            Ok(value)
        })?;
        limits::call_back(sb, &handler, 7).map(value)
    };
    assert_eq!(slow(&mut fresh(Limits::new().guest_deadline(ms(60)))).unwrap(), 7);
    let mut sb = fresh(Limits::new().deadline(ms(60)));
    stopped(LimitKind::Time, 60_000, &mut sb, |sb| slow(sb).map(drop));
    // The guest's own time counts in both, after the callback and inside of it.
    let mut sb = fresh(Limits::new().guest_deadline(ms(60)));
    stopped(LimitKind::Time, 60_000, &mut sb, |sb| {
        let handler = sb.register_callback::<limits::handler, _>(|_, value| {
            thread::sleep(ms(80));
            Ok(value)
        })?;
        limits::call_back_and_spin(sb, &handler)
    });
    stopped(LimitKind::Time, 60_000, &mut sb, |sb| {
        let handler = sb.register_callback::<limits::handler, _>(|sb, value| {
            thread::sleep(ms(80));
            limits::spin(sb)?;
            Ok(value)
        })?;
        limits::call_back(sb, &handler, 7).map(drop)
    });
}

#[test]
fn a_callback_cannot_make_a_stopped_guest_go_on() {
    let mut sb = fresh(Limits::new().deadline(ms(40)));
    stopped(LimitKind::Time, 40_000, &mut sb, |sb| {
        let handler = sb.register_callback::<limits::handler, _>(|sb, value| {
            limits::spin(sb).unwrap_err();
            limits::count(sb, 1).unwrap_err();
            Ok(value)
        })?;
        limits::call_back(sb, &handler, 7).map(drop)
    });
}

#[test]
fn recursion_memory_and_table_stop_at_their_limits() {
    let mut sb = fresh(Limits::new().memory(8 << 20).table_slots(5000));
    stopped(LimitKind::CallStack, 512 << 10, &mut sb, |sb| limits::recurse(sb, 0).map(drop));
    let pages = value(limits::bomb(&mut sb).unwrap());
    assert!((102..=128).contains(&pages), "{pages} pages of 64 KiB within 8 MiB");
    sb.reset().unwrap();
    assert_eq!(value(limits::table_bomb(&mut sb).unwrap()), 5000);
    // Fewer than it begins with.
    let error = Sandbox::<limits::Library>::builder().limits(Limits::new().table_slots(1)).build().unwrap_err();
    assert!(matches!(error, Error::Limit { which: LimitKind::TableSlots, limit: 1, .. }), "{error}");
}

#[test]
fn a_storm_of_callbacks_stops_at_each_of_its_limits() {
    let calls = Arc::new(AtomicU64::new(0));
    let storm = |sb: &mut Sb| {
        let calls = Arc::clone(&calls);
        calls.store(0, Ordering::Relaxed);
        let handler = sb.register_callback::<limits::handler, _>(move |_, value| {
            calls.fetch_add(1, Ordering::Relaxed);
            Ok(value)
        })?;
        limits::storm(sb, &handler)
    };
    let mut sb = fresh(Limits::new().callback_calls(1000));
    stopped(LimitKind::CallbackCalls, 1000, &mut sb, storm);
    assert_eq!(calls.load(Ordering::Relaxed), 1000);
    let mut sb = fresh(Limits::new().deadline(ms(60)));
    stopped_in_time(&mut sb, ms(60), storm);
    let mut sb = fresh(Limits::new().guest_deadline(ms(60)));
    stopped(LimitKind::Time, 60_000, &mut sb, storm);
}

#[test]
fn callbacks_are_no_deeper_than_their_limit() {
    let mut sb = fresh(Limits::new().callback_depth(3));
    let deepest = Arc::new(AtomicU64::new(0));
    let seen = Arc::clone(&deepest);
    stopped(LimitKind::CallbackDepth, 3, &mut sb, |sb| {
        let pointer = Arc::new(std::sync::OnceLock::new());
        let itself = Arc::clone(&pointer);
        let handler = sb.register_callback::<limits::handler, _>(move |sb, value| {
            seen.fetch_add(1, Ordering::Relaxed);
            Ok(limits::call_back(sb, *itself.get().unwrap(), value)?)
        })?;
        pointer.set(handler.as_fn_ptr()).unwrap();
        limits::call_back(sb, &handler, 1).map(drop)
    });
    assert_eq!(deepest.load(Ordering::Relaxed), 3);
}

#[test]
fn limits_for_one_call_are_gone_after_it() {
    let mut sb = fresh(Limits::new());
    let limits = sb.limits().deadline(ms(30)).memory(1 << 20);
    let error = limits::spin(&mut sb.limited(limits).unwrap()).unwrap_err();
    assert!(matches!(error, Error::Limit { which: LimitKind::Time, limit: 30_000, .. }), "{error}");
    assert!(error.to_string().contains("(in spin)"), "{error}");
    assert_eq!(sb.limits(), Limits::new());
    sb.reset().unwrap();
    assert_eq!(value(limits::bomb(&mut sb.limited(limits).unwrap()).unwrap()), 15);
    assert_eq!(value(limits::bomb(&mut sb.limited(limits.memory(2 << 20)).unwrap()).unwrap()), 31);
}

#[test]
fn what_was_used_can_be_read_also_of_a_poisoned_sandbox() {
    let mut sb = fresh(Limits::new().memory(4 << 20));
    let Usage { memory, granted, calls, callback_calls, .. } = sb.usage();
    assert_eq!((memory, calls, callback_calls), (64 << 10, 1, 0), "the start is a call");
    assert!(granted > memory);
    let handler = sb.register_callback::<limits::handler, _>(|_, value| Ok(value)).unwrap();
    limits::call_back(&mut sb, &handler, 7).unwrap();
    limits::bomb(&mut sb).unwrap();
    limits::recurse(&mut sb, 0).unwrap_err();
    let usage = sb.usage();
    assert_eq!((usage.memory, usage.calls, usage.callback_calls), (63 << 16, 4, 1), "{usage:?}");
    assert_eq!(usage.table_slots, 3);
    sb.reset().unwrap();
    assert_eq!(sb.usage().memory, 64 << 10);
}

#[test]
fn fuel_is_the_same_each_time_and_ends_a_call_at_its_budget() {
    let mut used = Vec::new();
    for _ in 0..3 {
        let mut sb = Sandbox::<counting::Library>::builder().limits(Limits::new().fuel(1_000_000)).build().unwrap();
        let before = sb.usage().fuel;
        counting::count(&mut sb, 1000).unwrap();
        counting::count(&mut sb, 1000).unwrap();
        used.push(sb.usage().fuel - before);
        let error = counting::spin(&mut sb).unwrap_err();
        assert!(matches!(error, Error::Limit { which: LimitKind::Fuel, limit: 1_000_000, .. }), "{error}");
        assert!(error.to_string().contains("(in spin)"), "{error}");
        let spun = sb.usage().fuel - before - used[0];
        assert!((1_000_000..1_200_000).contains(&spun), "{spun}");
        sb.reset().unwrap();
        counting::count(&mut sb, 1000).unwrap();
    }
    assert!(used[0] >= 10_000 && used.iter().all(|fuel| *fuel == used[0]), "{used:?}");
}

#[test]
fn calls_inside_of_callbacks_share_the_budget_of_fuel() {
    let mut sb = Sandbox::<counting::Library>::builder().limits(Limits::new().fuel(1_000_000)).build().unwrap();
    let handler = sb
        .register_callback::<counting::handler, _>(|sb, value| {
            let _ = counting::spin(sb);
            Ok(value)
        })
        .unwrap();
    let error = counting::call_back(&mut sb, &handler, 1).unwrap_err();
    assert!(matches!(error, Error::Limit { which: LimitKind::Fuel, .. }), "{error}");
}

#[test]
fn a_limit_that_the_code_cannot_keep_is_an_error_at_once() {
    let build = |limits| Sandbox::<unchecked::Library>::builder().limits(limits).build();
    let error = build(Limits::new().deadline(ms(1))).unwrap_err();
    let text = "library `unchecked` was built without the checks that a deadline needs; turn them on in build.rs: `.interruptible(true)`, or for a plugin by \
                `from_wasm_metered`";
    assert_eq!(error.to_string(), text);
    assert!(matches!(build(Limits::new().fuel(1)).unwrap_err(), Error::NotMetered { setting: "fuel", .. }));
    let mut sb = build(Limits::new()).unwrap();
    assert_eq!(value(unchecked::count(&mut sb, 10).unwrap()), 10);
    assert!(matches!(sb.limited(Limits::new().deadline(ms(1))).unwrap_err(), Error::NotMetered { .. }));
    assert!(matches!(sb.cancel_handle().unwrap_err(), Error::NotMetered { .. }));
    assert!(!sb.is_poisoned());
    let no_fuel = Sandbox::<limits::Library>::builder().limits(Limits::new().fuel(1)).build();
    assert!(matches!(no_fuel.unwrap_err(), Error::NotMetered { .. }));
}

#[test]
fn a_deadline_at_the_end_of_time_is_none_and_one_of_zero_stops_at_once() {
    let mut sb = fresh(Limits::new().deadline(Duration::MAX));
    assert_eq!(value(limits::count(&mut sb, 1000).unwrap()), 1000);
    let mut sb = fresh(Limits::new());
    let error = limits::count(&mut sb.limited(Limits::new().deadline(Duration::ZERO)).unwrap(), 1).unwrap_err();
    assert!(matches!(error, Error::Limit { which: LimitKind::Time, limit: 0, .. }), "{error}");
}

#[test]
fn cancelling_stops_the_running_call_each_time_and_no_other() {
    let mut sb = fresh(Limits::new());
    let handle = sb.cancel_handle().unwrap();
    let other = thread::spawn(|| {
        let mut sb = fresh(Limits::new());
        let _its_own = sb.cancel_handle().unwrap();
        let began = Instant::now();
        while began.elapsed() < ms(400) {
            limits::count(&mut sb, 1_000_000).unwrap();
        }
    });
    for _ in 0..10 {
        let began = Instant::now();
        thread::scope(|scope| {
            scope.spawn(|| {
                thread::sleep(ms(20));
                assert!(handle.clone().cancel());
            });
            let error = limits::spin(&mut sb).unwrap_err();
            assert!(matches!(error, Error::Cancelled { function: "spin" }), "{error}");
        });
        assert!(began.elapsed() < ms(20) + LATE + ms(200));
        assert!(sb.is_poisoned());
        sb.reset().unwrap();
        limits::count(&mut sb, 10).unwrap();
    }
    other.join().unwrap();
    drop(sb);
    assert!(!handle.cancel());
}

#[test]
fn a_sandbox_that_is_cancelled_between_calls_stops_at_the_next_unless_it_is_reset() {
    let mut sb = fresh(Limits::new());
    let handle = sb.cancel_handle().unwrap();
    assert!(handle.cancel() && handle.cancel());
    let error = limits::count(&mut sb, 10).unwrap_err();
    assert!(matches!(error, Error::Cancelled { function: "count" }), "{error}");
    sb.reset().unwrap();
    handle.cancel();
    sb.reset().unwrap();
    limits::count(&mut sb, 10).unwrap();
}

#[test]
fn cancelling_reaches_a_guest_that_waits_for_a_callback() {
    let mut sb = fresh(Limits::new());
    let handle = sb.cancel_handle().unwrap();
    let callback = sb
        .register_callback::<limits::handler, _>(move |_, value| {
            handle.cancel();
            Ok(value)
        })
        .unwrap();
    let error = limits::call_back(&mut sb, &callback, 7).unwrap_err();
    assert!(matches!(error, Error::Cancelled { function: "call_back" }), "{error}");
}

#[test]
fn a_cancelling_at_any_moment_is_never_lost() {
    let mut sb = fresh(Limits::new());
    for round in 0..300_u32 {
        let handle = sb.cancel_handle().unwrap();
        thread::scope(|scope| {
            scope.spawn(move || {
                // At another point of the other thread's way into the guest each time.
                (0..round * 37).for_each(|_| std::hint::spin_loop());
                handle.cancel();
            });
            let error = limits::spin(&mut sb).unwrap_err();
            assert!(matches!(error, Error::Cancelled { .. }), "{error}");
        });
        sb.reset().unwrap();
    }
}

/// Makes a sandbox of the guest that lets the host move bytes.
fn moving(fuel: u64) -> Sandbox<moves::Library> {
    let output = Output::Capture { limit: 0 };
    Sandbox::builder().random(Random::Host).stdout(output).stdin([]).limits(Limits::new().fuel(fuel)).build().unwrap()
}

#[test]
fn what_the_host_moves_for_the_guest_takes_fuel_by_the_byte() {
    type Move = fn(&mut Sandbox<moves::Library>, u32, u32) -> sandbox::Result<Tainted<i32, moves::Library>>;
    let moved: [(Move, u64); 4] = [(moves::random, 1), (moves::write, 1), (moves::read, 0), (moves::denied, 0)];
    for (number, (run, of_byte)) in moved.into_iter().enumerate() {
        let used = |times, bytes| {
            let mut sb = moving(10_000_000);
            run(&mut sb, times, bytes).unwrap();
            sb.usage().fuel
        };
        let (one, two, large) = (used(1, 10), used(2, 10), used(1, 10_010));
        assert!((100..200).contains(&(two - one)), "{number}: {one} and {two}");
        assert_eq!(large - one, of_byte * 10_000, "{number}");

        let mut sb = moving(20_000);
        let began = Instant::now();
        let error = run(&mut sb, u32::MAX, 200_000).unwrap_err();
        assert!(matches!(error, Error::Limit { which: LimitKind::Fuel, limit: 20_000, .. }), "{number}: {error}");
        assert!(began.elapsed() < ms(300), "{number}: {:?}", began.elapsed());
        assert!(sb.is_poisoned() && sb.usage().fuel <= 20_000, "{number}: {:?}", sb.usage());
        assert!(sb.stdout().unverified_because("the test looks at what came out").is_empty());
        sb.reset().unwrap();
        run(&mut sb, 1, 10).unwrap();
    }
}
