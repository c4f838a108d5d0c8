//! What of a sandbox's start counts, and what is said of one that does not end.

use std::time::{Duration, Instant};

use sandbox::{Error, LimitKind, Limits, Pool, Sandbox};

macro_rules! guest {
    ($name:ident, $file:literal) => {
        sandbox::library! {
            #[precompiled(unsafe(include_bytes!(concat!(env!("OUT_DIR"), "/hostile/", $file, ".cwasm"))))]
            pub mod $name {
                extern "C" {
                    pub fn add(a: c_int, b: c_int) -> c_int;
                }
            }
        }
    };
}

guest!(constructor, "starts_constructor");
guest!(function, "starts_function");
guest!(copied, "starts_copied");

fn within(time: Duration) -> Limits {
    Limits::new().deadline(time)
}

/// 1 MiB of static data is copied for each sandbox: most of the time that this one takes to make is
/// the host's.
#[test]
fn the_time_that_the_host_takes_is_not_counted() {
    let make = |time| {
        let before = Instant::now();
        Sandbox::<copied::Library>::builder().limits(within(time)).build().map(|_| before.elapsed())
    };
    make(Duration::from_secs(60)).unwrap();
    let fastest = (0..20).map(|_| make(Duration::from_secs(60)).unwrap()).min().unwrap();
    // None of these would end in half of the time that the fastest has taken.
    let all: Vec<_> = (0..200).map(|_| make(fastest / 2)).collect();
    let made = all.iter().filter(|made| made.is_ok()).count();
    println!("{made} of 200 were made with {:?} for the guest, in {fastest:?} at the least", fastest / 2);
    assert!(made > 0, "{:?}", all.last());
}

#[test]
fn a_start_that_does_not_end_is_stopped_in_time_and_named() {
    fn stopped<L: sandbox::Library>() {
        let begin = Instant::now();
        let error = Sandbox::<L>::builder().limits(within(Duration::from_millis(100))).build().unwrap_err();
        let took = begin.elapsed();
        assert!(took >= Duration::from_millis(100) && took < Duration::from_secs(5), "{took:?}");
        assert!(matches!(&error, Error::Limit { which: LimitKind::Time, limit: 100_000, starting: true, .. }), "{error:?}");
        let shown = error.to_string();
        assert!(shown.starts_with("limit reached while the library started: time in one call (limit 100ms)"), "{shown}");
        let pool = Pool::new(1, Sandbox::<L>::builder().limits(within(Duration::from_millis(20))));
        assert!(matches!(pool.take(), Err(Error::Limit { which: LimitKind::Time, starting: true, .. })));
    }
    stopped::<constructor::Library>();
    stopped::<function::Library>();
}
