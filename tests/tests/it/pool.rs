//! Pools: bounded, fair, and as new for everybody.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use sandbox::{Error, Limits, Pool, Pooled, Sandbox};

use crate::limits::{limits, ms};
use crate::measure::resident;

type L = limits::Library;

/// A pool whose honest requests have time enough on any machine.
fn pool(size: usize) -> Pool<L> {
    Pool::new(size, Sandbox::builder().limits(Limits::new().memory(4 << 20).deadline(Duration::from_secs(20))))
}

fn spin(sb: &mut Sandbox<L>) -> sandbox::Error {
    let limits = sb.limits().deadline(ms(20));
    limits::spin(&mut sb.limited(limits).unwrap()).unwrap_err()
}

fn empty(result: sandbox::Result<Pooled<L>>) -> bool {
    matches!(result, Err(Error::PoolEmpty { .. }))
}

#[test]
fn a_pool_gives_out_no_more_than_its_size() {
    let pool = pool(2);
    let (a, b) = (pool.take().unwrap(), pool.try_take().unwrap());
    assert!(empty(pool.try_take()));
    let began = Instant::now();
    assert!(empty(pool.take_timeout(ms(40))));
    assert!(began.elapsed() >= ms(40));
    drop(a);
    drop(pool.take().unwrap());
    drop(b);
    let metrics = pool.metrics();
    assert_eq!((metrics.size, metrics.taken, metrics.idle, metrics.waiting), (2, 0, 2, 0));
    assert_eq!((metrics.takes, metrics.waits, metrics.timeouts, metrics.poisoned), (3, 1, 2, 0));
    assert!(metrics.wait_time >= ms(40));
    assert!(empty(Pool::<L>::new(0, Sandbox::builder()).take()));
}

#[test]
fn what_comes_back_is_as_new_however_it_was_left() {
    let pool = pool(1);
    for round in 0..20 {
        let mut sb = pool.take().unwrap();
        assert_eq!(sb.usage().memory, 64 << 10);
        let secret = sb.copy_in(b"secret").unwrap();
        match round % 4 {
            0 => limits::bomb(&mut sb).map(drop).unwrap(),
            1 => drop(limits::recurse(&mut sb, 0).unwrap_err()),
            2 => drop(spin(&mut sb)),
            _ => std::mem::forget(secret),
        }
    }
    assert_eq!(pool.metrics().poisoned, 10);
}

#[test]
fn a_pool_is_warmed_up_to_its_size() {
    let pool = pool(3);
    pool.warm(2).unwrap();
    assert_eq!((pool.metrics().idle, pool.metrics().made), (2, 2));
    pool.warm(100).unwrap();
    assert_eq!((pool.metrics().idle, pool.metrics().made), (3, 3));
    drop(pool.take().unwrap());
    assert_eq!(pool.metrics().made, 4, "a new one for the one that came back");
}

#[test]
fn a_pool_whose_sandboxes_cannot_be_made_says_so_and_loses_no_place() {
    let pool = Pool::<L>::new(1, Sandbox::builder().memory_limit(0));
    for _ in 0..3 {
        assert!(matches!(pool.take(), Err(Error::Limit { .. })));
        assert!(matches!(pool.warm(1), Err(Error::Limit { .. })));
    }
}

#[test]
fn those_who_wait_are_served_in_order() {
    let pool = pool(1);
    let first = pool.take().unwrap();
    let (sender, order) = mpsc::channel();
    thread::scope(|scope| {
        for number in 0..8 {
            let (pool, sender) = (&pool, sender.clone());
            scope.spawn(move || {
                let _sb = pool.take().unwrap();
                sender.send(number).unwrap();
            });
            while pool.metrics().waiting <= number {
                thread::yield_now();
            }
        }
        // Nobody overtakes those who wait.
        assert!(empty(pool.try_take()));
        drop(first);
    });
    assert_eq!(order.try_iter().collect::<Vec<_>>(), (0..8).collect::<Vec<_>>());
}

#[test]
fn a_handle_of_one_user_does_not_reach_the_next() {
    let pool = pool(1);
    let mut sb = pool.take().unwrap();
    let handle = sb.cancel_handle().unwrap();
    drop(sb);
    assert!(!handle.cancel());
    limits::count(&mut pool.take().unwrap(), 10).unwrap();
}

#[test]
fn a_user_that_panics_gives_its_sandbox_back() {
    let pool = pool(1);
    let panicked = thread::scope(|scope| {
        scope
            .spawn(|| {
                let _sb = pool.take().unwrap();
                std::panic::resume_unwind(Box::new("a panic of the host"));
            })
            .join()
    });
    assert!(panicked.is_err());
    limits::count(&mut pool.take().unwrap(), 10).unwrap();
}

/// Every request that is honest gets its own answer, whatever the others do.
#[test]
fn many_threads_share_a_pool_with_hostile_requests_and_cancels() {
    let requests: u64 = std::env::var("POOL_REQUESTS").map_or(500, |count| count.parse().unwrap());
    let pool = pool(16);
    pool.warm(16).unwrap();
    let before = resident();
    let (honest, hostile) = (AtomicU64::new(0), AtomicU64::new(0));
    thread::scope(|scope| {
        for thread in 0..8_u64 {
            let (pool, honest, hostile) = (&pool, &honest, &hostile);
            scope.spawn(move || {
                for request in 0..requests {
                    let mut sb = pool.take_timeout(Duration::from_secs(60)).unwrap();
                    if (request * 8 + thread).is_multiple_of(100) {
                        let handle = sb.cancel_handle().unwrap();
                        thread::scope(|scope| {
                            scope.spawn(|| request.is_multiple_of(2) && handle.cancel());
                            spin(&mut sb);
                        });
                        hostile.fetch_add(1, Ordering::Relaxed);
                        continue;
                    }
                    let text = (request << 8 | thread).to_le_bytes();
                    let block = sb.copy_in(&text).unwrap();
                    let turns = u32::try_from(request % 1000).unwrap() + 1;
                    let counted = limits::count(&mut sb, turns).unwrap();
                    assert_eq!(counted.unverified_because("the test looks at what came out"), turns);
                    let back = sb.copy_out(block.as_ptr(), 8).unwrap();
                    assert_eq!(back.unverified_because("the test looks at what came out"), text);
                    honest.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    assert_eq!(honest.into_inner() + hostile.into_inner(), 8 * requests);
    let metrics = pool.metrics();
    assert_eq!((metrics.taken, metrics.waiting, metrics.takes), (0, 0, 8 * requests));
    let grown = resident().saturating_sub(before);
    println!("8 x {requests} requests: {metrics:?}, {} KiB more of memory", grown >> 10);
    // What 16 slots keep, and 8 threads.
    assert!(grown < 32 << 20, "{grown} bytes");
}

/// A fork has one thread, and the locks as they were: what the other threads held is held for ever.
#[cfg(target_os = "linux")]
#[test]
fn a_fork_has_no_part_in_the_pool_of_its_parent() {
    // In a process of its own, without the threads of other tests.
    let mut child = std::process::Command::new(std::env::current_exe().unwrap());
    let output = child.args(["--exact", "pool::a_process_that_forks", "--ignored"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}

#[cfg(target_os = "linux")]
#[test]
#[ignore = "run by the test above"]
fn a_process_that_forks() {
    use std::sync::atomic::AtomicBool;

    use crate::next_guest::system::in_a_child;

    let pool = pool(4);
    let ended = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                while !ended.load(Ordering::Relaxed) {
                    if let Ok(mut sb) = pool.take_timeout(ms(50)) {
                        let limits = sb.limits().deadline(ms(1));
                        assert!(limits::spin(&mut sb.limited(limits).unwrap()).is_err());
                    }
                }
            });
        }
        let rounds = std::env::var("ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(200);
        for _ in 0..rounds {
            let mine = pool.take().unwrap();
            in_a_child(|| {
                for result in [pool.take_timeout(Duration::from_secs(2)), pool.take(), pool.try_take()] {
                    assert!(matches!(result, Err(Error::Forked)));
                }
                assert!(matches!(pool.warm(1), Err(Error::Forked)));
                assert_eq!((pool.metrics().size, pool.metrics().taken), (4, 0));
                // What this thread had goes, and a pool of the child's own works.
                drop(mine);
                assert!(self::pool(1).take().is_ok());
            });
        }
        ended.store(true, Ordering::Relaxed);
    });
    assert!(pool.take().is_ok());
}
