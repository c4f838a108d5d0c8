//! zlib and libpng with the hot functions of build-support, against those with their own: the same bytes, codes, messages and positions.

use sandbox::{Allocation, Sandbox};

sandbox::include_library!(tuned);
sandbox::include_library!(untuned);

/// What a way of compiling zlib does with the same calls.
trait Way {
    /// Packs: level, memory level, the level of the second half or -1; bits of the window, strategy.
    fn deflate(&mut self, data: &[u8], levels: (i32, i32, i32), window_bits: i32, strategy: i32) -> Vec<u8>;
    /// Unpacks in steps of so much input and room; returns code, message, consumed, written and marks, and what was written.
    fn inflate(&mut self, data: &[u8], steps: (u32, u32), window_bits: i32, primed: u32) -> ([u32; 5], Vec<u8>);
    /// The same in one call that is told that there is as much input as there can be: consumed, and what was written.
    fn inflate_boundless(&mut self, data: &[u8], window_bits: i32) -> (u32, Vec<u8>);
    /// The same with `inflateBack`, whose room is its window.
    fn inflate_back(&mut self, data: &[u8], in_step: u32, window_bits: i32) -> ([u32; 5], Vec<u8>);
    /// CRC-32 and Adler-32, going on from sums so far, of data at a place.
    fn checksums(&mut self, before: (u32, u32), data: &[u8], begin: u32) -> (u32, u32);
    /// Writes a picture as a file: width, height, depth, colour type, filters.
    fn png(&mut self, pixels: &[u8], size: (u32, u32), kind: (i32, i32), filters: i32) -> Vec<u8>;
}

/// Room for what a test unpacks.
const ROOM: u32 = 200_000;
/// What is behind it, to see whether it is written to.
const BEHIND: u32 = 64;

macro_rules! way {
    ($library:ident, $name:ident) => {
        struct $name(Sandbox<$library::Library>, Allocation<u8, $library::Library>);

        impl $name {
            fn new() -> Self {
                let mut sb = Sandbox::new().unwrap();
                let room = sb.alloc(ROOM + BEHIND).unwrap();
                Self(sb, room)
            }

            fn outcome(&mut self, place: Allocation<$library::tuned_outcome, $library::Library>) -> ([u32; 5], Vec<u8>) {
                let Self(sb, room) = self;
                let outcome = sb.read(place.as_ptr()).unwrap();
                let why = "the test looks at what came out";
                assert_eq!(outcome.outside.unverified_because(why), 0, "wrote behind the room");
                let written = outcome.written.unverified_because(why);
                let numbers = [
                    outcome.code.unverified_because(why) as u32,
                    outcome.message.unverified_because(why),
                    outcome.consumed.unverified_because(why),
                    written,
                    outcome.marks.unverified_because(why),
                ];
                (numbers, sb.copy_out(room.as_ptr(), written).unwrap().unverified_because(why))
            }
        }

        impl Way for $name {
            fn deflate(&mut self, data: &[u8], (level, mem_level, then): (i32, i32, i32), window_bits: i32, strategy: i32) -> Vec<u8> {
                let Self(sb, room) = self;
                let data_in = sb.copy_in(data).unwrap();
                let (data, count, room_at) = (data_in.as_ptr(), data_in.len(), room.as_ptr());
                let length = $library::tuned_deflate(sb, data, count, room_at, ROOM, level, window_bits, mem_level, strategy, then);
                let length = length.unwrap().unverified_because("the test looks at what came out");
                assert_ne!(length, 0);
                sb.copy_out(room.as_ptr(), length).unwrap().unverified_because("the test looks at what came out")
            }

            fn inflate(&mut self, data: &[u8], (in_step, out_step): (u32, u32), bits: i32, primed: u32) -> ([u32; 5], Vec<u8>) {
                let Self(sb, room) = self;
                let data_in = sb.copy_in(data).unwrap();
                let place = sb.alloc::<$library::tuned_outcome>(1).unwrap();
                let (data, count, room_at) = (data_in.as_ptr(), data_in.len(), room.as_ptr());
                $library::tuned_inflate(sb, data, count, room_at, ROOM, in_step, out_step, bits, primed, place.as_ptr()).unwrap();
                self.outcome(place)
            }

            fn inflate_boundless(&mut self, data: &[u8], window_bits: i32) -> (u32, Vec<u8>) {
                let Self(sb, room) = self;
                let data_in = sb.copy_in(data).unwrap();
                let place = sb.alloc::<$library::tuned_outcome>(1).unwrap();
                $library::tuned_inflate_boundless(sb, data_in.as_ptr(), room.as_ptr(), ROOM, window_bits, place.as_ptr()).unwrap();
                let (outcome, unpacked) = self.outcome(place);
                (outcome[2], unpacked)
            }

            fn inflate_back(&mut self, data: &[u8], in_step: u32, window_bits: i32) -> ([u32; 5], Vec<u8>) {
                let Self(sb, room) = self;
                let data_in = sb.copy_in(data).unwrap();
                let place = sb.alloc::<$library::tuned_outcome>(1).unwrap();
                $library::tuned_inflate_back(
                    sb,
                    data_in.as_ptr(),
                    data_in.len(),
                    room.as_ptr(),
                    ROOM,
                    in_step,
                    window_bits,
                    place.as_ptr(),
                )
                .unwrap();
                self.outcome(place)
            }

            fn checksums(&mut self, (crc, adler): (u32, u32), data: &[u8], begin: u32) -> (u32, u32) {
                let Self(sb, room) = self;
                let (at, length, why) = (room.as_ptr().offset(begin as i32), data.len() as u32, "the test looks at what came out");
                sb.write_bytes(at, data).unwrap();
                let crc = $library::tuned_crc32(sb, crc, at, length).unwrap().unverified_because(why);
                (crc, $library::tuned_adler32(sb, adler, at, length).unwrap().unverified_because(why))
            }

            fn png(&mut self, pixels: &[u8], (width, height): (u32, u32), (depth, color_type): (i32, i32), filters: i32) -> Vec<u8> {
                let Self(sb, room) = self;
                let pixels = sb.copy_in(pixels).unwrap();
                let length = $library::tuned_png(sb, pixels.as_ptr(), width, height, depth, color_type, filters, room.as_ptr(), ROOM);
                let length = length.unwrap().unverified_because("the test looks at what came out");
                sb.copy_out(room.as_ptr(), length).unwrap().unverified_because("the test looks at what came out")
            }
        }
    };
}

way!(tuned, Tuned);
way!(untuned, Untuned);

/// SplitMix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }
}

/// Data of literals and of repetitions from near and far, so that each way to copy a match comes up.
fn data(random: &mut Random, length: usize) -> Vec<u8> {
    let alphabet = 1 + random.below(256);
    let mut data: Vec<u8> = Vec::new();
    while data.len() < length {
        if data.is_empty() || random.below(3) == 0 {
            for _ in 0..=random.below(40) {
                data.push(random.below(alphabet) as u8);
            }
        } else {
            // Short distances come up as often as long ones.
            let furthest = data.len().min(1 << random.below(16));
            let distance = 1 + random.below(furthest);
            for _ in 0..3 + random.below(300) {
                data.push(data[data.len() - distance]);
            }
        }
    }
    data.truncate(length);
    data
}

/// Input and room for each call of inflate: all at once, a byte, rows of a picture, and around the 6 and 258 bytes that zlib's inner loop needs at least, and the 16 and 276 of ours.
const STEPS: [(u32, u32); 12] = [
    (u32::MAX, u32::MAX),
    (u32::MAX, 1),
    (1, u32::MAX),
    (u32::MAX, 257),
    (u32::MAX, 258),
    (u32::MAX, 259),
    (u32::MAX, 277),
    (u32::MAX, 769),
    (6, 300),
    (7, 1000),
    (17, 275),
    (4096, 3073),
];

/// Unpacks both ways with `inflateBack`. zlib's own inner loop lets a match reach what was never written, at times, and ours does not: tells whether this is such a case.
fn assert_back_alike(one: &mut Tuned, other: &mut Untuned, packed: &[u8], in_step: u32, bits: i32, what: &str) -> bool {
    let (ours, theirs) = (one.inflate_back(packed, in_step, bits), other.inflate_back(packed, in_step, bits));
    if ours != theirs {
        let too_far = [DATA_ERROR, hash("invalid distance too far back")];
        assert_eq!(ours.0[..2], too_far, "{what}, back, steps of {in_step}, window {bits}: {:?}, not {:?}", ours.0, theirs.0);
        assert!(theirs.1.starts_with(&ours.1), "{what}, back, steps of {in_step}, window {bits}: other bytes");
    }
    ours != theirs
}

fn assert_alike(
    one: &mut Tuned,
    other: &mut Untuned,
    packed: &[u8],
    steps: (u32, u32),
    window_bits: i32,
    what: &str,
) -> ([u32; 5], Vec<u8>) {
    let (ours, theirs) = (one.inflate(packed, steps, window_bits, 0), other.inflate(packed, steps, window_bits, 0));
    assert_eq!(ours.0, theirs.0, "{what}, steps {steps:?}, window {window_bits}: code, message, consumed, written, marks");
    assert!(ours.1 == theirs.1, "{what}, steps {steps:?}, window {window_bits}: other bytes");
    ours
}

/// zlib's `Z_STREAM_END` and `Z_DATA_ERROR`.
const STREAM_END: u32 = 1;
const DATA_ERROR: u32 = -3_i32 as u32;

/// As the fixture hashes messages: FNV-1a.
fn hash(message: &str) -> u32 {
    message.bytes().fold(2_166_136_261, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(16_777_619))
}

#[test]
fn whole_streams_are_unpacked_alike_in_pieces_of_any_size() {
    let (mut one, mut other, mut random) = (Tuned::new(), Untuned::new(), Random(1));
    for case in 0..60 {
        let length = [0, 1, 100, 5000, 40_000, ROOM as usize][case % 6];
        let data = data(&mut random, length);
        // Each strategy, Z_HUFFMAN_ONLY to Z_FIXED among them; windows of 512 bytes to 32 KiB; zlib, raw and gzip.
        let (level, strategy, window) = (1 + case as i32 % 9, case as i32 % 5, 9 + case as i32 % 7);
        let window_bits = [window, -window, window + 16][case % 3];
        let levels = (level, 1 + case as i32 % 8, -1);
        let packed = one.deflate(&data, levels, window_bits, strategy);
        assert!(packed == other.deflate(&data, levels, window_bits, strategy), "case {case}: deflate");
        for steps in STEPS {
            let (outcome, unpacked) = assert_alike(&mut one, &mut other, &packed, steps, window_bits, &format!("case {case}"));
            assert_eq!(outcome[0], STREAM_END, "case {case}, steps {steps:?}");
            assert!(unpacked == data, "case {case}, steps {steps:?}: not what was packed");
        }
        if window_bits < 0 {
            for in_step in [u32::MAX, 1, 7, 1000] {
                let stricter = assert_back_alike(&mut one, &mut other, &packed, in_step, window, &format!("case {case}"));
                assert!(!stricter, "case {case}, back, steps of {in_step}");
                assert!(one.inflate_back(&packed, in_step, window).1 == data, "case {case}, back, steps of {in_step}: not what was packed");
                // The window is too small for some matches, and just large enough for those before.
                assert_back_alike(&mut one, &mut other, &packed, in_step, (window - 1).max(8), &format!("case {case}"));
            }
        }
    }
}

#[test]
fn damaged_streams_fail_alike() {
    let (mut one, mut other, mut random) = (Tuned::new(), Untuned::new(), Random(2));
    let (mut failed, mut stricter, mut messages) = (0, 0, std::collections::BTreeSet::new());
    for case in 0..1500 {
        let plain = data(&mut random, 3000);
        // A packed stream without a header of 2 bytes or a checksum of 4, so that damage is found where it is.
        let mut packed = one.deflate(&plain, (6, 8, -1), -15, [0, 4][case % 2]);
        for _ in 0..=random.below(3) {
            let at = random.below(packed.len());
            packed[at] ^= 1 << random.below(8);
        }
        packed.truncate(packed.len() - random.below(2) * random.below(packed.len()));
        for steps in [STEPS[0], STEPS[case % STEPS.len()]] {
            let (outcome, _) = assert_alike(&mut one, &mut other, &packed, steps, -15, &format!("damage {case}"));
            if outcome[0] != STREAM_END {
                failed += 1;
                messages.insert(outcome[1]);
            }
        }
        let step = STEPS[case % STEPS.len()].0;
        stricter += usize::from(assert_back_alike(&mut one, &mut other, &packed, step, 15, &format!("damage {case}")));
    }
    assert!(failed > 1000, "{failed}: the damage shows");
    assert!(stricter < 5, "{stricter} of 1,500");
    assert!(messages.len() >= 5, "{}: it shows in several ways", messages.len());
}

#[test]
fn input_without_a_bound_is_read_to_the_end_of_the_stream() {
    let (mut one, mut other, mut random) = (Tuned::new(), Untuned::new(), Random(8));
    for case in 0..50 {
        let plain = data(&mut random, 1 + case * 1000);
        let packed = one.deflate(&plain, (6, 8, -1), 15, 0);
        let ours = one.inflate_boundless(&packed, 15);
        assert_eq!(ours.0 as usize, packed.len(), "case {case}");
        assert!(ours.1 == plain, "case {case}");
        assert!(ours == other.inflate_boundless(&packed, 15), "case {case}");
    }
}

#[test]
fn a_level_can_change_on_the_way() {
    let (mut one, mut other, mut random) = (Tuned::new(), Untuned::new(), Random(9));
    for case in 0..400 {
        let plain = data(&mut random, 500 + case * 20);
        let levels = (random.below(10) as i32, 1 + random.below(9) as i32, random.below(10) as i32);
        let strategy = random.below(5) as i32;
        let ours = one.deflate(&plain, levels, 9 + case as i32 % 7, strategy);
        assert!(
            ours == other.deflate(&plain, levels, 9 + case as i32 % 7, strategy),
            "case {case}, levels {levels:?}, strategy {strategy}"
        );
    }
}

#[test]
fn bits_that_were_given_beforehand_are_used_once() {
    // zlib's own loop gives some of them back as if they were input, where there is room for 258 bytes: there is nothing to compare with.
    let (mut one, mut random) = (Tuned::new(), Random(7));
    for case in 0..200 {
        // Few literals take few bits: most of those that were given are left after the first.
        let plain = if case % 2 == 0 { vec![b'a'; 1 + random.below(50)] } else { data(&mut random, 500) };
        let packed = one.deflate(&plain, (6, 8, -1), -15, [0, 4][case % 2]);
        for (steps, primed) in STEPS.into_iter().flat_map(|steps| [(steps, 2), (steps, packed.len().min(4) as u32 & !1)]) {
            let (outcome, unpacked) = one.inflate(&packed, steps, -15, primed);
            assert_eq!(outcome[0], STREAM_END, "case {case}, steps {steps:?}, primed {primed}");
            assert!(unpacked == plain, "case {case}, steps {steps:?}, primed {primed}");
        }
    }
}

#[test]
fn noise_is_unpacked_alike() {
    let (mut one, mut other, mut random) = (Tuned::new(), Untuned::new(), Random(3));
    let mut unpacked = 0;
    for case in 0..2000 {
        let mut noise: Vec<u8> = (0..600).map(|_| random.next() as u8).collect();
        // The last block, with fixed codes or with codes of its own.
        noise[0] = noise[0] & !7 | [3, 5][case % 2];
        let (outcome, _) = assert_alike(&mut one, &mut other, &noise, STEPS[0], -15, &format!("noise {case}"));
        unpacked += usize::from(outcome[3] > 0);
    }
    assert!(unpacked > 700, "{unpacked}: with fixed codes it is data for a while");
}

#[test]
fn checksums_are_the_same_at_every_length_and_place() {
    let (mut one, mut other, mut random) = (Tuned::new(), Untuned::new(), Random(4));
    let noise: Vec<u8> = (0..ROOM).map(|_| random.next() as u8).collect();
    let around = |length: usize| length - 20..length + 20;
    // Where folding begins and a second block begins, for the one and for the other; and much.
    let lengths = (0..100).chain([1200, 2400, 4096, 8192, 4096 + 1200, 2 * 4096 + 1200, 150_000].into_iter().flat_map(around));
    for length in lengths {
        let (before, begin) = ((random.next() as u32, random.below(65_521) as u32 | (random.below(65_521) as u32) << 16), random.below(64));
        let data = &noise[begin..begin + length];
        let (ours, theirs) = (one.checksums(before, data, begin as u32), other.checksums(before, data, begin as u32));
        assert_eq!(ours, theirs, "{length} bytes at {begin}, from {before:x?}");
    }
    // In two pieces it is that of the whole.
    let (whole, first) = (one.checksums((0, 1), &noise, 0), one.checksums((0, 1), &noise[..70_001], 0));
    assert_eq!(one.checksums(first, &noise[70_001..], 0), whole);
    // Zeros in front of the data count, and data of zeros too; sums of the largest bytes do not overflow.
    for byte in [0, 0xff] {
        for before in [(0, 1), (u32::MAX, 65_520 << 16 | 65_520)] {
            assert_eq!(one.checksums(before, &[byte; 90_000], 0), other.checksums(before, &[byte; 90_000], 0));
        }
    }
}

#[test]
fn the_same_filters_are_chosen_for_a_picture() {
    let (mut one, mut other, mut random) = (Tuned::new(), Untuned::new(), Random(5));
    // Depth, colour type, bytes of a pixel.
    for (depth, color_type, pixel) in [(8, 0, 1), (16, 0, 2), (8, 2, 3), (16, 2, 6), (8, 4, 2), (16, 4, 4), (8, 6, 4), (16, 6, 8)] {
        for width in (1..=24).chain([100, 1001, 5000]) {
            let height = 6;
            let row = width as usize * pixel;
            // Noise, slopes, flat areas and repeated rows: each filter is the best of some row.
            let mut pixels = Vec::new();
            for y in 0..height as usize {
                // Of 0x80 each byte is the furthest from 0: the sums grow fastest.
                let kind = if width == 5000 { 5 } else { random.below(6) };
                let mut value = random.next() as u8;
                for x in 0..row {
                    value = match kind {
                        0 => random.next() as u8,
                        1 => value.wrapping_add(random.below(3) as u8),
                        2 => value,
                        5 => 0x80,
                        3 if y > 0 => pixels[(y - 1) * row + x],
                        _ => ((x * y / 3) + random.below(4)) as u8,
                    };
                    pixels.push(value);
                }
            }
            // All of libpng's `PNG_FILTER_…`, three of them, two that need no row before, and one.
            for filters in [0xf8, 0xb0, 0x18, 0x40] {
                let ours = one.png(&pixels, (width, height), (depth, color_type), filters);
                let theirs = other.png(&pixels, (width, height), (depth, color_type), filters);
                assert!(ours == theirs, "{width} wide, {depth} bits, type {color_type}, filters {filters:#x}: another file");
            }
        }
    }
}
