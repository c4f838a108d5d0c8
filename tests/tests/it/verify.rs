//! Values of a real guest, verified by rules and by `#[derive(Verify)]`.

use sandbox::{CBool, Error, MemoryError, Rule, Sandbox, Tainted, TaintedFn, TaintedPtr, Verify, VerifyEach, Void, rules};

use crate::basics::basics;
use crate::views::at;

type Sb = Sandbox<basics::Library>;
type Node = TaintedPtr<basics::basics_node, basics::Library>;

#[derive(Verify, Debug, PartialEq)]
#[verify(from = basics::basics_node, relation(wide > tiny), relation(numbers_0 * 2 != wide))]
struct Checked {
    #[verify(rules::range(-100..=100))]
    tiny: i64,
    #[verify(rules::at_most(1_000))]
    wide: u64,
    #[verify(field = ratio, rules::finite().and(rules::range(0.0..1.0)))]
    share: f64,
    #[verify(rules::finite())]
    precise: f64,
    #[verify(rules::boolean())]
    flag: bool,
    #[verify(rules::known())]
    color: basics::basics_color,
    #[verify(each(rules::multiple_of(2)))]
    numbers: [i16; 3],
    #[verify(field = tiny, unverified_because = "a byte of any value can be shown")]
    numbers_0: i8,
    #[verify(nested)]
    nested: Inner,
}

#[derive(Verify, Debug, PartialEq)]
#[verify(from = basics::basics_node_nested)]
struct Inner {
    #[verify(rules::power_of_two().or(rules::equal_to(-1)))]
    inner: i32,
}

fn node() -> basics::basics_node {
    let mut node = basics::basics_node::zeroed();
    node.tiny = (-5).into();
    node.wide = 17.into();
    node.ratio = 0.5.into();
    node.precise = 1e300.into();
    node.flag = CBool::from(true).into();
    node.color = basics::BASICS_GREEN.into();
    node.numbers = [2, -4, 6].map(Tainted::new);
    node.nested.inner = (-1).into();
    node
}

fn written(sb: &mut Sb, node: basics::basics_node) -> sandbox::Allocation<basics::basics_node, basics::Library> {
    let place = sb.alloc(1).unwrap();
    sb.write(place.as_ptr(), node).unwrap();
    place
}

#[test]
fn a_struct_that_keeps_every_rule_becomes_the_hosts() {
    let sb = &mut Sb::new().unwrap();
    let place = written(sb, node());
    let checked: Checked = sb.read_verified(place.as_ptr()).unwrap();
    let expected = Checked {
        tiny: -5,
        wide: 17,
        share: 0.5,
        precise: 1e300,
        flag: true,
        color: basics::BASICS_GREEN,
        numbers: [2, -4, 6],
        numbers_0: -5,
        nested: Inner { inner: -1 },
    };
    assert_eq!(checked, expected);
}

#[test]
fn each_broken_rule_is_named_with_its_field_its_type_and_the_number() {
    type Break = fn(&mut basics::basics_node);
    let cases: [(Break, &str); 9] = [
        (|node| node.tiny = (-101).into(), "field `tiny` (`int8_t`) from the guest is not within -100..=100, but -101"),
        (|node| node.wide = u64::MAX.into(), "field `wide` (`uint64_t`) from the guest is not at most 1000, but 18446744073709551615"),
        (|node| node.ratio = f32::NAN.into(), "field `share` (`float`) from the guest is not finite, but NaN"),
        (|node| node.ratio = 1.0.into(), "field `share` (`float`) from the guest is not within 0.0..1.0, but 1.0"),
        (|node| node.flag = CBool::from_byte(2).into(), "field `flag` (`_Bool`) from the guest is not 0 or 1, but 2"),
        (
            |node| node.color = basics::basics_color(99).into(),
            "field `color` (`basics_color`) from the guest is not a constant of its enum, but 99",
        ),
        (|node| node.numbers[1] = 3.into(), "field `numbers[1]` (`int16_t`) from the guest is not a multiple of 2, but 3"),
        (
            |node| node.nested.inner = i32::MIN.into(),
            "field `nested.inner` (`int32_t`) from the guest is not a power of two, nor equal to -1, but -2147483648",
        ),
        (|node| node.tiny = 50.into(), "a `basics_node` from the guest is not such that `wide > tiny`"),
    ];
    let sb = &mut Sb::new().unwrap();
    for (break_it, message) in cases {
        let mut broken = node();
        break_it(&mut broken);
        let place = written(sb, broken);
        let error = sb.read_verified::<Checked, _>(place.as_ptr()).unwrap_err();
        assert_eq!(error.to_string(), message);
        assert!(matches!(error, Error::Verify(_)) && !error.poisons() && !sb.is_poisoned());
    }
}

#[test]
fn a_struct_at_the_end_of_memory_is_read_whole_or_not_at_all() {
    let sb = &mut Sb::new().unwrap();
    let size = u32::try_from(sb.memory_size().unwrap()).unwrap();
    let bytes = <basics::basics_node as sandbox::GuestType<basics::Library>>::SIZE;
    let last: Node = at(sb, size - bytes).cast();
    sb.write(last, node()).unwrap();
    assert!(sb.read_verified::<Checked, _>(last).is_ok());
    for address in [size - bytes + 1, size - 1, size, u32::MAX - 3] {
        let outside: Node = at(sb, address).cast();
        assert!(matches!(sb.read_verified::<Checked, _>(outside), Err(Error::Memory(MemoryError::OutOfBounds { .. }))), "{address:#x}");
    }
}

#[test]
fn a_field_of_null_is_null() {
    let sb = &mut Sb::new().unwrap();
    let null = Node::null();
    assert!(null.numbers().is_null() && null.numbers().index(2).unwrap().address().verify_with(rules::equal_to(4)).is_ok());
    assert!(matches!(sb.read(null.next()), Err(Error::Memory(MemoryError::Null))));
}

#[test]
fn slices_strings_and_bytes_are_verified() {
    let sb = &mut Sb::new().unwrap();
    let text = sb.copy_in_c_str(c"largo al factotum").unwrap();
    let read = sb.read_c_str(text.as_ptr(), 100).unwrap();
    assert_eq!(read.clone().verify_with(rules::printable().and(rules::length(..=17))).unwrap(), "largo al factotum");
    assert_eq!(read.verify_with(rules::ascii().and(rules::length(..17))).unwrap_err().rule(), "of a length within ..17");
    let numbers = sb.alloc::<u32>(3).unwrap();
    sb.write_slice(numbers.as_ptr(), &[3, 1, 2].map(Tainted::new)).unwrap();
    let read = sb.read_slice(numbers.as_ptr(), 3).unwrap();
    assert_eq!(read.verify_each(rules::range(1..=3)).unwrap(), [3, 1, 2]);
    assert_eq!(read.verify_each(rules::at_most(2)).unwrap_err().field(), "[0]");
    let sum = sb.view_slice(numbers.as_ptr(), 3).unwrap().iter().fold(Tainted::new(0), |sum, number| sum + number);
    assert_eq!(sum.verify_with(rules::equal_to(6)).unwrap(), 6);
}

#[test]
fn an_index_of_the_guest_is_checked_against_the_array() {
    let sb = &mut Sb::new().unwrap();
    let place = written(sb, node());
    let numbers = place.as_ptr().numbers();
    for (index, expected) in [(0, Some(2)), (2, Some(6)), (3, None), (u32::MAX, None)] {
        let index = basics::basics_uint(sb, index).unwrap();
        let found = numbers.index(index).and_then(|number| sb.read(number)).map(|number| number.verify(Ok::<_, ()>).unwrap());
        assert_eq!(found.ok(), expected);
    }
}

#[test]
fn what_the_guest_computes_stays_tainted_through_arithmetic() {
    let sb = &mut Sb::new().unwrap();
    let (zero, most) = (basics::basics_int(sb, 0).unwrap(), basics::basics_int(sb, i32::MIN).unwrap());
    assert_eq!((most / -1).verify_with(rules::equal_to(i32::MIN)), Ok(i32::MIN));
    assert_eq!(most.checked_div(zero).verify(|quotient| quotient.ok_or("by zero")), Err("by zero"));
    let capped = most.lt(zero).select(zero, most);
    assert_eq!(capped.verify_with(rules::range(0..)).unwrap(), 0);
}

type Callback = TaintedFn<fn(TaintedPtr<Void, basics::Library>, i32) -> i32, basics::Library>;

#[derive(Verify, Debug)]
#[verify(from = basics::basics_node)]
struct Small {
    #[verify(rules::range(0..=9))]
    tiny: i8,
    #[verify(rules::into("in ascending order", |numbers: [i16; 3]| numbers.is_sorted().then_some(numbers)))]
    numbers: [i16; 3],
    #[verify(rules::that("without a callback", |callback: &Callback| callback.is_null()))]
    callback: Callback,
    #[verify(rules::into("a nested struct of zero", |inner: basics::basics_node_nested| inner.inner.verify_with(rules::equal_to(0)).ok()))]
    nested: i32,
}

#[test]
fn a_slice_of_structs_is_verified_one_by_one() {
    let sb = &mut Sb::new().unwrap();
    let place = sb.alloc::<basics::basics_node>(3).unwrap();
    let mut nodes = [basics::basics_node::zeroed(); 3];
    nodes[2].tiny = 9.into();
    nodes[1].numbers = [1, 1, 2].map(Tainted::new);
    sb.write_slice(place.as_ptr(), &nodes).unwrap();
    let verified: Vec<Small> = sb.read_slice_verified(place.as_ptr(), 3).unwrap();
    assert_eq!(verified.iter().map(|small| small.tiny).collect::<Vec<_>>(), [0, 0, 9]);
    assert_eq!(verified[1].numbers, [1, 1, 2]);
    assert!(verified.iter().all(|small| small.callback.is_null() && small.nested == 0));
    nodes[1].numbers = [2, 1, 1].map(Tainted::new);
    sb.write_slice(place.as_ptr(), &nodes).unwrap();
    let error = sb.read_slice_verified::<Small, _>(place.as_ptr(), 3).unwrap_err();
    assert_eq!(error.to_string(), "field `[1].numbers` (`int16_t[3]`) from the guest is not in ascending order");
    nodes[1] = basics::basics_node::zeroed();
    nodes[0].nested.inner = 1.into();
    sb.write_slice(place.as_ptr(), &nodes).unwrap();
    let error = sb.read_slice_verified::<Small, _>(place.as_ptr(), 3).unwrap_err();
    assert_eq!(error.to_string(), "field `[0].nested` (`basics_node_nested`) from the guest is not a nested struct of zero");
    assert!(matches!(sb.read_slice_verified::<Small, _>(place.as_ptr(), u32::MAX), Err(Error::Memory(MemoryError::TooLarge { .. }))));
}

#[test]
fn a_string_goes_into_a_buffer_whole_or_not_at_all() {
    let sb = &mut Sb::new().unwrap();
    let buffer = sb.copy_in(&[b'x'; 8]).unwrap();
    let text = buffer.as_ptr().cast::<i8>();
    assert!(matches!(sb.write_c_str(text, 8, c"12345678"), Err(Error::Memory(MemoryError::StringTooLong { capacity: 8 }))));
    assert_eq!(sb.copy_out(buffer.as_ptr(), 8).unwrap().unverified_because("the test wrote it"), [b'x'; 8]);
    sb.write_c_str(text, 8, c"1234567").unwrap();
    assert_eq!(sb.read_c_str(text, 7).unwrap().unverified_because("the test wrote it").as_c_str(), c"1234567");
}

/// As a host keeps it: in a struct of its own, copied, without a lifetime.
#[test]
fn a_tainted_value_lives_in_a_struct_of_the_host() {
    #[derive(Clone, Copy)]
    struct Session {
        handle: Node,
        count: Tainted<u32, basics::Library>,
    }
    assert_eq!(std::mem::size_of::<Tainted<u32, basics::Library>>(), 4);
    let sb = &mut Sb::new().unwrap();
    let place = written(sb, node());
    let session = Session { handle: place.as_ptr(), count: Tainted::new(3) };
    let copy = session;
    assert!(sb.read_verified::<Checked, _>(copy.handle).is_ok());
    assert_eq!((copy.count + session.count).verify_with(rules::equal_to(6)).unwrap(), 6);
}

#[derive(Verify, Debug, PartialEq)]
#[verify(from = basics::basics_node, relation(wide * wide >= tiny), relation(share != 0.25))]
struct Exact {
    #[verify(unverified_because = "the relation is about it")]
    tiny: i8,
    #[verify(unverified_because = "the relation is about it")]
    wide: u64,
    #[verify(field = ratio, unverified_because = "the relation is about it")]
    share: f32,
    #[verify(unverified_because = "an array is released whole")]
    numbers: [i16; 3],
}

#[test]
fn a_relation_without_an_answer_does_not_hold() {
    let sb = &mut Sb::new().unwrap();
    let cases: [(u64, f32, bool); 4] = [(3, 0.5, true), (u64::MAX, 0.5, false), (3, f32::NAN, false), (3, 0.25, false)];
    for (wide, ratio, holds) in cases {
        let mut node = node();
        (node.wide, node.ratio) = (wide.into(), ratio.into());
        let place = written(sb, node);
        let verified = sb.read_verified::<Exact, _>(place.as_ptr());
        assert_eq!(verified.map(|exact| exact.numbers).ok(), holds.then_some([2, -4, 6]), "{wide} {ratio}");
    }
}

#[test]
fn a_bool_and_null_are_written_like_numbers() {
    let sb = &mut Sb::new().unwrap();
    let place = written(sb, node());
    sb.write(place.as_ptr().flag(), false).unwrap();
    sb.write(place.as_ptr().next(), sandbox::null()).unwrap();
    assert!(sb.read(place.as_ptr().next()).unwrap().is_null());
}

#[test]
fn text_and_bytes_of_the_guest_are_in_no_message() {
    let sb = &mut Sb::new().unwrap();
    let secret = sb.copy_in_c_str(c"secret\x1b[2J").unwrap();
    let text = sb.read_c_str(secret.as_ptr(), 100).unwrap();
    let bytes = sb.copy_out(secret.as_ptr().cast::<u8>(), 6).unwrap();
    let errors = [
        text.clone().verify_with(rules::printable()).unwrap_err(),
        text.clone().verify_with(rules::length(..5)).unwrap_err(),
        text.clone().verify_with(rules::that("short", |text: &std::ffi::CString| text.is_empty())).unwrap_err(),
        text.verify_with(rules::into("a number", |text: std::ffi::CString| text.to_str().ok()?.parse::<u32>().ok())).unwrap_err(),
        bytes.clone().verify_with(rules::one_of([b"public".to_vec()])).unwrap_err(),
        bytes.verify_with(rules::length(7..)).unwrap_err(),
    ];
    for error in &errors {
        assert!(!error.to_string().contains("secret") && !error.to_string().contains("115"), "{error}");
    }
    assert_eq!(errors.map(|error| error.value().map(str::to_owned)), [None, Some("10".into()), None, None, None, Some("6".into())]);
}

#[test]
fn an_address_that_breaks_a_rule_is_shown_in_hex() {
    let sb = &mut Sb::new().unwrap();
    let odd: TaintedPtr<u8, basics::Library> = at(sb, 0xfff1);
    let error = rules::aligned_to(16).check(odd).map(drop).unwrap_err();
    let error = sandbox::VerifyError::new::<TaintedPtr<u8, basics::Library>>(error);
    assert_eq!(error.value(), Some("0xfff1"));
    assert!(error.to_string().ends_with("is not aligned to 16 bytes, but 0xfff1"), "{error}");
}

#[test]
fn a_rule_is_cloned_and_used_again() {
    let rule = rules::range(1..=8).and(rules::power_of_two()).or(rules::one_of([0, 3]));
    let word = rules::printable::<std::ffi::CString>().and(rules::length(1..=5));
    let index = rules::index_of::<i32>(4);
    for (value, holds) in [(4, true), (3, true), (6, false), (-1, false)] {
        let value = Tainted::<i32, basics::Library>::new(value);
        assert_eq!(value.verify_with(rule.clone()).is_ok(), holds);
    }
    for (value, holds) in [(3, true), (4, false), (-1, false)] {
        let verified = Tainted::<i32, basics::Library>::new(value).verify_with(index.clone());
        assert_eq!(verified.is_ok(), holds);
        assert!(verified.is_ok() || verified.unwrap_err().value() == Some(&value.to_string()));
    }
    for (text, holds) in [(c"word", true), (c"longer", false)] {
        let text = Tainted::<_, basics::Library>::new(text.to_owned());
        assert_eq!(text.verify_with(word.clone()).is_ok(), holds);
    }
}

#[test]
fn the_size_of_a_type_is_the_guests() {
    assert_eq!(sandbox::size_of::<basics::basics_node, _>(), <basics::basics_node as sandbox::GuestType<basics::Library>>::SIZE);
    assert_eq!(sandbox::size_of::<Node, basics::Library>(), 4, "a pointer of a 32-bit guest");
    const { assert!(sandbox::size_of::<[u16; 3], basics::Library>() == 6) };
}
