//! What a guest has left is not there for the next one in its place, whatever the system did to its
//! memory meanwhile.
//!
//! Each test starts this program again as a process of its own, since it does things to a process
//! that others would feel: `ROUNDS` says how often, some hundred times by default.
//! `cargo xtask leftovers` runs them for long, and `docs/security.md` has the record.

#![allow(unsafe_code, reason = "calls of the system that no crate wraps")]

pub(crate) mod system;
#[cfg(target_arch = "x86_64")]
mod tracer;

use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use sandbox::{Error, Limits, Sandbox, Tainted, TrapKind};

use self::system::Mappings;
use crate::calls::calls;
use crate::limits::limits;

macro_rules! guest {
    ($name:ident, $file:literal) => {
        sandbox::library! {
            #[precompiled(unsafe(include_bytes!(concat!(env!("OUT_DIR"), "/hostile/", $file))))]
            pub mod $name {
                extern "C" {
                    pub fn fill(secret: u64);
                    pub fn fill_part(at: c_uint, bytes: c_uint);
                    pub fn grow(pages: c_uint) -> c_int;
                    pub fn leftovers() -> c_uint;
                    pub fn set_slots();
                    pub fn slots() -> c_uint;
                    pub fn call(slot: c_uint) -> c_int;
                }
            }
        }
    };
}

guest!(leaves, "leaves.cwasm");
guest!(leaves_mapped, "leaves_mapped.cwasm");
guest!(leaves_for_snapshots, "leaves_for_snapshots.cwasm");

/// Bytes of the guest's memory.
const SIZE: usize = 131 << 16;
const SECRET: u64 = 0x5ec2_e75e_c2e7_5ec2;

type Sb = Sandbox<leaves::Library>;

fn value<T, L>(tainted: Tainted<T, L>) -> T {
    tainted.unverified_because("the test looks at what came out")
}

fn fresh() -> Sb {
    Sandbox::builder().limits(Limits::new().memory(64 << 20)).build().unwrap()
}

/// Looks in every place where the last guest could have left something.
#[track_caller]
fn assert_nothing_left(sb: &mut Sb, round: u32) {
    let (words, slots) = (value(leaves::leftovers(sb).unwrap()), value(leaves::slots(sb).unwrap()));
    assert_eq!((words, slots), (0, 0), "round {round}: words of memory, entries of the table");
    if round.is_multiple_of(16) {
        let error = leaves::call(sb, round % 2000).unwrap_err();
        assert!(matches!(&error, Error::Trap(trap) if trap.kind() == TrapKind::NullFunction), "{error}");
        sb.reset().unwrap();
    }
}

fn rounds(by_default: u32) -> u32 {
    std::env::var("ROUNDS").map_or(by_default, |rounds| rounds.parse().unwrap())
}

/// A guest writes everywhere, `disturb` happens to its memory, it goes, and the next one looks.
fn each_round(by_default: u32, mut before: impl FnMut(&Mappings), mut disturb: impl FnMut(&Mappings), go: impl Fn(Sb)) {
    system::join_group();
    let mut mappings = Mappings::default();
    for round in 0..rounds(by_default) {
        let mut sb = fresh();
        assert_nothing_left(&mut sb, round);
        mappings.find(SIZE);
        before(&mappings);
        leaves::fill(&mut sb, SECRET).unwrap();
        leaves::set_slots(&mut sb).unwrap();
        disturb(&mappings);
        go(sb);
    }
    let mut last = fresh();
    assert_nothing_left(&mut last, 0);
}

/// Does something to mappings again and again while the guests come and go.
fn meanwhile(disturb: impl Fn(&Mappings) + Sync, run: impl FnOnce(&(dyn Fn(&Mappings) + Sync))) {
    let (done, known) = (AtomicBool::new(false), std::sync::Mutex::new(Mappings::default()));
    thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                let mappings = known.lock().unwrap().clone();
                disturb(&mappings);
                thread::yield_now();
            }
        });
        // Ends the other thread also if this one panics.
        struct Done<'a>(&'a AtomicBool);
        impl Drop for Done<'_> {
            fn drop(&mut self) {
                self.0.store(true, Ordering::Relaxed);
            }
        }
        let _done = Done(&done);
        run(&|mappings: &Mappings| known.lock().unwrap().clone_from(mappings));
    });
}

/// What the tests below run in processes of their own.
mod alone {
    use super::*;

    #[test]
    #[ignore = "run by a test of another name"]
    fn pages_that_are_split() {
        system::join_group();
        let split = |mappings: &Mappings| mappings.advise_parts(libc::MADV_COLD);
        meanwhile(split, |now| {
            let mut mappings = Mappings::default();
            for round in 0..rounds(300) {
                let mut sb = fresh();
                assert_nothing_left(&mut sb, round);
                mappings.find(SIZE);
                // With nothing in memory, so that what is written next is one huge page, in one of
                // three places.
                mappings.advise(libc::MADV_DONTNEED);
                mappings.advise(libc::MADV_HUGEPAGE);
                let at = mappings.huge_page(round % 3);
                leaves::fill_part(&mut sb, at, system::HUGE_PAGE).unwrap();
                leaves::set_slots(&mut sb).unwrap();
                now(&mappings);
                drop(sb);
            }
            assert_nothing_left(&mut fresh(), 0);
        });
    }

    #[test]
    #[ignore = "run by a test of another name"]
    fn pages_that_are_swapped() {
        let swap = |mappings: &Mappings| mappings.advise_parts(libc::MADV_PAGEOUT);
        meanwhile(swap, |now| {
            each_round(
                100,
                |_| (),
                |mappings| {
                    mappings.advise(libc::MADV_PAGEOUT);
                    now(mappings);
                },
                drop,
            );
        });
    }

    #[test]
    #[ignore = "run by a test of another name"]
    fn pages_that_are_moved() {
        let compact = |_: &Mappings| drop(std::fs::write("/proc/sys/vm/compact_memory", "1"));
        meanwhile(compact, |now| each_round(100, |_| (), now, drop));
    }

    #[test]
    #[ignore = "run by a test of another name"]
    fn pages_that_are_merged() {
        let merging = system::Merging::start();
        let merge = |mappings: &Mappings| mappings.advise(libc::MADV_MERGEABLE);
        each_round(60, merge, |_| merging.wait(), drop);
    }

    #[test]
    #[ignore = "run by a test of another name"]
    fn pages_that_are_locked() {
        each_round(60, |_| (), Mappings::lock, drop);
    }

    #[test]
    #[ignore = "run by a test of another name"]
    fn drops_on_other_threads() {
        each_round(300, |_| (), |_| (), |sb| thread::spawn(|| drop(sb)).join().unwrap());
    }

    #[test]
    #[ignore = "run by a test of another name"]
    fn forks_in_between() {
        let look = || {
            // The parent's sandbox lives, and so do the slots of those before it.
            let mut sb = fresh();
            assert_nothing_left(&mut sb, 0);
            leaves::fill(&mut sb, SECRET).unwrap();
            leaves::set_slots(&mut sb).unwrap();
            drop(sb);
            assert_nothing_left(&mut fresh(), 0);
        };
        // Another thread has slots in its hands while this one forks.
        let busy = |_: &Mappings| drop(Sandbox::<limits::Library>::new().unwrap());
        meanwhile(busy, |_| each_round(100, |_| (), |_| system::in_a_child(look), drop));
    }

    #[test]
    #[ignore = "run by a tracer"]
    fn a_password_and_a_function() {
        for round in 0..30 {
            let mut tenant = fresh();
            leaves::fill(&mut tenant, u64::from_le_bytes(*b"password")).unwrap();
            leaves::set_slots(&mut tenant).unwrap();
            drop(tenant);
            // Memory and table need not go to the same one.
            let mut next: Vec<Sb> = (0..4).map(|_| fresh()).collect();
            let words: u32 = next.iter_mut().map(|sb| value(leaves::leftovers(sb).unwrap())).sum();
            let slots: u32 = next.iter_mut().map(|sb| value(leaves::slots(sb).unwrap())).sum();
            assert_eq!((words, slots), (0, 0), "round {round}: words of memory, entries of the table");
            next.iter_mut().for_each(|sb| assert_nothing_left(sb, 16 * round));
        }
    }

    /// Memory behind the end of a guest's, which it could write to all the same.
    #[test]
    #[ignore = "run by a tracer"]
    fn a_growth_that_fails_half_way() {
        let pages = 77;
        for round in 0..30 {
            // The slot has been larger, so that there is something to be found behind its end.
            let mut large = fresh();
            leaves::grow(&mut large, 200).unwrap();
            leaves::fill(&mut large, SECRET).unwrap();
            drop(large);
            let mut sb = fresh();
            assert_eq!(value(leaves::grow(&mut sb, pages).unwrap()), -1, "what the tracer is for");
            // Within its memory it goes on. What is behind is out of its reach, though the kernel
            // would let it.
            assert_nothing_left(&mut sb, round);
            drop(sb);
            let mut next = fresh();
            assert_eq!(value(leaves::grow(&mut next, 78).unwrap()), 131);
            assert_nothing_left(&mut next, round);
        }
    }

    #[cfg(target_arch = "x86_64")]
    #[test]
    #[ignore = "run by a test of another name"]
    fn a_kernel_that_lies() {
        for (lie, test) in [
            (tracer::Lie::NothingIsPresent, "a_password_and_a_function"),
            (tracer::Lie::EverythingIsPresent, "a_password_and_a_function"),
            (tracer::Lie::NothingIsProtected, "a_growth_that_fails_half_way"),
        ] {
            let mut program = Command::new(std::env::current_exe().unwrap());
            let (status, lies) =
                tracer::run(program.args(["--exact", &format!("next_guest::alone::{test}"), "--ignored", "--nocapture"]), lie);
            assert_eq!(status, 0, "{lie:?}");
            assert!(lies > 0, "{lie:?}: it has asked for nothing");
        }
    }

    #[test]
    #[ignore = "run by a test of another name"]
    fn guests_that_grow_and_those_after_them() {
        for round in 0..rounds(100) {
            let mut sb = fresh();
            assert_eq!(value(leaves::grow(&mut sb, 1 + round % 700).unwrap()), 131);
            leaves::fill(&mut sb, SECRET).unwrap();
            drop(sb);
            let mut sb = fresh();
            assert_nothing_left(&mut sb, round);
            assert_eq!(value(leaves::grow(&mut sb, 1 + (round * 7) % 800).unwrap()), 131);
            assert_eq!(value(leaves::leftovers(&mut sb).unwrap()), 0, "round {round}: in what it has grown by");
            // It leaves a little, here and there, so that something is chosen to be kept.
            leaves::fill_part(&mut sb, (round * 7919) % 0x0080_0000, 1 + (round * 131) % 20_000).unwrap();
        }
    }

    #[test]
    #[ignore = "run by a test of another name"]
    fn exceptions_and_what_they_leave() {
        for round in 0..rounds(60) {
            // The heap of its exceptions is a memory, in a slot that may be another guest's next.
            let mut sb = Sandbox::<calls::Library>::new().unwrap();
            let jumps = sb.register_callback::<calls::calls_guard_f, i32>(|sb, level| match calls::calls_jump(sb, level)? {}).unwrap();
            for level in 1..50 {
                assert_eq!(
                    calls::calls_guard(&mut sb, &jumps, level).unwrap().unverified_because("the test looks at what came out"),
                    level
                );
            }
            drop((jumps, sb));
            assert_nothing_left(&mut fresh(), round);
        }
    }

    #[test]
    #[ignore = "run by a test of another name"]
    fn data_that_is_mapped_and_snapshots() {
        let mut sb = Sandbox::<leaves_mapped::Library>::new().unwrap();
        let pristine = value(leaves_mapped::leftovers(&mut sb).unwrap());
        assert_eq!(pristine, 1 << 18);
        for round in 0..rounds(60) {
            let mut sb = Sandbox::<leaves_mapped::Library>::new().unwrap();
            assert_eq!(value(leaves_mapped::leftovers(&mut sb).unwrap()), pristine, "round {round}");
            assert_eq!(value(leaves_mapped::slots(&mut sb).unwrap()), 0);
            leaves_mapped::fill(&mut sb, SECRET).unwrap();
            leaves_mapped::set_slots(&mut sb).unwrap();
            drop(sb);

            let mut other = Sandbox::<leaves_for_snapshots::Library>::new().unwrap();
            leaves_for_snapshots::fill_part(&mut other, 1 << 20, 100_000).unwrap();
            let snapshot = other.snapshot().unwrap();
            leaves_for_snapshots::fill(&mut other, SECRET).unwrap();
            drop(other);
            let mut started = Sandbox::builder().snapshot(&snapshot).build().unwrap();
            assert_eq!(value(leaves_for_snapshots::leftovers(&mut started).unwrap()), 12_500, "round {round}: what was in the snapshot");
            leaves_for_snapshots::fill(&mut started, SECRET).unwrap();
            drop(started);
            assert_nothing_left(&mut fresh(), round);
        }
    }
}

/// Runs a test of [`alone`] in a process of its own.
fn run(name: &str) {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &format!("next_guest::alone::{name}"), "--ignored", "--nocapture"])
        .output()
        .unwrap();
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && out.contains("1 passed"), "{}\n{out}\n{err}", output.status);
}

macro_rules! alone {
    ($($(#[$attribute:meta])? $name:ident)*) => {
        $(#[test] $(#[$attribute])? fn $name() { run(stringify!($name)); })*
    };
}

alone! {
    pages_that_are_split
    pages_that_are_swapped
    pages_that_are_locked
    drops_on_other_threads
    forks_in_between
    guests_that_grow_and_those_after_them
    exceptions_and_what_they_leave
    data_that_is_mapped_and_snapshots
    #[ignore = "compacts the memory of the whole machine: cargo xtask leftovers"]
    pages_that_are_moved
    #[ignore = "turns on the merging of pages of the whole machine: cargo xtask leftovers"]
    pages_that_are_merged
}

#[cfg(target_arch = "x86_64")]
alone! {
    a_kernel_that_lies
}
