//! What a guest was denied in a call that then ended badly.

use std::time::Duration;

use sandbox::{CallbackError, Clock, Error, Limits, Output, Sandbox, TrapKind};

sandbox::include_library!(denied);

use denied::{denied_end, denied_what};

type Sb = Sandbox<denied::Library>;

/// What the error says was denied: which method gives it, and how often it was asked for.
fn grants(error: &Error) -> Vec<(Option<&'static str>, u64)> {
    error.denied().iter().map(|denial| (denial.grant(), denial.times())).collect()
}

#[test]
fn an_error_names_what_was_denied_and_what_gives_it() {
    let sb = &mut Sb::new().unwrap();
    for (what, text) in [
        (denied_what::DENIED_CLOCK, "a clock (`Builder::clock` gives it)"),
        (denied_what::DENIED_RANDOM, "random numbers (`Builder::random` gives it)"),
        (denied_what::DENIED_ENVIRONMENT, "environment variables (`Builder::env` gives it)"),
        (denied_what::DENIED_INPUT, "its standard input (`Builder::stdin` gives it)"),
        (denied_what::DENIED_OUTPUT, "its standard output (`Builder::stdout` gives it)"),
        (denied_what::DENIED_ERROR, "its standard error (`Builder::stderr` gives it)"),
        (denied_what::DENIED_SLEEP, "`poll_oneoff` (nothing gives it)"),
    ] {
        let error = denied::denied_ask(sb, what, 1, denied_end::DENIED_ABORT).unwrap_err();
        let shown = error.to_string();
        assert!(matches!(&error, Error::Trap(trap) if trap.kind() == TrapKind::Abort), "{shown}");
        assert!(shown.ends_with(&format!("; the guest was denied in this call: {text}")), "{shown}");
        assert!(!shown.contains("secret") && !shown.contains("HOME"), "{shown}");
        let poisoned = denied::denied_ask(sb, what, 0, denied_end::DENIED_RETURN).unwrap_err();
        assert!(matches!(&poisoned, Error::Poisoned { cause } if **cause == *shown), "{poisoned}");
        sb.reset().unwrap();
    }
}

#[test]
fn every_end_of_a_call_says_what_was_denied() {
    let limits = Limits::new().deadline(Duration::from_millis(30));
    let sb = &mut Sb::builder().limits(limits).build().unwrap();
    for end in
        [denied_end::DENIED_ABORT, denied_end::DENIED_EXIT, denied_end::DENIED_TRAP, denied_end::DENIED_ASSERT, denied_end::DENIED_LOOP]
    {
        let error = denied::denied_ask(sb, denied_what::DENIED_CLOCK, 2, end).unwrap_err();
        assert_eq!(grants(&error), [(Some("clock"), 2)], "{error}");
        let shown = error.to_string();
        assert!(shown.ends_with("; the guest was denied in this call: a clock, 2 times (`Builder::clock` gives it)"), "{shown}");
        sb.reset().unwrap();
    }
}

#[test]
fn what_was_denied_in_an_earlier_call_or_was_given_is_not_named() {
    let sb = &mut Sb::builder().clock(Clock::Host).stderr(Output::Capture { limit: 100 }).build().unwrap();
    denied::denied_ask(sb, denied_what::DENIED_RANDOM, 3, denied_end::DENIED_RETURN).unwrap();
    denied::denied_ask(sb, denied_what::DENIED_ERROR, 3, denied_end::DENIED_RETURN).unwrap();
    let error = denied::denied_ask(sb, denied_what::DENIED_CLOCK, 3, denied_end::DENIED_ABORT).unwrap_err();
    assert!(error.denied().is_empty(), "{error}");
    assert!(!error.to_string().contains("denied in"), "{error}");
}

/// wasi-libc asks the host for files only where it was given a directory, and refuses them itself
/// otherwise.
#[test]
fn a_file_that_is_not_among_those_given_is_named_as_one() {
    let sb = &mut Sb::builder().file("/share/words", *b"words").build().unwrap();
    let error = denied::denied_ask(sb, denied_what::DENIED_FILE, 2, denied_end::DENIED_EXIT).unwrap_err();
    assert_eq!(grants(&error), [(Some("file"), 2)], "{error}");
    assert!(!error.to_string().contains("passwd"), "{error}");
}

#[test]
fn many_denials_are_one_line_and_are_counted() {
    let sb = &mut Sb::new().unwrap();
    let error = denied::denied_ask(sb, denied_what::DENIED_OUTPUT, 100_000, denied_end::DENIED_TRAP).unwrap_err();
    assert_eq!(grants(&error), [(Some("stdout"), 100_000)]);
    assert!(error.to_string().len() < 400, "{error}");
    sb.reset().unwrap();
    let error = denied::denied_ask_all(sb).unwrap_err();
    let all = [Some("clock"), Some("random"), Some("env"), Some("stdin"), Some("stdout"), Some("stderr"), None];
    assert_eq!(grants(&error), all.map(|grant| (grant, 1)), "{error}");
}

#[test]
fn a_call_of_a_callback_is_part_of_the_call_that_it_is_in() {
    let sb = &mut Sb::new().unwrap();
    let ask = |end: denied_end| {
        move |sb: &mut sandbox::SandboxRef<'_, denied::Library>, ()| -> Result<(), CallbackError> {
            denied::denied_ask(sb, denied_what::DENIED_CLOCK, 1, end)?;
            Ok(())
        }
    };
    // Denied within, and the end without.
    let step = sb.register_callback::<denied::denied_step, _>(ask(denied_end::DENIED_RETURN)).unwrap();
    let error = denied::denied_between(sb, &step, denied_end::DENIED_ABORT).unwrap_err();
    assert_eq!(grants(&error), [(Some("clock"), 1)], "{error}");
    sb.reset().unwrap();
    // The end within: the error of the callback has it.
    let step = sb.register_callback::<denied::denied_step, _>(ask(denied_end::DENIED_ABORT)).unwrap();
    let error = denied::denied_between(sb, &step, denied_end::DENIED_RETURN).unwrap_err();
    assert!(matches!(error, Error::Callback { .. }), "{error}");
    assert_eq!(grants(&error), [(Some("clock"), 1)], "{error}");
    assert!(error.to_string().contains("`Builder::clock` gives it"), "{error}");
}

fn said(sb: &Sb) -> &str {
    std::str::from_utf8(sb.stdout().unverified_because("the test looks at it")).unwrap()
}

/// As `docs/capabilities.md` says it.
#[test]
fn captured_output_has_all_of_it_after_fflush() {
    let sb = &mut Sb::builder().stdout(Output::Capture { limit: 4096 }).build().unwrap();
    let text = sb.copy_in_c_str(c"half a line").unwrap();
    denied::denied_print(sb, &text).unwrap();
    assert_eq!(said(sb), "", "stdio has it");
    denied::fflush(sb, sandbox::null()).unwrap();
    assert_eq!(said(sb), "half a line");
    // A flush is a call like any other.
    denied::denied_print(sb, &text).unwrap();
    let limits = sb.limits().output(15);
    let error = denied::fflush(&mut sb.limited(limits).unwrap(), sandbox::null()).unwrap_err();
    assert!(matches!(error, Error::Limit { .. }) && sb.is_poisoned(), "{error}");
    assert_eq!(said(sb), "half a line");
}

#[test]
fn what_stdio_holds_at_a_trap_is_lost_as_it_is_natively() {
    let sb = &mut Sb::builder().stdout(Output::Capture { limit: 4096 }).build().unwrap();
    // The first line goes out: until then libc takes its output for a terminal.
    for line in [c"first\n", c"second\n"] {
        let line = sb.copy_in_c_str(line).unwrap();
        denied::denied_print(sb, &line).unwrap();
    }
    let last = sb.copy_in_c_str(c"last words\n").unwrap();
    denied::denied_print_and_abort(sb, &last).unwrap_err();
    assert_eq!(said(sb), "first\n");
}
