//! The same zlib, compiled for this machine: the oracle.

#![allow(unsafe_code, reason = "calls of native C functions, in a test only")]

use std::mem::MaybeUninit;

use example_zlib::Format;
use libz_sys as z;

fn window_bits(format: Format) -> i32 {
    match format {
        Format::Zlib => 15,
        Format::Gzip => 31,
        Format::Raw => -15,
    }
}

fn stream_size() -> i32 {
    i32::try_from(size_of::<z::z_stream>()).unwrap()
}

pub(crate) fn version() -> String {
    // SAFETY: zlib returns a pointer to a constant C string.
    unsafe { std::ffi::CStr::from_ptr(z::zlibVersion()) }.to_str().unwrap().to_owned()
}

pub(crate) fn compress(data: &[u8], format: Format, level: u8) -> Vec<u8> {
    let mut output = vec![0; data.len() + data.len() / 4 + 1000];
    let mut stream = MaybeUninit::<z::z_stream>::zeroed();
    let strm = stream.as_mut_ptr();
    // SAFETY: all-zero is what zlib asks of a new stream, which is never made a Rust value; both buffers outlive the calls.
    let (code, made) = unsafe {
        let (bits, size) = (window_bits(format), stream_size());
        assert_eq!(z::deflateInit2_(strm, level.into(), z::Z_DEFLATED, bits, 8, z::Z_DEFAULT_STRATEGY, z::zlibVersion(), size), z::Z_OK);
        (*strm).next_in = data.as_ptr().cast_mut();
        (*strm).avail_in = u32::try_from(data.len()).unwrap();
        (*strm).next_out = output.as_mut_ptr();
        (*strm).avail_out = u32::try_from(output.len()).unwrap();
        let code = z::deflate(strm, z::Z_FINISH);
        let made = output.len() - (*strm).avail_out as usize;
        z::deflateEnd(strm);
        (code, made)
    };
    assert_eq!(code, z::Z_STREAM_END);
    output.truncate(made);
    output
}

/// Decompresses one stream into at most `room` bytes. `None` if it is damaged, too short or too long.
pub(crate) fn decompress(data: &[u8], format: Format, room: usize) -> Option<Vec<u8>> {
    let mut output = vec![0; room + 1];
    let mut stream = MaybeUninit::<z::z_stream>::zeroed();
    let strm = stream.as_mut_ptr();
    // SAFETY: as in `compress`.
    let (code, made) = unsafe {
        assert_eq!(z::inflateInit2_(strm, window_bits(format), z::zlibVersion(), stream_size()), z::Z_OK);
        (*strm).next_in = data.as_ptr().cast_mut();
        (*strm).avail_in = u32::try_from(data.len()).unwrap();
        (*strm).next_out = output.as_mut_ptr();
        (*strm).avail_out = u32::try_from(output.len()).unwrap();
        let code = z::inflate(strm, z::Z_NO_FLUSH);
        let made = output.len() - (*strm).avail_out as usize;
        z::inflateEnd(strm);
        (code, made)
    };
    output.truncate(made);
    (code == z::Z_STREAM_END && made <= room).then_some(output)
}

pub(crate) fn crc32(data: &[u8]) -> u32 {
    // SAFETY: pointer and length are of one slice.
    let sum = unsafe { z::crc32(0, data.as_ptr(), u32::try_from(data.len()).unwrap()) };
    u32::try_from(sum).unwrap()
}

pub(crate) fn adler32(data: &[u8]) -> u32 {
    // SAFETY: pointer and length are of one slice.
    let sum = unsafe { z::adler32(1, data.as_ptr(), u32::try_from(data.len()).unwrap()) };
    u32::try_from(sum).unwrap()
}
