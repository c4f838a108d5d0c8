//! C's `...`, in both directions.

use std::sync::{Arc, Mutex};

use sandbox::{CBool, CallbackError, Error, MemoryError, SandboxRef, Tainted, TaintedPtr, VaList};

use super::{Sb, calls, fresh, value, works};

fn text(sb: &mut Sb, text: &std::ffi::CStr) -> sandbox::Allocation<i8, calls::Library> {
    sb.copy_in_c_str(text).unwrap()
}

#[test]
fn any_number_of_arguments_is_passed() {
    let sb = &mut fresh();
    assert_eq!(value(calls::calls_sum(sb, 0, ()).unwrap()), 0);
    assert_eq!(value(calls::calls_sum(sb, 1, (-5,)).unwrap()), -5);
    assert_eq!(value(calls::calls_sum(sb, 12, (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)).unwrap()), 78);
}

#[test]
fn arguments_are_promoted_and_aligned_as_c_does_it() {
    let sb = &mut fresh();
    let word = text(sb, c"seven");
    let tainted: Tainted<i64, calls::Library> = (1_i64 << 33).into();
    let kinds = text(sb, c"iiiiuuldldsp");
    let sum = calls::calls_mixed(
        sb,
        &kinds,
        (-1_i8, 200_u8, -300_i16, true, 60_000_u16, u32::MAX, tainted, 0.5_f32, -9_i64, 0.25, &word, sandbox::null()),
    )
    .unwrap();
    let expected = -1.0 + 200.0 - 300.0 + 1.0 + 60_000.0 + f64::from(u32::MAX) + (1_u64 << 33) as f64 + 0.5 - 9.0 + 0.25 + 5.0 + 1.0;
    assert_eq!(value(sum), expected);
}

#[test]
fn an_eight_byte_argument_behind_a_four_byte_one_is_aligned() {
    let sb = &mut fresh();
    let kinds = text(sb, c"iliddil");
    let sum = calls::calls_mixed(sb, &kinds, (1, 1_i64 << 40, 2, 0.5, 0.25, 3, -1_i64)).unwrap();
    assert_eq!(value(sum), 1.0 + (1_u64 << 40) as f64 + 2.0 + 0.75 + 3.0 - 1.0);
}

#[test]
fn functions_bools_and_app_pointers_can_be_arguments() {
    let sb = &mut fresh();
    let kinds = text(sb, c"ccip");
    let add = sb.fn_ptr(calls::functions::calls_add).unwrap();
    let power = sb.register_callback::<calls::calls_binary, _>(|_, (a, b)| Ok(a * a * b)).unwrap();
    let app = sb.register_app(()).unwrap();
    let sum = calls::calls_mixed(sb, &kinds, (add, &power, CBool::from(true), &app)).unwrap();
    assert_eq!(value(sum), 5.0 + 12.0 + 1.0 + 1000.0);
    assert_eq!(value(calls::calls_callback_and_sum(sb, add, 3, (1, 2, 3)).unwrap()), 6);
}

#[test]
fn snprintf_fills_a_buffer_of_the_guest() {
    let sb = &mut fresh();
    let (format, name) = (text(sb, c"%s: %d of %5.2f%% (%llx, %c)"), text(sb, c"rows"));
    let buffer = sb.alloc::<i8>(64).unwrap();
    let length = calls::calls_format(sb, &buffer, buffer.len(), &format, (&name, 42, 99.5, 0xdead_beef_u64, b'!')).unwrap();
    assert_eq!(value(length), 32);
    let written = sb.read_c_str(buffer.as_ptr(), 63).unwrap();
    assert_eq!(value(written).to_str().unwrap(), "rows: 42 of 99.50% (deadbeef, !)");
    // The C stack is where it was.
    let stack = value(calls::calls_stack(sb).unwrap());
    for _ in 0..100_000 {
        calls::calls_sum(sb, 3, (1, 2, 3)).unwrap();
    }
    assert_eq!(value(calls::calls_stack(sb).unwrap()), stack);
}

#[test]
fn a_pointer_of_another_sandbox_among_the_arguments_is_refused() {
    let (one, two) = (&mut fresh(), &mut fresh());
    let (kinds, word) = (text(two, c"s"), text(one, c"seven"));
    let error = calls::calls_mixed(two, &kinds, (&word,)).unwrap_err();
    assert_eq!(error.to_string(), "argument `...` of `calls_mixed` belongs to another sandbox or to this one before it was reset");
    works(two);
}

type Line = (i32, i64, String, f64);

fn read_line(sb: &SandboxRef<'_, calls::Library>, arguments: &mut VaList<calls::Library>) -> Result<Line, CallbackError> {
    let (a, b) = (value(sb.va_arg::<i32>(arguments)?), value(sb.va_arg::<i64>(arguments)?));
    let text = value(sb.read_c_str(sb.va_arg::<TaintedPtr<i8, _>>(arguments)?, 100)?).into_string()?;
    Ok((a, b, text, value(sb.va_arg::<f64>(arguments)?)))
}

#[test]
fn a_callback_reads_what_is_behind_the_dots() {
    let sb = &mut fresh();
    let lines: Arc<Mutex<Vec<Line>>> = Arc::default();
    let (kept, also_kept) = (Arc::clone(&lines), Arc::clone(&lines));
    let log = sb
        .register_callback::<calls::calls_log, _>(move |sb, (_, _, mut arguments)| {
            kept.lock().unwrap().push(read_line(sb, &mut arguments)?);
            Ok(())
        })
        .unwrap();
    calls::calls_report(sb, &log, sandbox::null()).unwrap();
    let vlog = sb
        .register_callback::<calls::calls_vlog, _>(move |sb, (_, _, arguments)| {
            also_kept.lock().unwrap().push(read_line(sb, &mut VaList::from(arguments))?);
            Ok(1)
        })
        .unwrap();
    assert_eq!(value(calls::calls_vreport(sb, &vlog, sandbox::null()).unwrap()), 1);
    let line = (7, 1 << 40, "seven".to_owned(), 2.5);
    assert_eq!(*lines.lock().unwrap(), [line.clone(), line]);
}

#[test]
fn reading_past_the_end_of_memory_is_an_error_of_the_callback() {
    let sb = &mut fresh();
    let log = sb
        .register_callback::<calls::calls_vlog, _>(|sb, (_, _, arguments)| {
            let mut arguments = VaList::from(arguments);
            // More than anybody has passed: bytes of the guest's stack, and then no memory.
            for _ in 0..1_000_000 {
                sb.va_arg::<i64>(&mut arguments)?;
            }
            Ok(0)
        })
        .unwrap();
    let error = calls::calls_vreport(sb, &log, sandbox::null()).unwrap_err();
    let inner = error.callback_error::<Error>().unwrap();
    assert!(matches!(inner, Error::Memory(MemoryError::OutOfBounds { .. })), "{inner}");
}
