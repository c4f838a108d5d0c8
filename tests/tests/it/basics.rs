//! A small C library from its header: every value crosses as C says, in both directions.

use std::ffi::CString;

use sandbox::{Error, LimitKind, Output, Sandbox, Tainted, TaintedFn, TaintedPtr, TrapKind, Void};

sandbox::include_library!(basics);

const BIG: u64 = basics::BASICS_BIG;

type Sb = Sandbox<basics::Library>;

fn fresh() -> Sb {
    Sandbox::new().unwrap()
}

fn value<T>(tainted: Tainted<T, basics::Library>) -> T {
    tainted.unverified_because("the test looks at what came out")
}

#[test]
fn every_scalar_comes_back_as_it_went() {
    let sb = &mut fresh();
    macro_rules! same {
        ($($function:ident($($v:expr),*);)*) => {$($(assert_eq!(value(basics::$function(sb, $v).unwrap()), $v);)*)*};
    }
    same! {
        basics_char(i8::MIN, -1, 0, i8::MAX);
        basics_schar(i8::MIN, i8::MAX);
        basics_uchar(0, 128, u8::MAX);
        basics_short(i16::MIN, i16::MAX);
        basics_ushort(0x8000, u16::MAX);
        basics_int(i32::MIN, i32::MAX);
        basics_uint(0x8000_0000, u32::MAX);
        basics_long(i32::MIN, i32::MAX);
        basics_ulong(u32::MAX);
        basics_longlong(i64::MIN, i64::MAX);
        basics_ulonglong(u64::MAX);
        basics_float(f32::MIN_POSITIVE, f32::NEG_INFINITY, -0.0);
        basics_double(f64::MIN_POSITIVE, f64::INFINITY, -0.0);
        basics_size(u32::MAX);
        basics_tint(basics::BASICS_GREEN, basics::basics_color(77));
    }
    for flag in [false, true] {
        assert_eq!(value(basics::basics_bool(sb, flag).unwrap()).get(), Some(flag));
    }
}

#[test]
fn a_tainted_value_goes_back_in_without_verification() {
    let sb = &mut fresh();
    let tainted = basics::basics_uint(sb, 5).unwrap();
    assert_eq!(value(basics::basics_uint(sb, tainted).unwrap()), 5);
}

#[test]
fn sixteen_arguments_arrive_in_order() {
    let sb = &mut fresh();
    let sum = basics::basics_sixteen(sb, 1, 2.0, 3, 4.0, 5, 6, 7, 8.0, 9, 10.0, 11, 12, 13, 14.0, 15, 16.0).unwrap();
    assert_eq!(value(sum), f64::from((1..=16).map(|n| n * n).sum::<i32>()));
}

#[test]
fn constants_are_the_headers() {
    assert_eq!(basics::BASICS_ANSWER, 42);
    assert_eq!(basics::BASICS_NEGATIVE, -7);
    assert_eq!(basics::BASICS_BIG, 0x1122_3344_5566_7788);
    assert_eq!(basics::BASICS_RATIO, 1.5);
    assert_eq!(basics::BASICS_NAME, c"basics");
    assert_eq!((basics::BASICS_RED.0, basics::BASICS_GREEN.0), (1, 2));
    assert_eq!(basics::BASICS_CRIMSON, basics::BASICS_RED);
}

#[test]
fn a_struct_that_c_filled_reads_field_by_field_and_whole() {
    let sb = &mut fresh();
    let node = sb.alloc::<basics::basics_node>(1).unwrap();
    basics::basics_fill(sb, &node).unwrap();
    let at = node.as_ptr();
    let read = sb.read(at).unwrap();
    assert_eq!(value(read.tiny), -8);
    assert_eq!(value(read.wide), BIG);
    assert_eq!(value(read.ratio), 0.25);
    assert_eq!(value(read.precise), -1e300);
    assert_eq!(value(read.flag).get(), Some(true));
    assert_eq!(value(read.color), basics::BASICS_GREEN);
    assert_eq!(read.numbers.map(value), [-1, 2, -3]);
    assert_eq!(value(read.next.address()), value(at.address()));
    assert!(!read.callback.is_null());
    assert_eq!(value(read.nested.inner), 99);

    assert_eq!(value(sb.read(at.wide()).unwrap()), BIG);
    assert_eq!(value(sb.read(at.nested().inner()).unwrap()), 99);
    assert_eq!(sb.read(at.numbers()).unwrap().map(value), [-1, 2, -3]);
    // Through the pointer that the guest stored.
    assert_eq!(value(sb.read(read.next.tiny()).unwrap()), -8);
}

#[test]
fn a_struct_that_the_host_wrote_is_what_c_reads() {
    let sb = &mut fresh();
    let node = sb.alloc::<basics::basics_node>(1).unwrap();
    assert_eq!(value(basics::basics_check(sb, &node).unwrap()), 0);
    let mut wanted = basics::basics_node {
        tiny: 8.into(),
        wide: (!BIG).into(),
        ratio: 4.0.into(),
        precise: 1e-300.into(),
        flag: sandbox::CBool::from(false).into(),
        color: basics::BASICS_CRIMSON.into(),
        numbers: [10, 20, 30].map(Into::into),
        ..basics::basics_node::zeroed()
    };
    wanted.nested.inner = (-99).into();
    sb.write(node.as_ptr(), wanted).unwrap();
    assert_eq!(value(basics::basics_check(sb, &node).unwrap()), 1);
    sb.write(node.as_ptr().callback(), TaintedFn::null()).unwrap();
    sb.write(node.as_ptr().tiny(), 9).unwrap();
    assert_eq!(value(basics::basics_check(sb, &node).unwrap()), 0);
    assert_eq!(value(basics::basics_sizeof_node(sb).unwrap()), <basics::basics_node as sandbox::GuestType<basics::Library>>::SIZE);
}

#[test]
fn an_opaque_handle_works_through_its_functions() {
    let sb = &mut fresh();
    let handle = basics::basics_open(sb).unwrap();
    basics::basics_next(sb, handle).unwrap();
    assert_eq!(value(basics::basics_next(sb, handle).unwrap()), 2);
    basics::basics_close(sb, handle).unwrap();
}

#[test]
fn a_pointer_of_any_value_crosses() {
    let sb = &mut fresh();
    let null: TaintedPtr<Void, _> = basics::basics_pointer(sb, sandbox::null()).unwrap();
    assert!(null.is_null());
    let block = sb.copy_in(b"x").unwrap();
    let same = basics::basics_pointer(sb, block.as_ptr().cast()).unwrap();
    assert_eq!(value(same.address()), value(block.as_ptr().address()));
}

#[test]
fn static_constructors_run_once_for_each_fresh_guest() {
    let sb = &mut fresh();
    assert_eq!(value(basics::basics_constructed(sb).unwrap()), 1);
    sb.reset().unwrap();
    assert_eq!(value(basics::basics_constructed(sb).unwrap()), 1);
}

#[test]
fn jumps_arrive() {
    let sb = &mut fresh();
    for depth in [0, 1, 50] {
        assert_eq!(value(basics::basics_jump(sb, depth).unwrap()), depth + 1);
    }
    assert_eq!(value(basics::basics_jump_many(sb, 100_000).unwrap()), 100_000);
}

#[test]
fn a_jump_to_a_dead_frame_is_an_error_that_names_the_function() {
    let sb = &mut fresh();
    let error = basics::basics_uncaught(sb).unwrap_err();
    assert!(error.to_string().starts_with("`basics_uncaught` trapped: longjmp"), "{error}");
    assert!(matches!(&error, Error::Trap(trap) if trap.kind() == TrapKind::UncaughtJump));
    sb.reset().unwrap();
    assert_eq!(value(basics::basics_jump(sb, 3).unwrap()), 4);
}

#[test]
fn a_failed_assertion_is_no_text_on_stderr() {
    let mut sb = Sb::builder().stderr(Output::Capture { limit: 4096 }).build().unwrap();
    basics::basics_assert(&mut sb, 1).unwrap();
    let error = basics::basics_assert(&mut sb, 0).unwrap_err();
    let Error::Trap(trap) = &error else { panic!("{error}") };
    assert_eq!((trap.kind(), trap.function()), (TrapKind::Assertion, "basics_assert"));
    assert!(trap.message().unwrap().starts_with("truth && \"the guest's own words\", fixtures/basics.c:"), "{error}");
    assert!(value(sb.stderr()).is_empty());
}

#[test]
fn what_the_guest_prints_is_denied_or_captured() {
    let text = CString::new("héllo").unwrap();
    let sb = &mut fresh();
    let block = sb.copy_in_c_str(&text).unwrap();
    assert_eq!(value(basics::basics_print(sb, &block).unwrap()), -1);
    assert!(value(sb.stdout()).is_empty());

    let capture = Output::Capture { limit: 1 << 16 };
    let mut sb = Sb::builder().stdout(capture).stderr(capture).build().unwrap();
    let block = sb.copy_in_c_str(&text).unwrap();
    assert_eq!(value(basics::basics_print(&mut sb, &block).unwrap()), 14);
    assert_eq!(value(sb.stdout()), "out: héllo 1\n".as_bytes());
    assert_eq!(value(sb.stderr()), "err: héllo\n".as_bytes());
}

#[test]
fn files_clocks_and_the_environment_are_denied() {
    assert_eq!(value(basics::basics_ask_libc(&mut fresh()).unwrap()), 3);
}

#[test]
fn an_overflow_of_the_c_stack_is_a_limit() {
    let error = basics::basics_overflow_stack(&mut fresh(), 0).unwrap_err();
    assert!(matches!(error, Error::Limit { which: LimitKind::Stack, limit: 0x10_0000, .. }), "{error}");
}

#[test]
fn malloc_stops_at_the_memory_limit() {
    let mut sb = Sb::builder().memory_limit(32 << 20).build().unwrap();
    let eaten = value(basics::basics_eat_memory(&mut sb).unwrap());
    assert!((16 << 20..32 << 20).contains(&eaten), "{eaten}");
    assert!(sb.memory_size().unwrap() <= 32 << 20);
    assert!(matches!(sb.copy_in(&vec![0; 4 << 20]), Err(Error::Allocation { .. })));
}

#[test]
fn an_enum_is_shown_by_the_name_of_its_value() {
    use basics::basics_color;

    let shown = [basics_color(1), basics_color::BASICS_GREEN, basics_color(99), basics_color(0)].map(|color| format!("{color:?}"));
    assert_eq!(shown, ["basics_color::BASICS_RED", "basics_color::BASICS_GREEN", "basics_color(99)", "basics_color(0)"]);
}
