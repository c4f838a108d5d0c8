//! Real libraries that two toolchains have compiled: what one of them makes, the other makes too,
//! and can read.

use example_snappy::Snappy;
use example_zlib::{Format, Level, Zlib};
use sandbox::{Sandbox, Tainted};

sandbox::include_library!(snappy);
sandbox::include_library!(zlib);

/// Text that repeats itself, runs, and noise.
fn inputs() -> Vec<Vec<u8>> {
    let text = include_bytes!("../../../README.md").to_vec();
    let mut state = 1_u32;
    let noise = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    });
    vec![Vec::new(), b"x".to_vec(), text.repeat(5), vec![0; 300_000], noise.take(100_000).collect()]
}

fn taken<T, L>(tainted: Tainted<T, L>) -> T {
    tainted.unverified_because("the test looks at what came out")
}

/// The size of an input, as the guest has it.
fn size(data: &[u8]) -> u32 {
    data.len().try_into().unwrap()
}

#[test]
fn zlib_compresses_to_the_same_bytes_and_reads_those_of_the_other() {
    let (mut sb, mut other) = (Sandbox::<zlib::Library>::new().unwrap(), Zlib::new().unwrap());
    for data in inputs() {
        let input = sb.copy_in(&data).unwrap();
        let room = taken(zlib::compressBound(&mut sb, size(&data)).unwrap());
        let (output, length) = (sb.alloc::<u8>(room).unwrap(), sb.alloc::<u32>(1).unwrap());
        sb.write(length.as_ptr(), room).unwrap();
        let status = zlib::compress2(&mut sb, output.as_ptr(), length.as_ptr(), input.as_ptr(), size(&data), 9).unwrap();
        assert_eq!(taken(status), zlib::Z_OK);
        let made = taken(sb.read(length.as_ptr()).unwrap());
        let packed = taken(sb.copy_out(output.as_ptr(), made).unwrap());
        assert_eq!(packed, other.compress(&data, Format::Zlib, Level::BEST).unwrap());
        assert_eq!(other.decompress(&packed, Format::Zlib, 1 << 20).unwrap(), data);
        assert_eq!(taken(zlib::crc32(&mut sb, 0, input.as_ptr(), size(&data)).unwrap()), other.crc32(&data).unwrap());

        let back = sb.alloc::<u8>(size(&data) + 1).unwrap();
        sb.write(length.as_ptr(), size(&data) + 1).unwrap();
        let status = zlib::uncompress(&mut sb, back.as_ptr(), length.as_ptr(), output.as_ptr(), made).unwrap();
        assert_eq!(taken(status), zlib::Z_OK);
        assert_eq!(taken(sb.read(length.as_ptr()).unwrap()), size(&data));
        assert_eq!(taken(sb.copy_out(back.as_ptr(), size(&data)).unwrap()), data);
    }
}

#[test]
fn snappy_compresses_to_the_same_bytes_and_reads_those_of_the_other() {
    let (mut sb, mut other) = (Sandbox::<snappy::Library>::new().unwrap(), Snappy::new().unwrap());
    for data in inputs() {
        let input = sb.copy_in(&data).unwrap();
        let room = taken(snappy::snappy_max_compressed_length(&mut sb, size(&data)).unwrap());
        let (output, length) = (sb.alloc::<u8>(room).unwrap(), sb.alloc::<u32>(1).unwrap());
        sb.write(length.as_ptr(), room).unwrap();
        let (from, to) = (input.as_ptr().cast(), output.as_ptr().cast());
        let status = snappy::snappy_compress(&mut sb, from, size(&data), to, length.as_ptr()).unwrap();
        assert_eq!(taken(status), snappy::SNAPPY_OK);
        let made = taken(sb.read(length.as_ptr()).unwrap());
        let packed = taken(sb.copy_out(output.as_ptr(), made).unwrap());
        assert_eq!(packed, other.compress(&data).unwrap());
        assert_eq!(other.decompress(&packed, 1 << 20).unwrap(), data);

        let back = sb.alloc::<u8>(size(&data) + 1).unwrap();
        sb.write(length.as_ptr(), size(&data) + 1).unwrap();
        let status = snappy::snappy_uncompress(&mut sb, to, made, back.as_ptr().cast(), length.as_ptr()).unwrap();
        assert_eq!(taken(status), snappy::SNAPPY_OK);
        assert_eq!(taken(sb.copy_out(back.as_ptr(), size(&data)).unwrap()), data);
    }
}

/// Objects of the library that jumps: our own run-time is not among them.
#[test]
fn jumps_are_those_of_libc() {
    let objects = std::fs::read_dir(concat!(env!("OUT_DIR"), "/sandbox/calls/build/objects")).unwrap();
    let names: Vec<String> = objects.map(|object| object.unwrap().file_name().into_string().unwrap()).collect();
    assert!(names.iter().any(|name| name.ends_with("-calls.c.o")), "{names:?}");
    assert!(!names.iter().any(|name| name.ends_with("-runtime.c.o")), "{names:?}");
}
