use sandbox::Output;

use super::errno::BADF;
use super::{Sb, c_str, capabilities, is_no_directory, value};

fn stdin(sb: &mut Sb, count: u32) -> Vec<u8> {
    let place = sb.alloc::<i8>(count).unwrap();
    let read = value(capabilities::capabilities_read_stdin(sb, &place, count).unwrap());
    value(sb.copy_out(place.as_ptr().cast(), read).unwrap())
}

fn say(sb: &mut Sb, text: &str) -> i32 {
    let text = c_str(sb, text);
    value(capabilities::capabilities_say(sb, &text).unwrap())
}

#[test]
fn the_standard_input_is_read_to_its_end_and_again_after_a_reset() {
    assert_eq!(stdin(&mut Sb::new().unwrap(), 100), b"", "nothing was given");
    let sb = &mut Sb::builder().stdin(*b"hello\nworld\n").build().unwrap();
    for _ in 0..2 {
        assert_eq!(stdin(sb, 4), b"hell");
        assert_eq!(stdin(sb, 100), b"o\nworld\n");
        assert_eq!(stdin(sb, 100), b"");
        sb.reset().unwrap();
    }
}

#[test]
fn a_denied_file_is_an_error_that_c_code_can_print() {
    let mut sb = Sb::builder().stderr(Output::Capture { limit: 1000 }).build().unwrap();
    let path = c_str(&mut sb, "/share/dict.txt");
    assert!(is_no_directory(value(capabilities::capabilities_complain(&mut sb, &path).unwrap())));
    let said = String::from_utf8_lossy(sb.stderr().unverified_because("the test looks at it")).into_owned();
    let reasons = ["No such file or directory", "Capabilities insufficient"];
    assert!(reasons.iter().any(|reason| said == format!("/share/dict.txt: {reason}\n")), "{said}");
}

#[test]
fn a_stream_that_the_guest_closes_is_closed_and_what_it_said_stays() {
    let mut sb = Sb::builder().stdout(Output::Capture { limit: 1000 }).file("/x", *b"x").build().unwrap();
    assert_eq!(say(&mut sb, "before\n"), 0);
    assert_eq!(value(capabilities::capabilities_close_stdout(&mut sb).unwrap()), 0);
    let path = c_str(&mut sb, "/x");
    // Its number is not given to another file, which text would then be written to, or read from.
    let opened = sb.alloc::<u32>(1).unwrap();
    capabilities::capabilities_open_many(&mut sb, &path, &opened).unwrap();
    assert_eq!(value(sb.read(opened.as_ptr()).unwrap()), 124);
    assert_eq!(value(sb.stdout()), b"before\n");
    sb.reset().unwrap();
    assert_eq!(say(&mut sb, "after\n"), 0);
    assert_eq!(value(sb.stdout()), b"after\n");
    assert_eq!(say(&mut Sb::new().unwrap(), "denied"), BADF);
}
