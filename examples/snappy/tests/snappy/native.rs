//! The same snappy, compiled for this machine: the oracle.

#![allow(unsafe_code, reason = "calls of native C functions, in a test only")]

use snappy_src as s;

pub(crate) fn compress(data: &[u8]) -> Vec<u8> {
    // SAFETY: both buffers are as long as is said, and outlive the call.
    unsafe {
        let mut length = s::snappy_max_compressed_length(data.len());
        let mut output = vec![0; length];
        let status = s::snappy_compress(data.as_ptr().cast(), data.len(), output.as_mut_ptr().cast(), &raw mut length);
        assert_eq!(status, s::snappy_status_SNAPPY_OK);
        output.truncate(length);
        output
    }
}

/// Decompresses a block into at most `room` bytes. `None` if it is damaged or too long.
pub(crate) fn decompress(data: &[u8], room: usize) -> Option<Vec<u8>> {
    // SAFETY: as in `compress`.
    unsafe {
        let mut length = 0;
        if s::snappy_uncompressed_length(data.as_ptr().cast(), data.len(), &raw mut length) != s::snappy_status_SNAPPY_OK || length > room {
            return None;
        }
        let mut output = vec![0; length];
        let status = s::snappy_uncompress(data.as_ptr().cast(), data.len(), output.as_mut_ptr().cast(), &raw mut length);
        (status == s::snappy_status_SNAPPY_OK && length == output.len()).then_some(output)
    }
}
