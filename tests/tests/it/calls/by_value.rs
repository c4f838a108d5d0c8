//! Structs and unions by value, in calls and in callbacks.

use sandbox::Tainted;

use super::{calls, fresh, value, works};

fn big(sb: &mut super::Sb) -> calls::calls_big {
    let mut big = calls::calls_big::zeroed();
    big.wide = (i64::MIN + 5).into();
    big.real = (-0.5).into();
    big.small = f32::INFINITY.into();
    big.bytes = [1, 2, 3, 4, 255].map(Tainted::new);
    big.pointer = sb.copy_in(b"kept").unwrap().leak().cast();
    big
}

#[test]
fn each_shape_of_struct_comes_back_as_c_made_it() {
    let sb = &mut fresh();
    let mut s = calls::calls_char::zeroed();
    s.c = 100_i8.into();
    assert_eq!(value(calls::calls_pass_char(sb, s, 56).unwrap().c), -100);
    let mut s = calls::calls_float::zeroed();
    s.f = 1.25.into();
    assert_eq!(value(calls::calls_pass_float(sb, s).unwrap().f), 2.5);
    let mut s = calls::calls_nested::zeroed();
    s.outer.inner[0].c = 7.into();
    assert_eq!(value(calls::calls_pass_nested(sb, s).unwrap().outer.inner[0].c), -7);
    let mut s = calls::calls_pair::zeroed();
    (s.a, s.b) = (3.into(), (-4).into());
    let s = calls::calls_pass_pair(sb, s, 10).unwrap();
    assert_eq!((value(s.a), value(s.b)), (30, -40));
    let mut s = calls::calls_padded::zeroed();
    s.c = 9.into();
    assert_eq!(value(calls::calls_pass_padded(sb, s).unwrap().c), 10);
    let mut s = calls::calls_array::zeroed();
    s.values = [i16::MIN, 2].map(Tainted::new);
    assert_eq!(calls::calls_pass_array(sb, s).unwrap().values.map(value), [2, i16::MIN]);
    let mut s = calls::calls_bits::zeroed();
    s.only = 30.into();
    assert_eq!(value(calls::calls_pass_bits(sb, s).unwrap().only), 31);
    works(sb);
}

#[test]
fn an_empty_struct_is_passed_as_nothing() {
    let sb = &mut fresh();
    let sum = sb.alloc::<i32>(1).unwrap();
    let _: calls::calls_empty = calls::calls_pass_empty(sb, 40, calls::calls_empty::zeroed(), 2, &sum).unwrap();
    assert_eq!(value(sb.read(sum.as_ptr()).unwrap()), 42);
}

#[test]
fn a_large_struct_goes_by_a_copy_and_comes_by_a_place() {
    let sb = &mut fresh();
    let given = big(sb);
    let stack = value(calls::calls_stack(sb).unwrap());
    let got = calls::calls_pass_big(sb, 10, given, 1.0).unwrap();
    assert_eq!(value(got.wide), i64::MIN + 15);
    assert_eq!(value(got.real), 0.5);
    assert_eq!(value(got.small), f32::NEG_INFINITY);
    assert_eq!(got.bytes.map(value), [2, 3, 4, 5, 0]);
    assert_eq!(value(got.pointer.address()), value(given.pointer.address()) + 1);
    assert_eq!(value(calls::calls_stack(sb).unwrap()), stack);
}

#[test]
fn an_over_aligned_struct_lies_where_c_expects_it() {
    let sb = &mut fresh();
    let aligned = sb.alloc::<i32>(1).unwrap();
    let mut s = calls::calls_over::zeroed();
    s.d = 1.5.into();
    assert_eq!(value(calls::calls_pass_over(sb, s, &aligned).unwrap().d), 2.5);
    assert_eq!(value(sb.read(aligned.as_ptr()).unwrap()), 1);
}

#[test]
fn unions_are_passed_too() {
    let sb = &mut fresh();
    let mut one = calls::calls_one::zeroed();
    one.set_wide(u64::MAX).unwrap();
    assert_eq!(value(calls::calls_pass_one(sb, one).unwrap().wide()), 0);
    let mut either = calls::calls_either::zeroed();
    either.set_real(0.75).unwrap();
    assert_eq!(value(calls::calls_pass_either(sb, either, 1).unwrap().real()), 1.5);
    either.set_wide(41).unwrap();
    assert_eq!(value(calls::calls_pass_either(sb, either, 0).unwrap().wide()), 42);
}

#[test]
fn callbacks_take_and_return_them() {
    let sb = &mut fresh();
    let given = big(sb);
    let callback = sb
        .register_callback::<calls::calls_big_callback, _>(|_, (pair, c, mut big, either)| {
            assert_eq!((value(pair.a), value(pair.b), value(c.c), value(either.real())), (1, -2, -3, 0.5));
            big.real += 2.0;
            Ok(big)
        })
        .unwrap();
    let got = calls::calls_through(sb, &callback, given).unwrap();
    assert_eq!((value(got.wide), value(got.real)), (i64::MIN + 6, 1.5));
    assert_eq!(got.bytes.map(value), [1, 2, 3, 4, 255]);

    let callback = sb
        .register_callback::<calls::calls_char_callback, _>(|_, float| {
            let mut c = calls::calls_char::zeroed();
            c.c = float.f.verify(|f| if f == -8.0 { Ok(-8_i8) } else { Err("another number") })?.into();
            Ok(c)
        })
        .unwrap();
    let mut float = calls::calls_float::zeroed();
    float.f = (-8.0).into();
    assert_eq!(value(calls::calls_through_char(sb, &callback, float).unwrap().c), -8);
}

#[test]
fn a_struct_that_holds_a_pointer_of_another_sandbox_is_refused() {
    let (one, two) = (&mut fresh(), &mut fresh());
    let given = big(one);
    let error = calls::calls_pass_big(two, 1, given, 1.0).unwrap_err();
    assert_eq!(error.to_string(), "argument `s` of `calls_pass_big` belongs to another sandbox or to this one before it was reset");
    let foreign = given.pointer;
    let callback = two
        .register_callback::<calls::calls_big_callback, _>(move |_, (_, _, mut big, _)| {
            big.pointer = foreign;
            Ok(big)
        })
        .unwrap();
    let own = big(two);
    let error = calls::calls_through(two, &callback, own).unwrap_err();
    assert!(matches!(error.callback_error(), Some(sandbox::Error::WrongSandbox { .. })), "{error}");
    assert!(error.poisons());
    super::poisoned_until_reset(two);
}
