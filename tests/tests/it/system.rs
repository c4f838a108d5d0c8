//! What the system can refuse a process: each case is a process of its own.
#![allow(unsafe_code, reason = "what a process may do is set by calls of the system")]

use std::process::Command;

use sandbox::{Error, Library, Sandbox, SandboxModule};

use crate::basics::basics;
use crate::hostile::liar;
use crate::next_guest::leaves_mapped;

/// What a case ends the process with that cannot be tried here.
const NOT_HERE: i32 = 77;

/// Takes the right to make memory executable away from this process, or ends it if the kernel
/// cannot.
fn without_executable_memory() {
    // SAFETY: a number goes in, and a number comes out.
    if unsafe { libc::prctl(libc::PR_SET_MDWE, libc::PR_MDWE_REFUSE_EXEC_GAIN, 0, 0, 0) } != 0 {
        std::process::exit(NOT_HERE);
    }
}

/// Bounds the addresses that this process can have.
fn with_addresses(bytes: u64) {
    let limit = libc::rlimit { rlim_cur: bytes, rlim_max: bytes };
    // SAFETY: the struct is there, and only read.
    assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_AS, &raw const limit) }, 0);
}

fn add(sb: &mut Sandbox<basics::Library>) {
    assert_eq!(basics::basics_int(sb, 7).unwrap().verify(Ok::<_, ()>), Ok(7));
}

/// The system refuses the library, and the advice has these words.
fn refused<L: Library>(words: &[&str]) {
    let error = Sandbox::<L>::new().unwrap_err();
    assert!(matches!(&error, Error::System { library, .. } if *library == L::NAME) && !error.poisons(), "{error:?}");
    let shown = error.to_string();
    assert!(words.iter().all(|word| shown.contains(word)) && !shown.contains("same version") && shown.len() < 900, "{shown}");
}

fn case(name: &str) {
    match name {
        "no executable memory" => {
            without_executable_memory();
            refused::<basics::Library>(&["executable memory", "PR_SET_MDWE", "`SandboxModule::get`"]);
            // The same of one whose data is mapped, which is loaded in another way.
            refused::<leaves_mapped::Library>(&["executable memory"]);
        }
        "executable memory before" => {
            let mut sb = Sandbox::<basics::Library>::new().unwrap();
            SandboxModule::<liar::Library>::get().unwrap();
            without_executable_memory();
            add(&mut sb);
            sb.reset().unwrap();
            add(&mut sb);
            Sandbox::<liar::Library>::new().unwrap();
        }
        "few addresses" => {
            with_addresses(2 << 30);
            refused::<basics::Library>(&["addresses", "2147483648 bytes", "RLIMIT_AS"]);
        }
        "addresses for some" => {
            let mut all = vec![Sandbox::<basics::Library>::new().unwrap()];
            with_addresses(40 << 30);
            let error = loop {
                match Sandbox::<basics::Library>::new() {
                    Ok(sb) => all.push(sb),
                    Err(error) => break error,
                }
            };
            assert!(matches!(&error, Error::System { .. }) && error.to_string().contains("42949672960 bytes"), "{error}");
            // The others go on, and one that is gone makes room.
            all.iter_mut().for_each(add);
            all.pop();
            Sandbox::<basics::Library>::new().unwrap();
        }
        other => panic!("{other}"),
    }
}

#[test]
#[ignore = "the other end of the tests below"]
fn a_process_that_is_refused_something() {
    if let Ok(name) = std::env::var("SANDBOX_TEST_SYSTEM") {
        case(&name);
    }
}

fn run(name: &str) {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "system::a_process_that_is_refused_something", "--ignored"]).env("SANDBOX_TEST_SYSTEM", name);
    let output = child.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    if output.status.code() == Some(NOT_HERE) {
        println!("skipped: this kernel has no PR_SET_MDWE");
        return;
    }
    assert!(output.status.success() && said.contains("1 passed"), "{name}: {said}");
}

#[test]
fn without_executable_memory_the_error_says_so_and_what_is_loaded_runs_on() {
    run("no executable memory");
    run("executable memory before");
}

#[test]
fn without_addresses_the_error_says_so_and_names_the_limit() {
    run("few addresses");
    run("addresses for some");
}
