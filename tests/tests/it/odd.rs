//! Declarations that a reader of headers easily gets wrong, called and read: the values are those
//! of C.

use sandbox::{Sandbox, Tainted};

sandbox::include_library!(odd);

type Lib = odd::Library;

pub(crate) fn fresh() -> Sandbox<Lib> {
    Sandbox::new().unwrap()
}

pub(crate) fn value<T>(tainted: Tainted<T, Lib>) -> T {
    tainted.unverified_because("the test looks at what came out")
}

#[test]
fn a_handle_by_the_name_of_its_struct() {
    let sb = &mut fresh();
    let mut list = sandbox::TaintedPtr::null();
    for head in [1, 2, 39] {
        list = odd::odd_push(sb, list, head).unwrap();
    }
    assert_eq!(value(odd::odd_sum(sb, list).unwrap()), 42);
    let pair = sb.alloc::<odd::struct_odd_pair>(1).unwrap();
    sb.write(pair.as_ptr().a(), 50).unwrap();
    sb.write(pair.as_ptr().b(), 8).unwrap();
    assert_eq!(value(odd::odd_difference(sb, &pair).unwrap()), 42);
}

#[test]
fn functions_that_are_inline_or_hidden() {
    let sb = &mut fresh();
    assert_eq!(value(odd::odd_twice(sb, 21).unwrap()), 42);
    assert_eq!(value(odd::odd_thrice(sb, 14).unwrap()), 42);
    assert_eq!(value(odd::odd_hidden(sb, 41).unwrap()), 42);
}

#[test]
fn an_enum_and_a_function_of_one_name() {
    let sb = &mut fresh();
    assert_eq!(value(odd::odd_level(sb, 11).unwrap()), odd::enum_odd_level::ODD_HIGH);
    assert_eq!(value(odd::odd_level(sb, 1).unwrap()), odd::enum_odd_level::ODD_LOW);
    assert_eq!(odd::enum_odd_level::ODD_MAX.0, 2);
}

#[test]
fn an_enum_is_shown_by_the_name_of_its_value() {
    // By the name that the bindings have for it.
    assert_eq!(format!("{:?}", (odd::enum_odd_level::ODD_MAX, odd::enum_odd_level(3))), "(enum_odd_level::ODD_MAX, enum_odd_level(3))");
}

#[test]
fn a_field_by_the_name_of_a_macro() {
    let sb = &mut fresh();
    let watcher = sb.alloc::<odd::odd_watcher>(1).unwrap();
    sb.write(watcher.as_ptr().u().sig().calls(), 42).unwrap();
    assert_eq!(value(odd::odd_calls(sb, &watcher).unwrap()), 42);
}

#[test]
fn constants_that_are_variables() {
    let sb = &mut fresh();
    let tag = sb.read(sb.global(odd::ODD_TAG).unwrap()).unwrap();
    assert_eq!(value(sb.read_c_str(tag, 10).unwrap()).as_c_str(), c"tag");
    let table = sb.global(odd::odd_table).unwrap();
    assert_eq!((0..3).map(|index| value(sb.read(table.index(index).unwrap()).unwrap())).collect::<Vec<_>>(), [1, 2, 3]);
    let operations = sb.global(odd::ODD_OPERATIONS).unwrap();
    let hidden = sb.read(operations.hidden()).unwrap();
    assert_eq!(value(hidden.call(sb, 41).unwrap()), 42);
    assert_eq!(value(sb.read(sb.global(odd::odd_setting).unwrap()).unwrap()), 3);
}

#[test]
fn macros_are_what_they_are_at_the_end() {
    assert_eq!((odd::ODD_NAME, odd::ODD_FULL), (c"omega", c"x-omega"));
    assert_eq!((odd::ODD_SIZE, odd::ODD_MASK), (8_u32, u64::MAX >> 4));
}

#[test]
fn as_many_variable_arguments_as_real_calls_have() {
    let sb = &mut fresh();
    let one = (1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 11);
    assert_eq!(value(odd::odd_add_all(sb, 32, one).unwrap()), 42);
    assert_eq!(value(odd::odd_add_all(sb, 13, (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13)).unwrap()), 91);
}

/// The sum of the squares up to this number: what the functions with many parameters return.
fn squares(last: u32) -> f64 {
    f64::from((1..=last).map(|number| number * number).sum::<u32>())
}

#[test]
fn thirty_two_parameters_arrive_in_order() {
    let sb = &mut fresh();
    let texts = [8, 16, 24, 32].map(|bytes| sb.copy_in_c_str(&std::ffi::CString::new("x".repeat(bytes)).unwrap()).unwrap());
    let [a, b, c, d] = &texts;
    #[rustfmt::skip]
    let sum = odd::odd_many(
        sb, 1, 2.0, 3, 4.0, 5, 6, 7, a, 9, 10.0, 11, 12.0, 13, 14, 15, b, 17, 18.0, 19, 20.0, 21, 22, 23, c, 25, 26.0, 27, 28.0, 29, 30, 31, d,
    );
    assert_eq!(value(sum.unwrap()), squares(32));
    let total = odd::odd_many_to_struct(sb, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18).unwrap();
    assert_eq!((value(total.sum), value(total.count)), (squares(18), 18));
    // By its address, which the guest returns.
    let pointer = odd::odd_get_many(sb).unwrap();
    #[rustfmt::skip]
    let sum = pointer.call(
        sb,
        (1, 2.0, 3, 4.0, 5, 6, 7, a, 9, 10.0, 11, 12.0, 13, 14, 15, b, 17, 18.0, 19, 20.0, 21, 22, 23, c, 25, 26.0, 27, 28.0, 29, 30, 31, d),
    );
    assert_eq!(value(sum.unwrap()), squares(32));
}

#[test]
fn a_callback_takes_thirty_two_parameters_and_a_place_for_its_result() {
    let sb = &mut fresh();
    #[rustfmt::skip]
    let many = sb.register_callback::<odd::odd_many_fn, _>(
        |sb, (a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, aa, ab, ac, ad, ae, af)| {
            let mut sum = 0.0;
            let mut number = 0.0;
            let mut add = |value: f64| {
                number += 1.0;
                sum += number * value;
            };
            let text = |text| Ok::<_, sandbox::Error>(value(sb.read_c_str(text, 40)?).as_bytes().len() as f64);
            for (whole, double, long, float, byte, short, unsigned, pointer) in
                [(a, b, c, d, e, f, g, h), (i, j, k, l, m, n, o, p), (q, r, s, t, u, v, w, x), (y, z, aa, ab, ac, ad, ae, af)]
            {
                add(value(whole).into());
                add(value(double));
                add(value(long) as f64);
                add(value(float).into());
                add(value(byte).into());
                add(value(short).into());
                add(value(unsigned).into());
                add(text(pointer)?);
            }
            Ok(sum)
        },
    );
    let many = many.unwrap();
    assert_eq!(value(odd::odd_call_many(sb, &many).unwrap()), squares(32));
    drop(many);
    #[rustfmt::skip]
    let wide = sb.register_callback::<odd::odd_wide_fn, _>(|_, (a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q)| {
        let all = [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q].map(value);
        let sum: i32 = all.iter().zip(1..).map(|(value, number)| value * number).sum();
        Ok(odd::odd_total { sum: f64::from(sum).into(), count: 17.into() })
    });
    let total = odd::odd_call_wide(sb, &wide.unwrap()).unwrap();
    assert_eq!((value(total.sum), value(total.count)), (squares(17), 17));
}

#[test]
fn a_pointer_to_a_function_with_other_parameters_is_refused_before_the_call() {
    let sb = &mut fresh();
    let wide = odd::odd_get_eighteen(sb).unwrap();
    let result = wide.call(sb, (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18));
    assert!(matches!(result, Err(sandbox::Error::FunctionPointer(sandbox::FunctionPointerError::Signature { .. }))), "{result:?}");
    assert_eq!(value(odd::odd_twice(sb, 21).unwrap()), 42);
}
