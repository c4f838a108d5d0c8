//! Many sandboxes at once, and what is left of them.

use std::fs;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use sandbox::{Error, LimitKind, Pool, Sandbox};

use crate::limits::limits;
use crate::measure::{median, resident};

type L = limits::Library;

/// More than there are slots that wait for guests.
#[test]
fn more_sandboxes_than_wait_live_at_once() {
    let mut all: Vec<Sandbox<L>> = (0..1100).map(|_| Sandbox::new().unwrap()).collect();
    for (number, sb) in (0..).zip(&mut all) {
        let counted = limits::count(sb, number + 1).unwrap();
        assert_eq!(counted.unverified_because("the test looks at what came out"), number + 1);
    }
    drop(all);
    let mut again: Vec<Sandbox<L>> = (0..50).map(|_| Sandbox::new().unwrap()).collect();
    again.iter_mut().for_each(|sb| assert!(limits::count(sb, 1).is_ok()));
}

#[test]
fn the_thousandth_sandbox_costs_what_the_first_did() {
    let mut all = Vec::new();
    let times: Vec<Duration> = (0..1000)
        .map(|_| {
            let began = Instant::now();
            all.push(Sandbox::<L>::new().unwrap());
            began.elapsed()
        })
        .collect();
    let (first, last) = (median(&times[..100]), median(&times[900..]));
    println!("the median of the first 100 sandboxes took {first:?}, of the last 100 of 1,000 {last:?}");
    assert!(last <= first * 3 + Duration::from_micros(20), "{first:?} and {last:?}");
}

#[test]
fn sandboxes_that_come_and_go_leave_no_memory_behind() {
    let round = || {
        for _ in 0..300 {
            let mut sb = Sandbox::<L>::builder().memory_limit(2 << 20).build().unwrap();
            limits::bomb(&mut sb).unwrap();
            limits::recurse(&mut sb, 0).unwrap_err();
            sb.reset().unwrap();
        }
    };
    round();
    let before = resident();
    (0..5).for_each(|_| round());
    let grown = resident().saturating_sub(before);
    assert!(grown < 16 << 20, "{grown} bytes more after 1,500 sandboxes");
}

/// What the test below starts as a process of its own: all sandboxes of a process have the limit
/// together.
#[test]
#[ignore = "run by a test of another name"]
fn as_many_as_there_can_be() {
    let mut all: Vec<Sandbox<L>> = Vec::new();
    let error = loop {
        match Sandbox::new() {
            Ok(sb) => all.push(sb),
            Err(error) => break error,
        }
        assert!(all.len() < 200_000, "there is no limit");
    };
    assert!(matches!(error, Error::Limit { which: LimitKind::Sandboxes, limit, .. } if limit == all.len() as u64), "{error}");
    // The rest of the process has what it needs: a thread that has called no guest before, and its
    // end.
    let mut last = all.pop().unwrap();
    let counted = std::thread::spawn(move || limits::count(&mut last, 3).map(|_| last)).join().unwrap();
    all.push(counted.unwrap());
    let maps = fs::read_to_string("/proc/self/maps").unwrap().lines().count();
    println!("{} sandboxes, {maps} mappings", all.len());
    assert!(all.last_mut().unwrap().reset().is_err(), "a reset makes the new one first");
    drop(all.split_off(10));
    all.iter_mut().for_each(|sb| assert!(sb.reset().is_ok()));
    assert!(Sandbox::<L>::new().is_ok());
}

#[test]
fn sandboxes_end_before_the_mappings_of_the_process_do() {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "scale::as_many_as_there_can_be", "--ignored", "--nocapture"])
        .output()
        .unwrap();
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && out.contains("1 passed"), "{}\n{out}\n{err}", output.status);
    println!("{out}");
}

/// What the test below starts as a process of its own.
#[test]
#[ignore = "runs for ever, until it is killed by the test that starts it"]
fn works_until_it_is_killed() {
    let pool = Pool::new(4, Sandbox::<L>::builder().memory_limit(4 << 20));
    loop {
        let mut sb = pool.take().unwrap();
        limits::bomb(&mut sb).unwrap();
        drop(sb.copy_in(b"text").unwrap());
    }
}

#[test]
fn a_process_that_is_killed_leaves_nothing_on_disk() {
    for milliseconds in [5, 20, 60, 150, 300, 500] {
        let folder = tempfile::tempdir().unwrap();
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "scale::works_until_it_is_killed", "--ignored"])
            .current_dir(folder.path())
            .envs([("TMPDIR", folder.path()), ("HOME", folder.path()), ("XDG_CACHE_HOME", folder.path())])
            // The test harness would look up this terminal on disk.
            .env_remove("TERM")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(milliseconds));
        // What it has open are its program, its streams, and memory that has no name. `/proc` and `/sys` are no disk: Rust asks there how many processors there are.
        let open = fs::read_dir(format!("/proc/{}/fd", child.id())).unwrap();
        let files: Vec<_> = open
            .filter_map(|entry| fs::read_link(entry.ok()?.path()).ok())
            .filter(|path| path.is_file() && !path.starts_with("/proc") && !path.starts_with("/sys"))
            .collect();
        child.kill().unwrap();
        let status = child.wait().unwrap();
        assert!(!status.success() && status.code().is_none(), "it ended by itself: {status}");
        let left: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
        assert!(left.is_empty() && files.is_empty(), "{left:?} {files:?}");
    }
}
