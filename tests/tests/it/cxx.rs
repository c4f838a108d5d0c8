//! C++ behind a C header: what C++ adds to C works in the guest, and however it ends is an error.

use sandbox::{Error, LimitKind, Output, Sandbox, Tainted, TrapKind};

sandbox::include_library!(cxx);

type Sb = Sandbox<cxx::Library>;

fn value<T>(tainted: Tainted<T, cxx::Library>) -> T {
    tainted.unverified_because("the test looks at what came out")
}

fn trap(sb: &Sb, error: &Error, kind: TrapKind) -> Option<String> {
    assert!(sb.is_poisoned());
    match error {
        Error::Trap(trap) if trap.kind() == kind => trap.exception().map(str::to_owned),
        other => panic!("{other}"),
    }
}

fn works_after_reset(sb: &mut Sb) {
    sb.reset().unwrap();
    assert_eq!(value(cxx::cxx_from_constructor(sb).unwrap()), 49);
}

#[test]
fn static_constructors_run_once_for_each_sandbox() {
    for _ in 0..2 {
        let mut sb = Sb::new().unwrap();
        for _ in 0..3 {
            assert_eq!(value(cxx::cxx_constructed(&mut sb).unwrap()), 2);
            assert_eq!(value(cxx::cxx_from_constructor(&mut sb).unwrap()), 49);
        }
        sb.reset().unwrap();
        assert_eq!(value(cxx::cxx_constructed(&mut sb).unwrap()), 2);
    }
}

#[test]
fn a_static_of_a_function_is_initialised_once() {
    let mut sb = Sb::new().unwrap();
    for _ in 0..3 {
        assert_eq!(value(cxx::cxx_local_static(&mut sb).unwrap()), 1);
    }
    sb.reset().unwrap();
    assert_eq!(value(cxx::cxx_local_static(&mut sb).unwrap()), 1);
}

#[test]
fn static_destructors_run_at_exit_and_only_then() {
    let mut sb = Sb::builder().stdout(Output::Capture { limit: 1000 }).build().unwrap();
    assert_eq!(value(cxx::cxx_constructed(&mut sb).unwrap()), 2);
    assert!(value(sb.stdout()).is_empty());
    let error = cxx::cxx_exit(&mut sb, 3).unwrap_err();
    assert!(matches!(error, Error::Exit { code: 3, .. }), "{error}");
    assert_eq!(String::from_utf8_lossy(value(sb.stdout())), "second is destroyed\nfirst is destroyed\n");
    works_after_reset(&mut sb);
}

#[test]
fn virtual_functions_and_destructors_are_those_of_the_object() {
    let mut sb = Sb::new().unwrap();
    let square = cxx::cxx_new_square(&mut sb, 3.0).unwrap();
    let circle = cxx::cxx_new_circle(&mut sb, 2.0).unwrap();
    assert_eq!(value(cxx::cxx_area(&mut sb, square).unwrap()), 9.0);
    assert_eq!(value(cxx::cxx_area(&mut sb, circle).unwrap()), 12.0);
    assert_eq!(value(cxx::cxx_alive(&mut sb).unwrap()), 2);
    cxx::cxx_delete(&mut sb, square).unwrap();
    cxx::cxx_delete(&mut sb, circle).unwrap();
    assert_eq!(value(cxx::cxx_alive(&mut sb).unwrap()), 0);
}

#[test]
fn strings_maps_and_streams_work() {
    let mut sb = Sb::new().unwrap();
    let text = sb.copy_in_c_str(c"the guest and the host and the sandbox").unwrap();
    let result = sb.alloc::<i8>(100).unwrap();
    let length = value(cxx::cxx_count_words(&mut sb, text.as_ptr(), result.as_ptr(), 100).unwrap());
    let list = value(sb.read_c_str(result.as_ptr(), 100).unwrap());
    assert_eq!(list.to_str().unwrap(), "and 2,guest 1,host 1,sandbox 1,the 3");
    assert_eq!(usize::try_from(length).unwrap(), list.as_bytes().len());
}

#[test]
fn templates_are_compiled_for_each_type() {
    let mut sb = Sb::new().unwrap();
    let numbers = sb.alloc::<i32>(3).unwrap();
    let reals = sb.alloc::<f64>(2).unwrap();
    for index in 0..3 {
        sb.write(numbers.as_ptr().add(index), i32::MAX).unwrap();
    }
    for index in 0..2 {
        sb.write(reals.as_ptr().add(index), 1.25).unwrap();
    }
    assert_eq!(value(cxx::cxx_sum(&mut sb, numbers.as_ptr(), 3).unwrap()), 3 * i64::from(i32::MAX));
    assert_eq!(value(cxx::cxx_sum_real(&mut sb, reals.as_ptr(), 2).unwrap()), 2.5);
}

#[test]
fn new_at_the_memory_limit_is_an_error_and_reset_helps() {
    let mut sb = Sb::builder().memory_limit(8 << 20).build().unwrap();
    let error = cxx::cxx_exhaust(&mut sb, 100_000).unwrap_err();
    // A libc++ without exceptions aborts. One that has them throws, which takes a little memory of
    // its own.
    let aborted = matches!(&error, Error::Trap(trap) if matches!(trap.kind(), TrapKind::Abort | TrapKind::UncaughtException));
    let limited = matches!(&error, Error::Limit { which: LimitKind::Memory, .. });
    assert!((aborted || limited) && sb.is_poisoned(), "{error}");
    works_after_reset(&mut sb);
}

#[test]
fn what_libcxx_would_throw_is_an_error() {
    let mut sb = Sb::new().unwrap();
    assert_eq!(value(cxx::cxx_at(&mut sb, 3).unwrap()), 9);
    let error = cxx::cxx_at(&mut sb, 10).unwrap_err();
    assert!(matches!(&error, Error::Trap(trap) if matches!(trap.kind(), TrapKind::Abort | TrapKind::UncaughtException)), "{error}");
    works_after_reset(&mut sb);
}

#[test]
fn an_exception_that_escapes_is_named() {
    let mut sb = Sb::new().unwrap();
    for (which, name) in [(0, "std::runtime_error"), (1, "ns::Failed"), (2, "int")] {
        let error = cxx::cxx_throw(&mut sb, which).unwrap_err();
        assert_eq!(trap(&sb, &error, TrapKind::UncaughtException).as_deref(), Some(name));
        assert!(error.to_string().starts_with(&format!("`cxx_throw` trapped: C++ exception that nothing catches: {name}")), "{error}");
        works_after_reset(&mut sb);
    }
}

#[test]
fn a_falsified_exception_has_no_name() {
    let mut sb = Sb::new().unwrap();
    for which in [3, 4] {
        let error = cxx::cxx_throw(&mut sb, which).unwrap_err();
        assert_eq!(trap(&sb, &error, TrapKind::UncaughtException), None);
        works_after_reset(&mut sb);
    }
}

/// Where a line of the source is, by the mark at its end.
fn at(mark: &str) -> String {
    let source = include_str!("../../fixtures/cxx.cc");
    let mark = format!("  // {mark}");
    format!("fixtures/cxx.cc:{}", source.lines().position(|line| line.ends_with(&mark)).expect("the mark is in the source") + 1)
}

#[test]
fn an_exception_that_escapes_names_the_line_that_throws() {
    let mut sb = Sb::new().unwrap();
    let error = cxx::cxx_throw(&mut sb, 0).unwrap_err();
    let Error::Trap(trap) = error else { panic!("{error}") };
    assert_eq!(trap.frames().next().unwrap().to_string(), format!("cxx_throw ({})", at("throw")));
}

#[test]
fn an_assertion_in_cxx_says_what_does_not_hold() {
    let mut sb = Sb::new().unwrap();
    assert_eq!(value(cxx::cxx_assert(&mut sb, 1).unwrap()), 2);
    let error = cxx::cxx_assert(&mut sb, 0).unwrap_err();
    let Error::Trap(trap) = &error else { panic!("{error}") };
    assert_eq!((trap.kind(), trap.message()), (TrapKind::Assertion, Some(&*format!("x > 0, {}, value", at("assert")))));
    let first = trap.frames().next().unwrap();
    assert!(first.function().contains("Checked") && first.to_string().ends_with(&format!("({})", at("assert"))), "{error}");
    works_after_reset(&mut sb);
}
