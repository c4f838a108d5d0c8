//! Guests that ask for what is theirs with arguments that make no sense.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use sandbox::{Clock, Error, Output, Random, Sandbox, Tainted, TaintedPtr};

use super::errno::{BADF, INVAL, MFILE, NAMETOOLONG, NOENT, NOSYS, NOTDIR, OVERFLOW, SPIPE};

sandbox::library! {
    #[precompiled(unsafe(include_bytes!(concat!(env!("OUT_DIR"), "/hostile/files.cwasm"))))]
    pub mod files {
        extern "C" {
            pub fn at(address: c_uint) -> *mut u8;
            pub fn args_get(strings: c_uint, bytes: c_uint) -> c_int;
            pub fn args_sizes_get(count: c_uint, size: c_uint) -> c_int;
            pub fn clock_res_get(id: c_uint, place: c_uint) -> c_int;
            pub fn clock_time_get(id: c_uint, precision: u64, place: c_uint) -> c_int;
            pub fn environ_get(strings: c_uint, bytes: c_uint) -> c_int;
            pub fn environ_sizes_get(count: c_uint, size: c_uint) -> c_int;
            pub fn fd_close(fd: c_uint) -> c_int;
            pub fn fd_fdstat_get(fd: c_uint, place: c_uint) -> c_int;
            pub fn fd_filestat_get(fd: c_uint, place: c_uint) -> c_int;
            pub fn fd_pread(fd: c_uint, iovecs: c_uint, count: c_uint, offset: u64, read: c_uint) -> c_int;
            pub fn fd_prestat_dir_name(fd: c_uint, place: c_uint, room: c_uint) -> c_int;
            pub fn fd_prestat_get(fd: c_uint, place: c_uint) -> c_int;
            pub fn fd_read(fd: c_uint, iovecs: c_uint, count: c_uint, read: c_uint) -> c_int;
            pub fn fd_readdir(fd: c_uint, place: c_uint, room: c_uint, cookie: u64, used: c_uint) -> c_int;
            pub fn fd_seek(fd: c_uint, offset: u64, whence: c_uint, place: c_uint) -> c_int;
            pub fn fd_tell(fd: c_uint, place: c_uint) -> c_int;
            pub fn fd_write(fd: c_uint, iovecs: c_uint, count: c_uint, written: c_uint) -> c_int;
            pub fn path_filestat_get(fd: c_uint, flags: c_uint, path: c_uint, length: c_uint, place: c_uint) -> c_int;
            pub fn path_open(
                fd: c_uint, lookup: c_uint, path: c_uint, length: c_uint, flags: c_uint, rights: u64, inheriting: u64, more: c_uint, place: c_uint
            ) -> c_int;
            pub fn random_get(place: c_uint, count: c_uint) -> c_int;
            pub fn path_unlink_file(fd: c_uint, path: c_uint, length: c_uint) -> c_int;
            pub fn open_often(times: c_uint, path: c_uint, length: c_uint) -> c_uint;
        }
    }
}

sandbox::library! {
    #[precompiled(unsafe(include_bytes!(concat!(env!("OUT_DIR"), "/hostile/odd_imports.cwasm"))))]
    pub mod odd_imports {
        extern "C" {
            pub fn clock() -> c_int;
            pub fn read() -> c_int;
            pub fn open() -> c_int;
            pub fn random();
            pub fn environ();
            pub fn close();
            pub fn exit();
        }
    }
}

sandbox::library! {
    #[precompiled(unsafe(include_bytes!(concat!(env!("OUT_DIR"), "/hostile/import_twice.cwasm"))))]
    pub mod import_twice {
        extern "C" {
            pub fn add(a: c_int, b: c_int) -> c_int;
        }
    }
}

type Library = files::Library;
type Sb = Sandbox<Library>;

/// Bytes of the guest's memory.
const SIZE: u32 = 2 * 65_536;
const TEXT: &[u8] = b"0123456789abcdefghijklmnopqrstuvwxyz";

/// A guest that was given everything there is.
fn rich() -> Sb {
    Sandbox::builder()
        .clock(Clock::Frozen(Duration::from_secs(5)))
        .random(Random::Seeded(1))
        .env("NAME", "value")
        .stdin(*b"input")
        .stdout(Output::Capture { limit: 1000 })
        .stderr(Output::Capture { limit: 1000 })
        .file("/d/text", TEXT)
        .file("/d/large", vec![7; 5 << 20])
        .folder("/h", concat!(env!("TESTS_FOLDER"), "/hostile"))
        .build()
        .unwrap()
}

pub(super) fn value<T>(tainted: Tainted<T, Library>) -> T {
    tainted.unverified_because("the test looks at what came out")
}

pub(super) fn code(result: sandbox::Result<Tainted<i32, Library>>) -> i32 {
    value(result.unwrap())
}

fn at(sb: &mut Sb, address: u32) -> TaintedPtr<u8, Library> {
    files::at(sb, address).unwrap()
}

pub(super) fn write(sb: &mut Sb, address: u32, bytes: &[u8]) {
    let place = at(sb, address);
    sb.write_bytes(place, bytes).unwrap();
}

pub(super) fn write_words(sb: &mut Sb, address: u32, words: &[u32]) {
    write(sb, address, &words.iter().flat_map(|word| word.to_le_bytes()).collect::<Vec<_>>());
}

pub(super) fn bytes(sb: &mut Sb, address: u32, count: u32) -> Vec<u8> {
    let place = at(sb, address);
    value(sb.copy_out(place, count).unwrap())
}

pub(super) fn word(sb: &mut Sb, address: u32) -> u32 {
    u32::from_le_bytes(bytes(sb, address, 4).try_into().unwrap())
}

/// Opens a path, and returns the descriptor.
pub(super) fn open(sb: &mut Sb, path: &str) -> Result<u32, i32> {
    write(sb, 512, path.as_bytes());
    match code(files::path_open(sb, 3, 0, 512, u32::try_from(path.len()).unwrap(), 0, 2, 0, 0, 64)) {
        0 => Ok(word(sb, 64)),
        error => Err(error),
    }
}

/// Addresses, counts, descriptors and flags that an attacker would try.
fn evil() -> impl Strategy<Value = u32> {
    let edges = vec![0, 8, 64, 512, 1024, 4096, 65_536, SIZE, 1 << 31, 0];
    prop_oneof![
        6 => (prop::sample::select(edges), -9_i32..=9).prop_map(|(edge, by)| edge.wrapping_add_signed(by)),
        1 => any::<u32>(),
    ]
}

fn evil_wide() -> impl Strategy<Value = u64> {
    let edges = vec![0, 36, 5 << 20, 1 << 31, 1 << 32, 1 << 63, 0];
    prop_oneof![
        6 => (prop::sample::select(edges), -3_i64..=3).prop_map(|(edge, by): (u64, _)| edge.wrapping_add_signed(by)),
        1 => any::<u64>(),
    ]
}

#[test]
fn whatever_the_arguments_are_the_answer_is_a_number() {
    let guest = std::cell::RefCell::new((rich(), 0_u32));
    let numbers = (0..22_u32, prop::array::uniform8(evil()), prop::array::uniform2(evil_wide()));
    let mut runner = TestRunner::new_with_rng(
        Config { cases: 20_000, failure_persistence: None, ..Config::default() },
        prop::test_runner::TestRng::deterministic_rng(prop::test_runner::RngAlgorithm::ChaCha),
    );
    runner
        .run(&numbers, |(which, [a, b, c, d, e, f, g, h], [x, y])| {
            let (sb, calls) = &mut *guest.borrow_mut();
            *calls += 1;
            if *calls % 50 == 0 {
                // Closed streams, moved positions, descriptors that are all taken.
                sb.reset().unwrap();
                write(sb, 1024, b"d/text");
                write_words(sb, 4096, &[8192, 16, SIZE - 4, 4, u32::MAX, 1, 64, u32::MAX]);
                open(sb, "d/text").unwrap();
                open(sb, "d").unwrap();
                open(sb, "h/files.wat").unwrap();
                open(sb, "h").unwrap();
            }
            let answer = match which {
                0 => files::args_get(sb, a, b),
                1 => files::args_sizes_get(sb, a, b),
                2 => files::clock_res_get(sb, a, b),
                3 => files::clock_time_get(sb, a, x, b),
                4 => files::environ_get(sb, a, b),
                5 => files::environ_sizes_get(sb, a, b),
                6 => files::fd_close(sb, a),
                7 => files::fd_fdstat_get(sb, a % 8, b),
                8 => files::fd_filestat_get(sb, a % 8, b),
                9 => files::fd_pread(sb, a % 8, b, c, x, d),
                10 => files::fd_prestat_dir_name(sb, a % 8, b, c),
                11 => files::fd_prestat_get(sb, a % 8, b),
                12 => files::fd_read(sb, a % 8, b, c, d),
                13 => files::fd_readdir(sb, a % 8, b, c, x, d),
                14 => files::fd_seek(sb, a % 8, x, b % 4, c),
                15 => files::fd_tell(sb, a % 8, b),
                16 => files::fd_write(sb, a % 8, b, c, d),
                17 => files::path_filestat_get(sb, a % 8, b, c, d, e),
                18 => files::path_open(sb, a % 8, b, c, d, e, x, y, f, g),
                19 => files::random_get(sb, a, b),
                20 => files::path_unlink_file(sb, a, b, h),
                // As it is called, but for one argument.
                _ => files::path_open(sb, 3, 0, 1024, 6, e % 16, x, y, f, g),
            };
            let answer = code(answer);
            prop_assert!((0..=76).contains(&answer), "{which} answers {answer}");
            prop_assert!(!sb.is_poisoned());
            Ok(())
        })
        .unwrap();
    assert_eq!(guest.borrow().1, 20_000);
}

#[test]
fn what_lies_outside_of_memory_is_einval_and_nothing_has_happened() {
    let sb = &mut rich();
    let end = SIZE - 3;
    let fd = open(sb, "d/text").unwrap();
    write_words(sb, 256, &[1024, 8]);
    for place in [0, end, SIZE, u32::MAX] {
        assert_eq!(code(files::clock_time_get(sb, 0, 0, place)), INVAL);
        assert_eq!(code(files::clock_res_get(sb, 0, place)), INVAL);
        assert_eq!(code(files::environ_sizes_get(sb, place, 64)), INVAL);
        assert_eq!(code(files::environ_get(sb, place, 64)), INVAL);
        assert_eq!(code(files::environ_get(sb, 64, place)), INVAL);
        assert_eq!(code(files::fd_fdstat_get(sb, fd, place)), INVAL);
        assert_eq!(code(files::fd_filestat_get(sb, fd, place)), INVAL);
        assert_eq!(code(files::fd_prestat_get(sb, 3, place)), INVAL);
        assert_eq!(code(files::fd_read(sb, fd, place, 1, 64)), INVAL);
        assert_eq!(code(files::fd_read(sb, fd, 256, 1, place)), INVAL);
        assert_eq!(code(files::fd_pread(sb, fd, 256, 1, 0, place)), INVAL);
        assert_eq!(code(files::fd_seek(sb, fd, 7, 0, place)), INVAL);
        assert_eq!(code(files::fd_tell(sb, fd, place)), INVAL);
        assert_eq!(code(files::fd_write(sb, 1, 256, 1, place)), INVAL);
        assert_eq!(code(files::path_filestat_get(sb, 3, 0, 512, 6, place)), INVAL);
        assert_eq!(code(files::path_open(sb, 3, 0, 512, 6, 0, 0, 0, 0, place)), INVAL);
        assert_eq!(code(files::path_open(sb, 3, 0, place, 6, 0, 0, 0, 0, 64)), INVAL);
        assert_eq!(code(files::random_get(sb, place, 4)), INVAL);
        assert_eq!(code(files::fd_readdir(sb, 3, place, 8, 0, 64)), INVAL);
        assert_eq!(code(files::fd_readdir(sb, 3, 1024, 8, 0, place)), INVAL);
    }
    assert_eq!(code(files::fd_tell(sb, fd, 64)), 0);
    assert_eq!(bytes(sb, 64, 8), [0; 8], "no read and no seek has moved it");
    assert!(value(sb.stdout()).is_empty());
    assert_eq!(open(sb, "d/text"), Ok(fd + 1), "no descriptor was lost");
}

#[test]
fn lists_of_pieces_that_lie_are_refused_before_anything_is_copied() {
    let sb = &mut rich();
    let fd = open(sb, "d/text").unwrap();
    for list in [[1024, 8, SIZE - 4, 5], [1024, 8, 0, 4], [1024, 8, u32::MAX, u32::MAX], [1024, 8, 4, u32::MAX]] {
        write_words(sb, 256, &list);
        assert_eq!(code(files::fd_read(sb, fd, 256, 2, 64)), INVAL, "{list:?}");
        assert_eq!(code(files::fd_pread(sb, fd, 256, 2, 0, 64)), INVAL, "{list:?}");
        assert_eq!(code(files::fd_write(sb, 1, 256, 2, 64)), INVAL, "{list:?}");
    }
    assert_eq!(bytes(sb, 1024, 8), [0; 8]);
    for count in [1025, 65_536, 1 << 29, u32::MAX] {
        assert_eq!(code(files::fd_read(sb, fd, 256, count, 64)), INVAL, "{count}");
        assert_eq!(code(files::fd_write(sb, 1, 256, count, 64)), INVAL, "{count}");
    }
    // An empty piece may lie anywhere.
    write_words(sb, 256, &[u32::MAX, 0, 1024, 4, 0, 0]);
    assert_eq!(code(files::fd_read(sb, fd, 256, 3, 64)), 0);
    assert_eq!((word(sb, 64), bytes(sb, 1024, 8)), (4, b"0123\0\0\0\0".to_vec()));
}

#[test]
fn a_read_over_its_own_list_follows_the_list_as_it_was() {
    let sb = &mut rich();
    let fd = open(sb, "d/text").unwrap();
    write_words(sb, 256, &[256, 16, 1024, 10]);
    assert_eq!(code(files::fd_read(sb, fd, 256, 2, 260)), 0);
    // Where the list was, there is text now, and over that the count.
    assert_eq!(bytes(sb, 256, 16), b"0123\x1a\0\0\089abcdef");
    assert_eq!(bytes(sb, 1024, 11), b"ghijklmnop\0");
}

#[test]
fn what_is_read_agrees_with_a_slow_model() {
    let guest = std::cell::RefCell::new(rich());
    let input = (prop::collection::vec((0..40_u32, 0..15_u32), 0..6), prop_oneof![0..40_u64, Just(u64::MAX), Just(1 << 63)]);
    TestRunner::new(Config { failure_persistence: None, ..Config::default() })
        .run(&input, |(pieces, offset)| {
            let sb = &mut *guest.borrow_mut();
            let fd = open(sb, "d/text").unwrap();
            write(sb, 1000, &[b'-'; 100]);
            let mut memory = [b'-'; 100];
            let mut from = offset;
            for &(start, length) in &pieces {
                for at in start..start + length {
                    if let Some(byte) = usize::try_from(from).ok().and_then(|from| TEXT.get(from)) {
                        memory[at as usize] = *byte;
                        from += 1;
                    }
                }
            }
            let list: Vec<u32> = pieces.iter().flat_map(|(start, length)| [1000 + start, *length]).collect();
            write_words(sb, 256, &list);
            prop_assert_eq!(code(files::fd_pread(sb, fd, 256, u32::try_from(pieces.len()).unwrap(), offset, 64)), 0);
            prop_assert_eq!(u64::from(word(sb, 64)), from - offset);
            prop_assert_eq!(bytes(sb, 1000, 100), memory);
            if offset <= i64::MAX.cast_unsigned() {
                write(sb, 1000, &[b'-'; 100]);
                prop_assert_eq!(code(files::fd_seek(sb, fd, offset, 0, 64)), 0);
                prop_assert_eq!(code(files::fd_read(sb, fd, 256, u32::try_from(pieces.len()).unwrap(), 64)), 0);
                prop_assert_eq!(bytes(sb, 1000, 100), memory);
                prop_assert_eq!(code(files::fd_tell(sb, fd, 64)), 0);
                prop_assert_eq!(bytes(sb, 64, 8), from.to_le_bytes());
            }
            prop_assert_eq!(code(files::fd_close(sb, fd)), 0);
            Ok(())
        })
        .unwrap();
}

#[test]
fn one_read_or_write_moves_a_mebibyte_at_most() {
    let sb = &mut rich();
    let fd = open(sb, "d/large").unwrap();
    // 1024 times most of memory.
    for piece in 0..1024 {
        write_words(sb, 16_384 + piece * 8, &[40_000, 90_000]);
    }
    assert_eq!(code(files::fd_read(sb, fd, 16_384, 1024, 64)), 0);
    assert_eq!(word(sb, 64), 1 << 20);
    assert_eq!(code(files::fd_write(sb, 1, 16_384, 1024, 64)), 0);
    assert_eq!(word(sb, 64), 1 << 20);
    assert_eq!(value(sb.stdout()).len(), 1000);
}

#[test]
fn offsets_at_the_ends_of_numbers_are_errors_or_the_end_of_the_file() {
    let sb = &mut rich();
    let fd = open(sb, "d/text").unwrap();
    write_words(sb, 256, &[1024, 8]);
    for offset in [37, 1 << 32, 1 << 63, u64::MAX - 1, u64::MAX] {
        assert_eq!(code(files::fd_pread(sb, fd, 256, 1, offset, 64)), 0);
        assert_eq!(word(sb, 64), 0, "{offset}");
    }
    assert_eq!(code(files::fd_seek(sb, fd, i64::MAX.cast_unsigned(), 0, 64)), 0);
    assert_eq!(code(files::fd_read(sb, fd, 256, 1, 64)), 0);
    assert_eq!(word(sb, 64), 0);
    for (offset, whence, expected) in [(1, 1, OVERFLOW), (1 << 63, 0, INVAL), (u64::MAX, 0, INVAL), (0, 3, INVAL), (0, u32::MAX, INVAL)] {
        assert_eq!(code(files::fd_seek(sb, fd, offset, whence, 64)), expected, "{offset} {whence}");
    }
}

#[test]
fn cookies_lead_into_the_list_or_to_its_end() {
    let sb = &mut rich();
    let fd = open(sb, "d").unwrap();
    // Of `.`, `..`, `text` and `large`: 24 bytes and the name each.
    for (cookie, room, used) in [
        (0, 1000, 24 * 4 + 1 + 2 + 4 + 5),
        (1, 1000, 24 * 3 + 2 + 4 + 5),
        (3, 1000, 24 + 5),
        (4, 1000, 0),
        (u64::MAX, 1000, 0),
        (1 << 63, 1000, 0),
        (2, 10, 10),
        (2, 26, 26),
        (2, 28, 28),
        (2, 29, 29),
        (3, 0, 0),
    ] {
        write(sb, 2048, &[b'-'; 1001]);
        assert_eq!(code(files::fd_readdir(sb, fd, 2048, room, cookie, 64)), 0);
        assert_eq!(word(sb, 64), used, "{cookie} {room}");
        assert_eq!(bytes(sb, 2048 + used, 1), b"-", "nothing behind it");
    }
    assert_eq!(code(files::fd_readdir(sb, fd, 2048, 1000, 2, 64)), 0);
    let entry = bytes(sb, 2048, 28);
    assert_eq!((&entry[..8], &entry[16..24], &entry[24..]), (&3_u64.to_le_bytes()[..], &[4, 0, 0, 0, 4, 0, 0, 0][..], &b"text"[..]));
    let text = open(sb, "d/text").unwrap();
    assert_eq!(code(files::fd_readdir(sb, text, 2048, 100, 0, 64)), NOTDIR);
}

#[test]
fn a_descriptor_is_open_until_it_is_closed_and_no_other_is() {
    let sb = &mut rich();
    let fd = open(sb, "d/text").unwrap();
    write_words(sb, 256, &[1024, 8]);
    assert_eq!(code(files::fd_close(sb, fd)), 0);
    for closed in [fd, fd + 1, 127, 128, 1 << 31, u32::MAX] {
        assert_eq!(code(files::fd_close(sb, closed)), BADF);
        assert_eq!(code(files::fd_read(sb, closed, 256, 1, 64)), BADF);
        assert_eq!(code(files::fd_pread(sb, closed, 256, 1, 0, 64)), BADF);
        assert_eq!(code(files::fd_seek(sb, closed, 0, 0, 64)), BADF);
        assert_eq!(code(files::fd_tell(sb, closed, 64)), BADF);
        assert_eq!(code(files::fd_write(sb, closed, 256, 1, 64)), BADF);
        assert_eq!(code(files::fd_fdstat_get(sb, closed, 64)), BADF);
        assert_eq!(code(files::fd_filestat_get(sb, closed, 64)), BADF);
        assert_eq!(code(files::fd_readdir(sb, closed, 1024, 100, 0, 64)), BADF);
        assert_eq!(code(files::fd_prestat_get(sb, closed, 64)), BADF);
        assert_eq!(code(files::path_open(sb, closed, 0, 512, 6, 0, 0, 0, 0, 64)), BADF);
        assert_eq!(code(files::path_filestat_get(sb, closed, 0, 512, 6, 64)), BADF);
    }
    assert_eq!(open(sb, "d/text"), Ok(fd));
    assert_eq!(code(files::path_open(sb, fd, 0, 512, 6, 0, 0, 0, 0, 64)), NOTDIR);
    assert_eq!(code(files::fd_seek(sb, 1, 0, 0, 64)), SPIPE);
    assert_eq!(code(files::fd_read(sb, 1, 256, 1, 64)), BADF, "nothing comes out of an output");
    assert_eq!(code(files::fd_write(sb, 0, 256, 1, 64)), BADF);
    assert_eq!(code(files::fd_write(sb, 3, 256, 1, 64)), BADF);
    // Without the root nothing can be opened any more, until the guest is made anew.
    assert_eq!(code(files::fd_close(sb, 3)), 0);
    assert_eq!(open(sb, "d/text"), Err(BADF));
    sb.reset().unwrap();
    assert_eq!(open(sb, "d/text"), Ok(4));
}

#[test]
fn ten_thousand_opens_take_as_many_descriptors_as_there_are() {
    let sb = &mut rich();
    write(sb, 512, b"d/text");
    assert_eq!(value(files::open_often(sb, 10_000, 512, 6).unwrap()), 124);
    assert_eq!(open(sb, "d/text"), Err(MFILE));
    assert_eq!(code(files::fd_close(sb, 100)), 0);
    assert_eq!(open(sb, "d/text"), Ok(100));
}

#[test]
fn a_path_costs_no_more_than_its_first_4096_bytes() {
    let sb = &mut rich();
    write(sb, 8192, &b"d/../".repeat(20_000));
    assert_eq!(code(files::path_open(sb, 3, 0, 8192, 100_000, 0, 0, 0, 0, 64)), NAMETOOLONG);
    assert_eq!(code(files::path_filestat_get(sb, 3, 0, 8192, 4097, 64)), NAMETOOLONG);
    assert_eq!(code(files::path_filestat_get(sb, 3, 0, 8192, 4095, 64)), 0);
    assert_eq!(code(files::path_open(sb, 3, 0, 8192, u32::MAX, 0, 0, 0, 0, 64)), INVAL);
    assert_eq!(code(files::path_open(sb, 3, 0, 8192, 0, 0, 0, 0, 0, 64)), NOENT);
    let begins = Instant::now();
    assert_eq!(value(files::open_often(sb, 2_000, 8192, 4095).unwrap()), 124);
    assert!(begins.elapsed() < Duration::from_secs(20), "{:?}", begins.elapsed());
}

#[test]
fn random_bytes_have_a_limit_and_are_whole_or_none() {
    let sb = &mut Sandbox::<Library>::builder().random(Random::Host).build().unwrap();
    assert_eq!(code(files::random_get(sb, 1, SIZE - 1)), 0);
    assert_eq!(code(files::random_get(sb, 1, SIZE)), INVAL);
    assert_eq!(code(files::random_get(sb, 1, u32::MAX)), INVAL);
    assert_eq!(code(files::random_get(sb, 0, 0)), 0);
    assert_eq!(code(files::random_get(&mut Sandbox::new().unwrap(), 64, 8)), NOSYS);
}

#[test]
fn a_poor_guest_is_told_that_there_is_nothing() {
    let sb = &mut Sandbox::<Library>::new().unwrap();
    write_words(sb, 256, &[1024, 8]);
    for fd in [0, 1, 2, 3, 4] {
        assert_eq!(code(files::fd_prestat_get(sb, fd, 64)), BADF);
        assert_eq!(code(files::fd_fdstat_get(sb, fd, 64)), BADF);
        assert_eq!(code(files::fd_read(sb, fd, 256, 1, 64)), BADF);
        assert_eq!(code(files::fd_write(sb, fd, 256, 1, 64)), BADF);
        assert_eq!(code(files::fd_readdir(sb, fd, 1024, 100, 0, 64)), BADF);
        assert_eq!(code(files::fd_close(sb, fd)), BADF);
        assert_eq!(code(files::path_open(sb, fd, 0, 512, 6, 0, 0, 0, 0, 64)), NOSYS);
        assert_eq!(code(files::path_filestat_get(sb, fd, 0, 512, 6, 64)), NOSYS);
    }
    assert_eq!(code(files::path_unlink_file(sb, 3, 512, 6)), NOSYS);
}

#[test]
fn a_function_that_is_imported_with_another_signature_is_denied() {
    let clock = Clock::Frozen(Duration::ZERO);
    let make = || Sandbox::<odd_imports::Library>::builder().clock(clock.clone()).random(Random::Host).file("/x", *b"x").build().unwrap();
    let number = |tainted: Tainted<i32, odd_imports::Library>| tainted.unverified_because("the test looks at what came out");
    let mut sb = make();
    assert_eq!(number(odd_imports::clock(&mut sb).unwrap()), NOSYS);
    assert_eq!(number(odd_imports::read(&mut sb).unwrap()), BADF);
    assert_eq!(number(odd_imports::open(&mut sb).unwrap()), NOSYS);
    type Call = fn(&mut Sandbox<odd_imports::Library>) -> sandbox::Result<()>;
    let calls: [(&str, Call); 3] = [
        ("random_get", |sb| odd_imports::random(sb)),
        ("environ_get", |sb| odd_imports::environ(sb)),
        ("fd_close", |sb| odd_imports::close(sb)),
    ];
    for (name, call) in calls {
        let error = call(&mut sb).unwrap_err();
        assert!(matches!(&error, Error::DeniedImport { import, .. } if import.ends_with(name)), "{error}");
        assert!(sb.is_poisoned());
        sb.reset().unwrap();
    }
    assert!(matches!(odd_imports::exit(&mut sb), Err(Error::Exit { code: 0, .. })));
}

#[test]
fn a_function_that_is_imported_twice_must_be_the_same_one() {
    let error = Sandbox::<import_twice::Library>::new().unwrap_err();
    assert!(matches!(error, Error::Module { library: "import_twice", .. }), "{error}");
}
