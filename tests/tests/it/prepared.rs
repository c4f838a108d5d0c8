//! A library that was set up while it was built: each sandbox begins with the state after that, and is reset to it.

use sandbox::{Error, LimitKind, Limits, Pool, Sandbox, Tainted};

sandbox::include_library!(prepared);

type Sb = Sandbox<prepared::Library>;

const SOURCE: &str = include_str!("../../fixtures/prepared.c");

fn value<T>(tainted: Tainted<T, prepared::Library>) -> T {
    tainted.unverified_because("the test looks at what came out")
}

/// Looks at everything that the set-up has made.
#[track_caller]
fn assert_prepared(sb: &mut Sb) {
    assert_eq!(value(prepared::prepared_constructed(sb).unwrap()), 1, "the constructor runs once, in the build");
    assert_eq!(value(prepared::prepared_set_up(sb).unwrap()), 1);
    let text = sb.copy_in(b"123456789").unwrap();
    // The check value of this CRC in the catalogue of parametrised CRC algorithms.
    assert_eq!(value(prepared::prepared_crc32(sb, text.as_ptr(), 9).unwrap()), 0xcbf4_3926);
    let lengths: Vec<i32> = (0..5).map(|number| value(prepared::prepared_length_of_word(sb, number).unwrap())).collect();
    assert_eq!(lengths, [4, 3, 3, 5, -1], "zero, one, two, three");
    assert_eq!(value(prepared::prepared_last(sb).unwrap()), 42);
}

#[test]
fn a_sandbox_begins_with_the_state_of_the_build() {
    let mut first = Sb::new().unwrap();
    let mut second = Sb::new().unwrap();
    prepared::prepared_forget(&mut first).unwrap();
    assert_prepared(&mut second);
    assert_eq!(value(prepared::prepared_length_of_word(&mut first, 0).unwrap()), 3, "one");
}

#[test]
fn a_reset_goes_back_to_it() {
    let mut sb = Sb::new().unwrap();
    for turn in 0..20 {
        assert_prepared(&mut sb);
        prepared::prepared_forget(&mut sb).unwrap();
        if turn % 2 == 1 {
            prepared::prepared_divide(&mut sb, 0).unwrap_err();
        }
        sb.reset().unwrap();
    }
    assert_prepared(&mut sb);
}

#[test]
fn a_pool_and_a_snapshot_begin_with_it() {
    let mut sb = Sb::new().unwrap();
    prepared::prepared_forget(&mut sb).unwrap();
    let without_a_word = sb.snapshot().unwrap();
    assert!(without_a_word.bytes() < 64 << 10, "{without_a_word:?}: only what differs from the state of the build");
    let pool = Pool::<prepared::Library>::new(2, Sandbox::builder());
    assert_prepared(&mut pool.take().unwrap());
    sb.reset_to(&without_a_word).unwrap();
    assert_eq!(value(prepared::prepared_length_of_word(&mut sb, 0).unwrap()), 3, "one");
    assert_eq!(value(prepared::prepared_last(&mut sb).unwrap()), 42);
}

#[test]
fn the_heap_goes_on_where_the_set_up_ended() {
    let mut sb = Sb::new().unwrap();
    let before = sb.usage().memory;
    let mut blocks = Vec::new();
    for size in 1..200_u32 {
        blocks.push(sb.copy_in(&vec![7_u8; (size * 100) as usize]).unwrap());
    }
    assert_prepared(&mut sb);
    blocks.truncate(100);
    assert_prepared(&mut sb);
    drop(blocks);
    assert!(before >= 3 << 20, "{before}: the block of the set-up is in it");
}

#[test]
fn its_stack_is_whole() {
    let mut sb = Sb::new().unwrap();
    assert_eq!(value(prepared::prepared_deep(&mut sb, 100).unwrap()), 100);
    let error = prepared::prepared_deep(&mut sb, 100_000).unwrap_err();
    assert!(matches!(error, Error::Limit { which: LimitKind::Stack, .. }), "{error}");
}

#[test]
fn memory_that_the_set_up_took_counts() {
    let small = Limits::new().memory(2 << 20);
    let error = Sb::builder().limits(small).build().unwrap_err();
    assert!(matches!(error, Error::Limit { which: LimitKind::Memory, .. }), "{error}");
}

#[test]
fn errors_name_the_right_line() {
    let mut sb = Sb::new().unwrap();
    let error = prepared::prepared_divide(&mut sb, 0).unwrap_err().to_string();
    let line = SOURCE.lines().position(|line| line.ends_with("/* divide */")).unwrap() + 1;
    assert!(error.contains(&format!("prepared.c:{line}")), "{error}");
}
