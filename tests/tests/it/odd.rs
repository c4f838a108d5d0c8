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
