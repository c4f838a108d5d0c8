//! CVE-2018-25032: many distant matches, compressed with fixed codes.
//!
//! `deflate` collects a block's matches in the upper part of the buffer into whose lower part it then writes their codes. A match takes
//! 24 bits of the buffer; a fixed code for one that is long and far away takes up to 31. So the output overtakes what it is made from,
//! and bits of the output are read as a match's distance. It is an index into a table: what is behind that ends up as the number of a code, and its length.

use std::io::Read as _;

use flate2::read::ZlibDecoder;
use sandbox::{GuestType, Sandbox};

use crate::failure::Result;
use crate::libraries::{expect, zlib};
use crate::random::Random;
use crate::{Contained, Failure, Replay, contain, libraries};

/// The farthest that a match may begin, in bytes back.
const WINDOW: usize = 32 << 10;

/// `deflate` looks no closer than this to the end of the window, in bytes.
const MARGIN: usize = 262;

pub(crate) fn replay() -> Replay {
    Replay {
        cve: "CVE-2018-25032",
        library: "zlib 1.2.11 (`libz-sys` 1.1.5)",
        wrong: "`deflate` overwrites the matches that it is about to encode, if many are far away",
        program: "zlib_distances",
        hostile: || distant_matches(300),
        honest,
        version: libraries::zlib_version,
        contain,
    }
}

fn contain(hostile: &[u8], honest: &[u8]) -> Result<Contained> {
    contain::contain(request, hostile, honest, &honest.to_vec())
}

fn honest() -> Vec<u8> {
    b"matches that are near, ".repeat(1000)
}

/// Makes data without a pattern, and behind it pieces of it: each at least 131 bytes long, whose length has five more bits beside its code,
/// and from at least 24 KiB and 24 bytes back, so that its distance has thirteen.
fn distant_matches(count: usize) -> Vec<u8> {
    const NEAREST: usize = 24_600;
    let mut random = Random::new();
    let mut data = random.bytes(WINDOW);
    for _ in 0..count {
        let begin = data.len() - (NEAREST + random.below(WINDOW - MARGIN - NEAREST));
        let length = 131 + random.below(100);
        data.extend_from_within(begin..begin + length);
    }
    data
}

/// What an application does: it compresses, and since that can go wrong, it decompresses with another implementation before it lets
/// go of the original.
fn request(sb: &mut Sandbox<zlib::Library>, data: &[u8]) -> Result<Vec<u8>> {
    let length = data.len() as u32;
    let room = 2 * length + 1000;
    let (strm, input, output) = (sb.alloc::<zlib::z_stream>(1)?, sb.copy_in(data)?, sb.alloc::<u8>(room)?);
    let version = sb.copy_in_c_str(zlib::ZLIB_VERSION)?;
    sb.write(strm.as_ptr(), zlib::z_stream::zeroed())?;
    let size = <zlib::z_stream as GuestType<zlib::Library>>::SIZE as i32;
    // The least memory, so that a block has few matches.
    const MEM_LEVEL: i32 = 1;
    let code = zlib::deflateInit2_(sb, &strm, zlib::Z_BEST_COMPRESSION, zlib::Z_DEFLATED, 15, MEM_LEVEL, zlib::Z_FIXED, &version, size)?;
    expect("deflateInit2_", code, zlib::Z_OK)?;
    sb.write(strm.as_ptr().next_in(), input.as_ptr())?;
    sb.write(strm.as_ptr().avail_in(), length)?;
    sb.write(strm.as_ptr().next_out(), output.as_ptr())?;
    sb.write(strm.as_ptr().avail_out(), room)?;
    expect("deflate", zlib::deflate(sb, &strm, zlib::Z_FINISH)?, zlib::Z_STREAM_END)?;
    let left = sb.read(strm.as_ptr().avail_out())?;
    let left = left.verify(|left| if left <= room { Ok(left) } else { Err(Failure::WrongAnswer("impossible size".to_owned())) })?;
    let packed = sb.copy_out(output.as_ptr(), room - left)?;
    let unpacked = packed.verify(|packed| {
        let mut unpacked = Vec::new();
        let read = ZlibDecoder::new(&packed[..]).take(data.len() as u64 + 1).read_to_end(&mut unpacked);
        let same = unpacked.iter().zip(data).take_while(|(a, b)| a == b).count();
        match read {
            Ok(_) if unpacked == data => Ok(unpacked),
            _ => Err(Failure::WrongAnswer(format!("of {} bytes, {same} come back", data.len()))),
        }
    })?;
    expect("deflateEnd", zlib::deflateEnd(sb, &strm)?, zlib::Z_OK)?;
    Ok(unpacked)
}
