//! Every access of the host to guest memory, held to a slow model: addresses and lengths near 0, the memory's size, 2³¹ and 2³².

use std::cell::RefCell;
use std::io::{BufRead, Read, Write};

use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use sandbox::{Error, MemoryError, Sandbox, Tainted, TaintedPtr};

use crate::basics::basics;
use crate::types::types;

type Lib = basics::Library;
type Sb = Sandbox<Lib>;
type Ptr<T> = TaintedPtr<T, Lib>;

/// A sandbox and one pointer of it, from which arithmetic reaches every address.
struct Guest {
    sb: Sb,
    origin: Ptr<u8>,
    origin_address: u32,
    size: u64,
}

impl Guest {
    fn new() -> Self {
        let mut sb = Sb::new().unwrap();
        let origin = sb.alloc::<u8>(16).unwrap().leak();
        let size = sb.memory_size().unwrap() as u64;
        Self { origin_address: origin.address().unverified_because("the test has to know it"), size, sb, origin }
    }

    fn at(&self, address: u32) -> Ptr<u8> {
        self.origin.add(address.wrapping_sub(self.origin_address))
    }
}

/// What every accessor has to decide, with nothing that can overflow: all bytes of the range are
/// there, and it is not null unless it is empty.
fn allowed(address: u32, bytes: u128, size: u64) -> bool {
    let end = u128::from(address) + bytes;
    if address == 0 { bytes == 0 } else { end <= u128::from(size) }
}

/// Numbers near the edges, and some from anywhere.
fn number(size: u64) -> impl Strategy<Value = u32> {
    let edges = prop::sample::select(vec![0, size, 1 << 31, 1 << 32, size / 2, size / 4, size / 8]);
    prop_oneof![
        8 => (edges, -40_i64..=40).prop_map(|(edge, by)| u32::try_from(edge.saturating_add_signed(by) & 0xffff_ffff).unwrap()),
        1 => any::<u32>(),
    ]
}

/// Tells how a result compares with the model: nothing is accepted wrongly, and nothing refused wrongly, and the refusal says why.
fn agrees<T>(result: Result<T, Error>, allowed: bool, what: &str) -> Result<(), TestCaseError> {
    match result {
        Ok(_) => prop_assert!(allowed, "{what} was accepted"),
        Err(Error::Memory(error)) => {
            prop_assert!(!allowed, "{what} was refused: {error}");
            prop_assert!(
                matches!(error, MemoryError::OutOfBounds { .. } | MemoryError::Null | MemoryError::TooLarge { .. }),
                "{what}: {error}"
            );
        }
        Err(other) => prop_assert!(false, "{what}: {other}"),
    }
    Ok(())
}

/// The accessors that take a pointer and a count, for elements of one type.
fn elements<T>(guest: &Guest, address: u32, count: u32) -> Result<(), TestCaseError>
where
    T: sandbox::GuestType<Lib>,
{
    let pointer = guest.at(address).cast::<T>();
    let bytes = u128::from(count) * u128::from(T::SIZE);
    // A 32-bit guest has no such range, wherever it would begin.
    let many = bytes <= u128::from(u32::MAX) && allowed(address, bytes, guest.size);
    agrees(guest.sb.view_slice(pointer, count), many, "view_slice")?;
    agrees(guest.sb.check_range(pointer, count), many, "check_range")?;
    agrees(guest.sb.read(pointer), allowed(address, T::SIZE.into(), guest.size), "read")?;
    // Copies are of what is allowed, which is memory that the guest has: a quarter of a gigabyte at most.
    if bytes <= 1 << 16 || !many {
        agrees(guest.sb.read_slice(pointer, count), many, "read_slice")?;
    }
    Ok(())
}

#[test]
fn reading_agrees_with_the_model() {
    let guest = Guest::new();
    let cases = (number(guest.size), number(guest.size), number(guest.size));
    TestRunner::new(Config { cases: 4_000, ..Config::default() })
        .run(&cases, |(address, count, other)| {
            elements::<u8>(&guest, address, count)?;
            elements::<u16>(&guest, address, count)?;
            elements::<f64>(&guest, address, count)?;
            elements::<[i32; 3]>(&guest, address, count)?;
            elements::<basics::basics_node>(&guest, address, count)?;
            let (pointer, fits) = (guest.at(address), allowed(address, count.into(), guest.size));
            agrees(guest.sb.view(pointer, count), fits, "view")?;
            let reader = guest.sb.reader(pointer, count);
            if let Ok(reader) = reader {
                prop_assert!(fits, "reader was accepted");
                let mut reader = reader.unverified_because("the test only counts");
                prop_assert_eq!(reader.fill_buf().unwrap().len(), count as usize);
                prop_assert!(reader.read(&mut [0; 8]).unwrap() <= count as usize);
            } else {
                prop_assert!(!fits, "reader was refused");
            }
            let both = fits && allowed(other, count.into(), guest.size);
            agrees(guest.sb.compare(pointer, guest.at(other), count), both, "compare")?;
            if count <= 1 << 16 || !fits {
                agrees(guest.sb.copy_out(pointer, count), fits, "copy_out")?;
            }
            Ok(())
        })
        .unwrap();
}

/// The last bytes of memory: what is written is there, so that the guest's own data stays as it is.
const PAGE: usize = 65_536;

/// Runs one write and compares the page with what the same write makes of a plain vector: exactly its range, or nothing at all.
fn writes(
    guest: &mut Guest,
    what: &str,
    allowed: bool,
    write: impl FnOnce(&mut Sb) -> Result<(), Error>,
    model: impl FnOnce(&mut Vec<u8>),
) -> Result<(), TestCaseError> {
    let page = guest.at(u32::try_from(guest.size).unwrap() - PAGE as u32);
    let bytes = |sb: &Sb| sb.copy_out(page, PAGE as u32).unwrap().unverified_because("the test compares it");
    let mut expected = bytes(&guest.sb);
    if allowed {
        model(&mut expected);
    }
    agrees(write(&mut guest.sb), allowed, what)?;
    prop_assert!(bytes(&guest.sb) == expected, "{what} has written something else");
    Ok(())
}

#[test]
fn writing_agrees_with_the_model_byte_for_byte() {
    let guest = Guest::new();
    let size = guest.size;
    let edge = prop_oneof![
        (size - 40..=size + 40).prop_map(|address| address as u32),
        number(size).prop_filter("the last page", move |a| { *a == 0 || u64::from(*a) >= size - PAGE as u64 })
    ];
    let cases = (edge.clone(), edge, 0_u32..80);
    let guest = RefCell::new(guest);
    TestRunner::new(Config { cases: 2_000, ..Config::default() })
        .run(&cases, |(address, other, count)| {
            let guest = &mut *guest.borrow_mut();
            let (pointer, from) = (guest.at(address), guest.at(other));
            // Only called for what is allowed: then it is in the page.
            let place = |address: u32| (address as usize).saturating_sub(size as usize - PAGE);
            let n = count as usize;
            let bytes: Vec<u8> = (0..count).map(|byte| byte as u8 ^ 0x5a).collect();
            let put = |page: &mut Vec<u8>, bytes: &[u8]| page[place(address)..][..bytes.len()].copy_from_slice(bytes);
            let fits = |bytes: u32| allowed(address, bytes.into(), size);

            writes(guest, "write_bytes", fits(count), |sb| sb.write_bytes(pointer, &bytes), |page| put(page, &bytes))?;
            writes(guest, "fill", fits(count), |sb| sb.fill(pointer, 9, count), |page| put(page, &vec![9; n]))?;
            let both = fits(count) && allowed(other, count.into(), size);
            let moved = |page: &mut Vec<u8>| page.copy_within(place(other)..place(other) + n, place(address));
            writes(guest, "copy_within", both, |sb| sb.copy_within(pointer, from, count), moved)?;
            let writer = |sb: &mut Sb| sb.writer(pointer, count).map(|mut writer| assert_eq!(writer.write(&bytes).unwrap(), n));
            writes(guest, "writer", fits(count), writer, |page| put(page, &bytes))?;
            let words = vec![Tainted::<u32, Lib>::new(0x0403_0201); n];
            let write = |sb: &mut Sb| sb.write_slice(pointer.cast::<u32>(), &words);
            writes(guest, "write_slice", fits(count * 4), write, |page| put(page, &[1, 2, 3, 4].repeat(n)))?;
            writes(guest, "write", fits(8), |sb| sb.write(pointer.cast::<u64>(), 1), |page| put(page, &1_u64.to_le_bytes()))?;
            let write = |sb: &mut Sb| sb.write_c_str(pointer.cast(), 8, c"1234567");
            writes(guest, "write_c_str", fits(8), write, |page| put(page, b"1234567\0"))
        })
        .unwrap();
}

/// A bit-field takes the bytes that have a part of it: `f` has bits 14 to 53 of its struct, which are in bytes 1 to 6.
#[test]
fn bit_fields_agree_with_the_model() {
    let mut sb = Sandbox::<types::Library>::new().unwrap();
    let origin = sb.alloc::<u8>(16).unwrap().leak();
    let origin_address = origin.address().unverified_because("the test has to know it");
    let size = sb.memory_size().unwrap() as u64;
    let sb = RefCell::new(sb);
    TestRunner::new(Config { cases: 2_000, ..Config::default() })
        .run(&number(size), |address| {
            let sb = &mut *sb.borrow_mut();
            let bits = origin.add(address.wrapping_sub(origin_address)).cast::<types::bits>().f();
            let fits = address != 0 && allowed(address.wrapping_add(1), 6, size);
            let old = sb.read_bits(bits);
            let again = old.as_ref().ok().copied();
            agrees(old, fits, "read_bits")?;
            // What is written is what was there: these may be the guest's own data.
            agrees(sb.write_bits(bits, again.unwrap_or(Tainted::new(0))), fits, "write_bits")
        })
        .unwrap();
}

#[test]
fn strings_end_where_the_model_says() {
    let guest = Guest::new();
    let (size, length) = (guest.size, 200_u32);
    let start = u32::try_from(size).unwrap() - length;
    // The end of memory without a terminator, but for a few at chosen places.
    let cases = (0..=length + 2, prop_oneof![0_u32..300, Just(u32::MAX - 1), Just(u32::MAX)], prop::collection::vec(0..length, 0..3));
    let guest = RefCell::new(guest);
    TestRunner::new(Config { cases: 3_000, ..Config::default() })
        .run(&cases, |(offset, limit, terminators)| {
            let guest = &mut *guest.borrow_mut();
            let mut text = vec![b'x'; length as usize];
            for at in &terminators {
                text[*at as usize] = 0;
            }
            let block = guest.at(start);
            guest.sb.write_bytes(block, &text).unwrap();
            let found = guest.sb.read_c_str(guest.at(start.wrapping_add(offset)).cast(), limit);
            let expected =
                text.get(offset as usize..).and_then(|rest| rest.iter().position(|byte| *byte == 0)).filter(|n| *n <= limit as usize);
            match (found, expected) {
                (Ok(found), Some(expected)) => {
                    prop_assert_eq!(found.unverified_because("the test compares it").as_bytes().len(), expected);
                }
                (Err(Error::Memory(MemoryError::NoTerminator { .. } | MemoryError::OutOfBounds { .. })), None) => {}
                (found, expected) => prop_assert!(false, "{found:?} where {expected:?} was expected"),
            }
            Ok(())
        })
        .unwrap();
}

#[test]
fn an_allocation_as_large_as_a_guest_can_ask_for_is_an_error() {
    let mut sb = Sb::new().unwrap();
    for count in [u32::MAX, u32::MAX / 8, u32::MAX / 8 + 1, 1 << 31, 1 << 29] {
        assert!(matches!(sb.alloc::<u64>(count), Err(Error::Memory(MemoryError::TooLarge { .. }) | Error::Allocation { .. })), "{count}");
    }
    assert!(sb.alloc::<u64>(8).is_ok(), "the guest goes on");
}
