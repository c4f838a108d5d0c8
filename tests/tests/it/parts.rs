//! What libc has in libraries of its own: emulated signals, clocks, mappings and processes, the
//! formats of `long double`, jumps.

use sandbox::{Clock, Sandbox, Tainted};

sandbox::include_library!(parts);

type Sb = Sandbox<parts::Library>;

fn value<T>(tainted: Tainted<T, parts::Library>) -> T {
    tainted.unverified_because("the test looks at what came out")
}

#[test]
fn signals_are_raised_handled_and_ignored() {
    let mut sb = Sb::new().unwrap();
    assert_eq!(value(parts::parts_signals(&mut sb, 1000).unwrap()), 1000);
}

#[test]
fn mapped_memory_begins_as_zeros_and_holds_what_is_written() {
    let mut sb = Sb::new().unwrap();
    let expected: i32 = (0..100_000_u32).map(|index| i32::from((index * 7) as u8)).sum();
    for _ in 0..20 {
        assert_eq!(value(parts::parts_maps(&mut sb, 100_000).unwrap()), expected);
    }
}

#[test]
fn a_process_has_a_number() {
    let mut sb = Sb::new().unwrap();
    assert_eq!(value(parts::parts_process(&mut sb).unwrap()), 42);
}

#[test]
fn time_goes_on_with_a_clock_and_there_is_none_without() {
    let mut sb = Sb::builder().clock(Clock::Host).build().unwrap();
    assert_eq!(value(parts::parts_clocks(&mut sb).unwrap()), 1);
    let mut sb = Sb::new().unwrap();
    assert_ne!(parts::parts_clocks(&mut sb).map_or(-1, value), 1);
}

#[test]
fn a_long_double_is_read_and_written_with_all_its_digits() {
    let mut sb = Sb::new().unwrap();
    let text = sb.copy_in_c_str(c"1").unwrap();
    let to = sb.alloc::<i8>(100).unwrap();
    let length = value(parts::parts_long_double(&mut sb, text.as_ptr(), to.as_ptr(), 100).unwrap());
    let written = value(sb.read_c_str(to.as_ptr(), 100).unwrap());
    // 113 bits of a third.
    assert_eq!((length, written.to_str().unwrap()), (42, "0.3333333333333333333333333333333333172839"));
    let text = sb.copy_in_c_str(c" 12.125e1").unwrap();
    assert_eq!(value(parts::parts_scans(&mut sb, text.as_ptr()).unwrap()), 121_250);
}

#[test]
fn every_format_of_a_long_double_is_written() {
    let mut sb = Sb::new().unwrap();
    let to = sb.alloc::<i8>(100).unwrap();
    for (format, expected) in [
        (c"%.3Lf", "1.500"),
        (c"%Lg", "1.5"),
        (c"%Le", "1.500000e+00"),
        (c"%08.2Lf", "00001.50"),
        (c"%-7.1LF|", "1.5    |"),
        (c"%LG and %%", "1.5 and %"),
    ] {
        let format = sb.copy_in_c_str(format).unwrap();
        let length = value(parts::parts_formats(&mut sb, format.as_ptr(), to.as_ptr(), 100).unwrap());
        let written = value(sb.read_c_str(to.as_ptr(), 100).unwrap());
        assert_eq!((length as usize, written.to_str().unwrap()), (expected.len(), expected));
    }
}

#[test]
fn jumps_over_many_frames_arrive() {
    let mut sb = Sb::new().unwrap();
    assert_eq!(value(parts::parts_jumps(&mut sb, 100, 1000).unwrap()), 500_500);
}

#[test]
fn without_a_clock_it_is_1970() {
    let mut sb = Sb::new().unwrap();
    let seconds = sb.alloc::<i64>(1).unwrap();
    assert_eq!(value(parts::parts_time(&mut sb).unwrap()), 0);
    assert_eq!(value(parts::parts_gettimeofday(&mut sb, seconds.as_ptr()).unwrap()), 0);
    assert_eq!(value(sb.read(seconds.as_ptr()).unwrap()), 0);
}
