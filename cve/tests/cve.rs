//! Every cell of the table.

use cve::{Access, Failure, Finding, Outcome, Replay};
use sandbox::{Error, TrapKind};

fn run(cve: &str) -> (Replay, Outcome) {
    let replay = cve::all().into_iter().find(|replay| replay.cve == cve).unwrap_or_else(|| panic!("no replay of {cve}"));
    let outcome = replay.run().unwrap_or_else(|failure| panic!("{cve}: {failure}"));
    (replay, outcome)
}

/// The last column is the same for all.
fn goes_on(outcome: &Outcome) {
    assert!(outcome.sandbox.next_is_right, "{outcome:?}");
    assert!(outcome.sandbox.bystander_is_right, "{outcome:?}");
}

fn finding(kind: &str, access: Access, bytes: u64, function: &str) -> Finding {
    Finding { kind: kind.to_owned(), access, bytes, function: function.to_owned() }
}

#[test]
fn the_libraries_are_the_versions_that_the_table_says() {
    for replay in cve::all() {
        let version = replay.version().unwrap_or_else(|failure| panic!("{}: {failure}", replay.cve));
        assert!(replay.library.contains(&format!(" {version} (`")), "{}: {version}", replay.library);
    }
}

#[test]
fn an_extra_field_in_two_pieces_overflows_natively_and_traps_in_the_sandbox() {
    let (_, outcome) = run("CVE-2022-37434");
    // 500 bytes of the field are in the first piece, and there is room for 16.
    assert_eq!(outcome.native, finding("heap-buffer-overflow", Access::Write, (1 << 32) - 500 + 16, "inflate"));
    let Failure::Sandbox(Error::Trap(trap)) = &outcome.sandbox.hostile else { panic!("{outcome:?}") };
    assert_eq!((trap.kind(), trap.function()), (TrapKind::OutOfBounds, "inflate"));
    assert!(outcome.sandbox.poisoned);
    goes_on(&outcome);
}

#[test]
fn many_distant_matches_overflow_natively_and_give_a_refused_answer_in_the_sandbox() {
    let (_, outcome) = run("CVE-2018-25032");
    // It reads behind a table of zlib's, always. What the native compiler has put there decides whether `deflate` then writes behind its buffer too.
    let native = &outcome.native;
    assert_eq!((native.bytes, native.function.as_str()), (1, "compress_block"));
    assert!(matches!(
        (native.kind.as_str(), native.access),
        ("heap-buffer-overflow", Access::Write) | ("global-buffer-overflow", Access::Read)
    ));
    // The overflow stays within the guest's memory: `deflate` reports success, and the application finds out.
    let Failure::WrongAnswer(what) = &outcome.sandbox.hostile else { panic!("{outcome:?}") };
    assert_eq!(what, "of 86880 bytes, 32768 come back");
    assert!(!outcome.sandbox.poisoned);
    goes_on(&outcome);
}

#[test]
fn an_incomplete_prefix_code_overflows_natively_and_damages_only_the_guest_in_the_sandbox() {
    let (_, outcome) = run("CVE-2023-4863");
    assert_eq!((outcome.native.kind.as_str(), outcome.native.access), ("heap-buffer-overflow", Access::Write));
    assert_eq!(outcome.native.function, "ReplicateValue");
    // 25 entries of four bytes are behind the tables; then libwebp notices that the code is incomplete, and says so as of any bad image.
    let Failure::Damaged { bytes: 100, answer: Some(answer) } = &outcome.sandbox.hostile else { panic!("{outcome:?}") };
    assert!(matches!(**answer, Failure::BadInput { function: "WebPDecodeRGBAInto", code: 0 }), "{outcome:?}");
    assert!(!outcome.sandbox.poisoned);
    goes_on(&outcome);
}

#[test]
fn a_character_that_does_not_exist_overflows_the_stack_natively_and_traps_in_the_sandbox() {
    let (_, outcome) = run("CVE-2017-9225");
    assert_eq!(outcome.native, finding("stack-buffer-overflow", Access::Write, 4, "onigenc_unicode_get_case_fold_codes_by_str"));
    // The overflow goes on into the variables of the callers, and one of those is a pointer. Return addresses are elsewhere.
    let Failure::Sandbox(Error::Trap(trap)) = &outcome.sandbox.hostile else { panic!("{outcome:?}") };
    assert_eq!((trap.kind(), trap.function()), (TrapKind::OutOfBounds, "onig_new"));
    assert!(outcome.sandbox.poisoned);
    goes_on(&outcome);
}

#[test]
fn the_docs_have_a_row_for_each() {
    let docs = include_str!("../../docs/cve.md");
    for replay in cve::all() {
        let row = format!("| {} | {} | {} | ", replay.cve, replay.library, replay.wrong);
        assert!(docs.lines().any(|line| line.starts_with(&row)), "no row of {} in docs/cve.md; run `cargo xtask cve`", replay.cve);
    }
}
