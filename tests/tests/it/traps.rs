//! How C code ends badly: each way is an error that says what happened, in which C function, and in which file and line.

use sandbox::{Error, LimitKind, Sandbox, Tainted, Trap, TrapKind};

sandbox::include_library!(traps);
// The same, built without line numbers.
sandbox::include_library!(traps_without_lines);

type Sb = Sandbox<traps::Library>;

const SOURCE: &str = include_str!("../../fixtures/traps.c");
const HEADER: &str = include_str!("../../fixtures/traps_inline.h");

fn value<T>(tainted: Tainted<T, traps::Library>) -> T {
    tainted.unverified_because("the test looks at what came out")
}

/// The number of the line that has a mark.
fn line(text: &str, mark: &str) -> u32 {
    let mark = format!("/* {mark} */");
    u32::try_from(text.lines().position(|line| line.ends_with(&mark)).expect("the mark is in the source") + 1).unwrap()
}

/// Where a line of the source is, as an error shows it.
fn at(mark: &str) -> String {
    format!("traps.c:{}", line(SOURCE, mark))
}

fn trap(sb: &Sb, error: Error) -> Box<Trap> {
    assert!(sb.is_poisoned());
    match error {
        Error::Trap(trap) => trap,
        other => panic!("{other}"),
    }
}

/// Calls, and checks the trap's kind and innermost frame.
fn traps<T>(call: impl FnOnce(&mut Sb) -> sandbox::Result<T>, kind: TrapKind, function: &str, place: &str) -> String {
    let mut sb = Sb::new().unwrap();
    let error = call(&mut sb).err().expect("it traps");
    let text = error.to_string();
    let trap = trap(&sb, error);
    assert_eq!(trap.kind(), kind, "{text}");
    assert_eq!(trap.frames().next().unwrap().to_string(), format!("{function} ({place})"), "{text}");
    text
}

#[test]
fn an_access_outside_of_memory_names_the_functions_with_their_lines() {
    let text = traps(traps::traps_out_of_bounds, TrapKind::OutOfBounds, "read_at", &at("out-of-bounds"));
    let expected = format!(
        "`traps_out_of_bounds` trapped: access outside of guest memory (in read_at at {} < traps_out_of_bounds at {})",
        at("out-of-bounds"),
        at("call-out-of-bounds")
    );
    assert_eq!(text, expected);
}

#[test]
fn a_frame_has_a_function_a_file_and_a_line() {
    let mut sb = Sb::new().unwrap();
    let error = traps::traps_out_of_bounds(&mut sb).unwrap_err();
    let trap = trap(&sb, error);
    let frames: Vec<_> = trap.frames().map(|frame| (frame.function(), frame.file(), frame.line())).collect();
    let frame = |function, mark| (function, Some("traps.c"), Some(line(SOURCE, mark)));
    assert_eq!(frames, [frame("read_at", "out-of-bounds"), frame("traps_out_of_bounds", "call-out-of-bounds")]);
}

#[test]
fn a_library_without_line_numbers_names_functions() {
    let mut sb = Sandbox::<traps_without_lines::Library>::new().unwrap();
    let error = traps_without_lines::traps_out_of_bounds(&mut sb).unwrap_err();
    let expected = "`traps_out_of_bounds` trapped: access outside of guest memory (in read_at < traps_out_of_bounds)";
    assert_eq!(error.to_string(), expected);
    let Error::Trap(trap) = error else { panic!() };
    assert!(trap.frames().all(|frame| frame.file().is_none() && frame.line().is_none()));
}

#[test]
fn a_call_of_null_names_the_caller() {
    traps(traps::traps_null_function, TrapKind::NullFunction, "traps_null_function", &at("null-function"));
}

#[test]
fn a_call_with_another_signature_names_the_caller() {
    traps(traps::traps_signature, TrapKind::BadSignature, "traps_signature", &at("signature"));
}

#[test]
fn a_division_by_zero_and_one_that_overflows_differ() {
    let place = at("divide");
    traps(|sb| traps::traps_divide(sb, 1, 0), TrapKind::DivisionByZero, "traps_divide", &place);
    traps(|sb| traps::traps_divide(sb, i32::MIN, -1), TrapKind::Overflow, "traps_divide", &place);
}

#[test]
fn each_copy_of_an_unrolled_loop_has_its_line() {
    for turns in 0..9 {
        traps(|sb| traps::traps_divide_until(sb, 100, turns), TrapKind::DivisionByZero, "traps_divide_until", &at("divide-until"));
    }
}

#[test]
fn inlined_code_has_its_own_file_and_line() {
    let place = format!("traps_inline.h:{}", line(HEADER, "inlined"));
    traps(|sb| traps::traps_inlined(sb, 0), TrapKind::DivisionByZero, "traps_inlined", &place);
}

#[test]
fn an_abort_names_its_caller() {
    let mut sb = Sb::new().unwrap();
    let error = traps::traps_abort(&mut sb).unwrap_err();
    let trap = trap(&sb, error);
    assert_eq!((trap.kind(), trap.message()), (TrapKind::Abort, None));
    assert_eq!(trap.frames().next().unwrap().function(), "abort");
    assert_eq!(trap.frames().last().unwrap().to_string(), format!("traps_abort ({})", at("abort")));
}

#[test]
fn unreachable_code_is_an_abort() {
    traps(traps::traps_unreachable, TrapKind::Abort, "traps_unreachable", &at("unreachable"));
}

#[test]
fn a_failed_assertion_says_what_does_not_hold() {
    let mut sb = Sb::new().unwrap();
    assert_eq!(value(traps::traps_assert(&mut sb, 1).unwrap()), 2);
    let error = traps::traps_assert(&mut sb, 0).unwrap_err();
    let expected = format!(
        "`traps_assert` trapped: failed assertion: x > 0, {}, check (in check at {} < traps_assert at {})",
        at("assert"),
        at("assert"),
        at("call-assert")
    );
    assert_eq!(error.to_string(), expected);
    let trap = trap(&sb, error);
    assert_eq!((trap.kind(), trap.exception()), (TrapKind::Assertion, None));
    assert_eq!(trap.message().unwrap(), format!("x > 0, {}, check", at("assert")));
    sb.reset().unwrap();
    assert_eq!(value(traps::traps_assert(&mut sb, 1).unwrap()), 2);
}

#[test]
fn an_assertion_of_an_inlined_function_names_the_header() {
    let mut sb = Sb::new().unwrap();
    let error = traps::traps_assert_in_header(&mut sb, 1).unwrap_err();
    let place = format!("traps_inline.h:{}", line(HEADER, "assert-in-header"));
    assert_eq!(trap(&sb, error).message().unwrap(), format!("x % 2 == 0, {place}, traps_half"));
}

#[test]
fn the_text_of_an_assertion_is_cut() {
    let mut sb = Sb::new().unwrap();
    let error = traps::traps_long_assert(&mut sb, 0).unwrap_err();
    let trap = trap(&sb, error);
    let (text, rest) = trap.message().unwrap().split_at(200);
    // As the source has it: it is the source's text.
    assert!(text.starts_with(r#"x && "\303\251\033[2J" && "0123456789"#) && text.ends_with("0123456789"), "{text}");
    assert!(rest.starts_with(", traps.c:") && rest.ends_with(", traps_long_assert"), "{rest}");
}

#[test]
fn the_host_stack_of_deep_recursion_is_a_limit() {
    let mut sb = Sb::new().unwrap();
    let error = traps::traps_call_stack(&mut sb).unwrap_err();
    let Error::Limit { which: LimitKind::CallStack, frames, .. } = &error else { panic!("{error}") };
    assert!(!frames.is_empty() && error.to_string().contains(" at traps.c:"), "{error}");
    assert!(sb.is_poisoned());
}

/// Calls, and checks that the C stack is used up.
fn exhausts_the_c_stack(call: impl FnOnce(&mut Sb) -> sandbox::Result<Tainted<i32, traps::Library>>) {
    let mut sb = Sb::new().unwrap();
    let error = call(&mut sb).unwrap_err();
    assert!(matches!(error, Error::Limit { which: LimitKind::Stack, limit: 0x4_0000, .. }), "{error}");
    assert!(error.to_string().contains("raise `stack_size` in build.rs"), "{error}");
    assert!(error.to_string().contains(" at traps.c:"), "{error}");
    assert!(sb.is_poisoned());
    sb.reset().unwrap();
    assert_eq!(value(traps::traps_assert(&mut sb, 1).unwrap()), 2);
}

#[test]
fn the_c_stack_of_deep_recursion_is_a_limit() {
    let mut sb = Sb::new().unwrap();
    assert_eq!(value(traps::traps_c_stack(&mut sb, 10).unwrap()), 55);
    exhausts_the_c_stack(|sb| traps::traps_c_stack(sb, 1000));
}

#[test]
fn a_frame_larger_than_the_c_stack_is_a_limit() {
    exhausts_the_c_stack(|sb| traps::traps_large_frame(sb, 0));
}

#[test]
fn a_function_that_uses_the_stack_without_taking_of_it_reaches_the_limit_too() {
    exhausts_the_c_stack(traps::traps_last_bytes);
}

#[test]
fn an_access_outside_of_memory_is_no_stack_overflow() {
    let mut sb = Sb::new().unwrap();
    assert_eq!(value(traps::traps_c_stack(&mut sb, 5).unwrap()), 15);
    let error = traps::traps_out_of_bounds(&mut sb).unwrap_err();
    assert_eq!(trap(&sb, error).kind(), TrapKind::OutOfBounds);
}

#[test]
fn at_the_memory_limit_malloc_returns_null() {
    let mut sb = Sb::builder().memory_limit(4 << 20).build().unwrap();
    let error = traps::traps_exhaust(&mut sb, 1 << 16).unwrap_err();
    let trap = trap(&sb, error);
    assert_eq!(trap.message().unwrap(), format!("place != NULL, {}, traps_exhaust", at("exhaust")));
}

#[test]
fn a_memory_limit_that_leaves_no_room_for_an_exception_is_a_limit() {
    let size = Sb::new().unwrap().memory_size().unwrap();
    assert_eq!(value(traps::traps_jumps(&mut Sb::new().unwrap(), 5).unwrap()), 5);
    // The table counts too: there is room for it, and little more.
    let mut sb = Sb::builder().memory_limit(u64::try_from(size).unwrap() + 1024).build().unwrap();
    let error = traps::traps_jumps(&mut sb, 5).unwrap_err();
    assert!(matches!(error, Error::Limit { which: LimitKind::Memory, .. }), "{error}");
    assert!(sb.is_poisoned());
}

#[test]
fn a_jump_that_nothing_catches_names_who_jumped() {
    let mut sb = Sb::new().unwrap();
    let error = traps::traps_uncaught_jump(&mut sb).unwrap_err();
    let text = error.to_string();
    let trap = trap(&sb, error);
    assert_eq!(trap.kind(), TrapKind::UncaughtJump);
    assert!(trap.frames().any(|frame| frame.to_string() == format!("traps_uncaught_jump ({})", at("uncaught-jump"))), "{text}");
}

#[test]
fn an_exit_is_no_trap() {
    let mut sb = Sb::new().unwrap();
    let error = traps::traps_exit(&mut sb, 3).unwrap_err();
    assert!(matches!(error, Error::Exit { function: "traps_exit", code: 3, .. }), "{error}");
    assert!(sb.is_poisoned());
}

sandbox::library! {
    #[precompiled(unsafe(include_bytes!(concat!(env!("OUT_DIR"), "/hostile/assert.cwasm"))))]
    // Of another module, and damaged.
    #[lines(b"CLINES1\0\x01\0\0\0\x01\0\0\0\xff\0\0\0\0\0\0\0\xff\xff\xff\xff")]
    pub mod liar {
        extern "C" {
            pub fn fill();
            pub fn fail(expression: c_uint, file: c_uint, line: c_uint, function: c_uint);
            pub fn store_outside(stack: c_uint);
        }
    }
}

sandbox::library! {
    #[precompiled(unsafe(include_bytes!(concat!(env!("OUT_DIR"), "/hostile/assert_of_another_type.cwasm"))))]
    pub mod liar_of_another_type {
        extern "C" {
            pub fn add(a: c_int, b: c_int) -> c_int;
        }
    }
}

#[test]
fn whatever_a_guest_says_of_an_assertion_is_read_with_care() {
    const NONE: u32 = 65_536;
    let mut sb = Sandbox::<liar::Library>::new().unwrap();
    for (params, expected) in [
        ([8, 16, 7, 24], Some("x > 0, a.c:7, check".to_owned())),
        ([8, 0, 7, 0], Some("x > 0".to_owned())),
        ([8, NONE, 7, u32::MAX], Some("x > 0".to_owned())),
        ([8, 16, u32::MAX, u32::MAX - 3], Some("x > 0, a.c:4294967295".to_owned())),
        ([65_530, 65_535, 7, 65_534], Some("no end, d:7, nd".to_owned())),
        ([32, 32, 7, 32], Some("?[2J?????, ?[2J?????:7, ?[2J?????".to_owned())),
        ([0, 16, 7, 24], None),
        ([13, 16, 7, 24], None),
        ([NONE, 16, 7, 24], None),
        ([u32::MAX, u32::MAX, u32::MAX, u32::MAX], None),
    ] {
        let [expression, file, line, function] = params;
        let error = liar::fail(&mut sb, expression, file, line, function).unwrap_err();
        let text = error.to_string();
        let Error::Trap(trap) = error else { panic!("{text}") };
        assert_eq!((trap.kind(), trap.message()), (TrapKind::Assertion, expected.as_deref()), "{params:?}");
        // The table of lines is damaged: there is a function, and no line.
        assert!(text.ends_with(" (in says)") && text.bytes().all(|byte| matches!(byte, b' '..=b'~')), "{text:?}");
        assert!(sb.is_poisoned());
        sb.reset().unwrap();
    }
    liar::fill(&mut sb).unwrap();
    let error = liar::fail(&mut sb, 1024, 1024, 7, 65_529).unwrap_err();
    let Error::Trap(trap) = error else { panic!("{error}") };
    let long = "a".repeat(200);
    assert_eq!(trap.message().unwrap(), format!("{long}, {long}:7, ano end"));
}

#[test]
fn an_import_of_that_name_and_another_type_is_denied() {
    let mut sb = Sandbox::<liar_of_another_type::Library>::new().unwrap();
    let error = liar_of_another_type::add(&mut sb, 1, 2).unwrap_err();
    assert!(matches!(&error, Error::DeniedImport { import, .. } if **import == *"sandbox.assert_fail"), "{error}");
    assert!(sb.is_poisoned());
}

#[test]
fn a_guest_that_lies_about_its_stack_chooses_the_words_and_nothing_else() {
    for (stack, used_up) in [(4096, false), (128, false), (127, true), (0, true), (4097, true), (u32::MAX, true)] {
        let mut sb = Sandbox::<liar::Library>::new().unwrap();
        let error = liar::store_outside(&mut sb, stack).unwrap_err();
        match error {
            Error::Limit { which: LimitKind::Stack, limit: 4096, .. } => assert!(used_up, "{stack}"),
            Error::Trap(trap) => assert!(!used_up && trap.kind() == TrapKind::OutOfBounds, "{stack}"),
            other => panic!("{stack}: {other}"),
        }
        assert!(sb.is_poisoned());
        sb.reset().unwrap();
        liar::fill(&mut sb).unwrap();
    }
}
