//! Views, readers and writers of guest memory, at its edges too.

use std::cmp::Ordering;
use std::io::{BufRead, ErrorKind, Read, Seek, SeekFrom, Write};

use sandbox::{Error, Sandbox, TaintedPtr};

use crate::basics::basics;

type Sb = Sandbox<basics::Library>;
type Bytes = TaintedPtr<u8, basics::Library>;

/// A pointer of the guest's choice.
pub(crate) fn at(sb: &mut Sb, address: u32) -> Bytes {
    let place = sb.alloc::<u32>(1).unwrap();
    sb.write(place.as_ptr(), address).unwrap();
    sb.read(place.as_ptr().cast::<Bytes>()).unwrap()
}

fn size(sb: &Sb) -> u32 {
    u32::try_from(sb.memory_size().unwrap()).unwrap()
}

#[test]
fn a_reader_reads_lines_and_seeks() {
    let sb = &mut Sb::new().unwrap();
    let text = sb.copy_in(b"one\ntwo\nthree").unwrap();
    let mut reader = sb.reader(text.as_ptr(), text.len()).unwrap().unverified_because("the test wrote it");
    assert_eq!(reader.by_ref().lines().map(Result::unwrap).collect::<Vec<_>>(), ["one", "two", "three"]);
    reader.seek(SeekFrom::Start(4)).unwrap();
    let mut rest = String::new();
    reader.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "two\nthree");
}

#[test]
fn a_writer_stays_in_its_range() {
    let sb = &mut Sb::new().unwrap();
    let block = sb.copy_in(b"0123456789").unwrap();
    let mut writer = sb.writer(block.as_ptr().add(2), 4).unwrap();
    assert_eq!(writer.write(b"abcdef").unwrap(), 4);
    assert_eq!(writer.write_all(b"x").unwrap_err().kind(), ErrorKind::WriteZero);
    writer.seek(SeekFrom::Start(1)).unwrap();
    writer.write_all(b"B").unwrap();
    writer.seek(SeekFrom::Start(u64::MAX)).unwrap();
    assert_eq!(writer.write(b"x").unwrap(), 0);
    assert_eq!(writer.fill_from(&mut &b"x"[..]).unwrap(), 0);
    writer.seek(SeekFrom::Start(2)).unwrap();
    assert_eq!(writer.fill_from(&mut &b"CDEFGH"[..]).unwrap(), 2);
    assert_eq!(sb.copy_out(block.as_ptr(), 10).unwrap().unverified_because("the test wrote it"), b"01aBCD6789");
}

#[test]
fn ranges_of_the_guests_choice_are_inside_or_refused() {
    let sb = &mut Sb::new().unwrap();
    let size = size(sb);
    for (address, count, inside) in [
        (size - 8, 8, true),
        (size - 8, 9, false),
        (size, 0, true),
        (size, 1, false),
        (size.wrapping_add(1), 0, false),
        // C's "nothing".
        (0, 0, true),
        (0, 1, false),
        (1, u32::MAX, false),
        (u32::MAX, u32::MAX, false),
        (u32::MAX, 0, false),
        (0x8000_0000, 0x8000_0000, false),
    ] {
        let pointer = at(sb, address);
        let start = sb.copy_in(b"abcdefgh").unwrap();
        assert_eq!(sb.view(pointer, count).is_ok(), inside, "view {address:#x} {count}");
        assert_eq!(sb.reader(pointer, count).is_ok(), inside);
        assert_eq!(sb.writer(pointer, count).is_ok(), inside);
        assert_eq!(sb.fill(pointer, 7, count).is_ok(), inside);
        assert_eq!(sb.check_range(pointer, count).is_ok(), inside);
        let few = count.min(8);
        assert_eq!(sb.copy_within(start.as_ptr(), pointer, few).is_ok(), sb.view(pointer, few).is_ok());
        assert!(sb.view_slice(pointer.cast::<u64>(), u32::MAX).is_err() && sb.read_slice(pointer.cast::<u64>(), u32::MAX).is_err());
    }
}

#[test]
fn guest_memory_is_copied_compared_and_set() {
    let sb = &mut Sb::new().unwrap();
    let block = sb.copy_in(b"abcdefgh").unwrap();
    let start = block.as_ptr();
    sb.copy_within(start.add(2), start, 6).unwrap();
    assert_eq!(sb.copy_out(start, 8).unwrap().unverified_because("the test wrote it"), b"ababcdef");
    let order = sb.compare(start, start.add(2), 2).unwrap();
    assert_eq!(order.unverified_because("the test wrote it"), Ordering::Equal);
    sb.fill(start.add(7), b'!', 1).unwrap();
    assert_eq!(sb.copy_out(start, 8).unwrap().unverified_because("the test wrote it"), b"ababcde!");
}

#[test]
fn structs_are_viewed_one_at_a_time() {
    let sb = &mut Sb::new().unwrap();
    let nodes = sb.alloc::<basics::basics_node>(3).unwrap();
    for index in 0..3u32 {
        sb.write(nodes.as_ptr().add(index).wide(), u64::from(index) + 7).unwrap();
    }
    let view = sb.view_slice(nodes.as_ptr(), 3).unwrap();
    assert!(view.get(3).is_none() && view.get(usize::MAX).is_none() && view.len() == 3);
    let wide: Vec<_> = view.iter().rev().map(|node| node.wide.unverified_because("the test wrote it")).collect();
    assert_eq!(wide, [9, 8, 7]);
}

#[test]
fn there_are_as_many_elements_of_size_0_as_were_asked_for() {
    let sb = &mut Sandbox::<crate::calls::calls::Library>::new().unwrap();
    let place = sb.alloc::<u8>(1).unwrap();
    let nothing = place.as_ptr().cast::<crate::calls::calls::calls_empty>();
    for count in [0, 1, 1000] {
        assert_eq!(sb.read_slice(nothing, count).unwrap().len(), usize::try_from(count).unwrap());
        assert_eq!(sb.view_slice(nothing, count).unwrap().len(), usize::try_from(count).unwrap());
        assert_eq!(sb.view_slice(nothing, count).unwrap().iter().count(), usize::try_from(count).unwrap());
    }
}

#[test]
fn a_slice_with_a_pointer_of_another_sandbox_writes_nothing() {
    let (sb, other) = (&mut Sb::new().unwrap(), &mut Sb::new().unwrap());
    let foreign = other.copy_in(b"x").unwrap();
    let places = sb.alloc::<Bytes>(2).unwrap();
    let own = sb.copy_in(b"y").unwrap();
    let error = sb.write_slice(places.as_ptr(), &[own.as_ptr(), foreign.as_ptr()]).unwrap_err();
    assert!(matches!(error, Error::WrongSandbox { .. }), "{error}");
    assert!(sb.read(places.as_ptr()).unwrap().is_null());
}
