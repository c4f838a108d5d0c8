//! A fork while another thread of the process loads a library: the child gets an answer, and never
//! waits for the thread.
#![allow(unsafe_code, reason = "what a forked child may do is little, and has no safe name")]

use std::process::{Command, exit};
use std::time::{Duration, Instant};

use sandbox::{Error, Sandbox};

use crate::basics::basics;
use crate::hostile::liar;

/// What the child ends with.
const WORKED: i32 = 1;
const FORKED: i32 = 2;
const OTHER: i32 = 3;

/// Loads a library on a thread, and forks when this time has passed.
fn case(after: Duration) {
    let begin = Instant::now();
    let loads = std::thread::spawn(|| drop(Sandbox::<basics::Library>::new().unwrap()));
    while begin.elapsed() < after {
        std::hint::spin_loop();
    }
    // SAFETY: the child uses this crate, which says what it can do there, and ends.
    let child = unsafe { libc::fork() };
    if child == 0 {
        // SAFETY: a number goes in.
        unsafe { libc::alarm(20) };
        let made = [Sandbox::<basics::Library>::new().map(drop), Sandbox::<liar::Library>::new().map(drop)];
        let code = made.iter().map(|made| match made {
            Ok(()) => WORKED,
            Err(Error::Forked) => FORKED,
            Err(_) => OTHER,
        });
        // SAFETY: it ends the process, and runs nothing of the parent's.
        unsafe { libc::_exit(code.max().unwrap_or(OTHER)) };
    }
    let mut status = 0;
    // SAFETY: the place for the status is there.
    assert_eq!(unsafe { libc::waitpid(child, &raw mut status, 0) }, child);
    loads.join().unwrap();
    exit(if libc::WIFEXITED(status) { libc::WEXITSTATUS(status) } else { OTHER })
}

#[test]
#[ignore = "the other end of the test below"]
fn a_process_that_forks() {
    if let Some(after) = std::env::var("SANDBOX_TEST_FORKS").ok().and_then(|after| after.parse().ok()) {
        case(Duration::from_micros(after));
    }
}

#[test]
fn a_child_of_a_process_that_loads_a_library_gets_an_answer() {
    let mut seen = [0; 3];
    for after in (0..1500).step_by(15) {
        let mut child = Command::new(std::env::current_exe().unwrap());
        child.args(["--exact", "forks::a_process_that_forks", "--ignored"]).env("SANDBOX_TEST_FORKS", after.to_string());
        let output = child.output().unwrap();
        let code = output.status.code().unwrap_or_default();
        assert!([WORKED, FORKED].contains(&code), "{after} µs: {code}, {}", String::from_utf8_lossy(&output.stdout));
        seen[usize::try_from(code).unwrap()] += 1;
    }
    println!("worked {}, Error::Forked {}", seen[1], seen[2]);
}
