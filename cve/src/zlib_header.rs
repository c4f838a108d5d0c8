//! CVE-2022-37434: the extra field of a gzip header that comes in two pieces.
//!
//! `inflate` copies the extra field into the application's buffer, of `extra_max` bytes, as far as there is room. Of a second
//! piece it computes the room as `extra_max - len`, where `len` is how much of the field came before: if that is more than the
//! buffer holds, the difference is below zero, hence nearly 4 GiB, and so much is copied to behind the buffer.

use sandbox::{GuestType, Sandbox};

use crate::failure::Result;
use crate::libraries::{expect, zlib};
use crate::{Contained, Failure, Replay, contain, libraries};

/// As the application keeps of extra fields, in bytes. So does `native/zlib_header.c`.
const EXTRA: u32 = 16;

/// Input comes in pieces of this many bytes. So does it in `native/zlib_header.c`.
const PIECE: usize = 512;

/// No honest output is longer, in bytes.
const OUTPUT: u32 = 100;

pub(crate) fn replay() -> Replay {
    Replay {
        cve: "CVE-2022-37434",
        library: "zlib 1.2.11 (`libz-sys` 1.1.5)",
        wrong: "`inflate` copies a gzip header's extra field past the end of the buffer for it",
        program: "zlib_header",
        hostile: || gzip(&[b'A'; 1000], b"x"),
        honest: || gzip(b"shorter than 16", b"honest"),
        version: libraries::zlib_version,
        contain,
    }
}

fn contain(hostile: &[u8], honest: &[u8]) -> Result<Contained> {
    contain::contain(request, hostile, honest, &(b"shorter than 16".to_vec(), b"honest".to_vec()))
}

/// Makes a gzip file with an extra field, its data in one stored block.
fn gzip(extra: &[u8], data: &[u8]) -> Vec<u8> {
    const FLAG_EXTRA: u8 = 4;
    let length = |bytes: &[u8]| (bytes.len() as u16).to_le_bytes();
    let mut file = vec![0x1f, 0x8b, 8, FLAG_EXTRA, 0, 0, 0, 0, 0, 255];
    file.extend(length(extra));
    file.extend(extra);
    file.push(1);
    file.extend(length(data));
    file.extend(length(data).map(|byte| !byte));
    file.extend(data);
    file.extend(crc32(data).to_le_bytes());
    file.extend((data.len() as u32).to_le_bytes());
    file
}

fn crc32(data: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(data);
    crc.sum()
}

/// What an application does: it decompresses a gzip file as it comes in, and wants its extra field too.
fn request(sb: &mut Sandbox<zlib::Library>, file: &[u8]) -> Result<(Vec<u8>, Vec<u8>)> {
    let (strm, header) = (sb.alloc::<zlib::z_stream>(1)?, sb.alloc::<zlib::gz_header>(1)?);
    let (extra, output) = (sb.alloc::<u8>(EXTRA)?, sb.alloc::<u8>(OUTPUT)?);
    let input = sb.alloc::<u8>(PIECE as u32)?;
    let version = sb.copy_in_c_str(zlib::ZLIB_VERSION)?;
    sb.write(strm.as_ptr(), zlib::z_stream::zeroed())?;
    sb.write(header.as_ptr(), zlib::gz_header::zeroed())?;
    sb.write(header.as_ptr().extra(), extra.as_ptr())?;
    sb.write(header.as_ptr().extra_max(), EXTRA)?;

    let size = <zlib::z_stream as GuestType<zlib::Library>>::SIZE as i32;
    expect("inflateInit2_", zlib::inflateInit2_(sb, &strm, 31, &version, size)?, zlib::Z_OK)?;
    expect("inflateGetHeader", zlib::inflateGetHeader(sb, &strm, &header)?, zlib::Z_OK)?;
    sb.write(strm.as_ptr().next_out(), output.as_ptr())?;
    sb.write(strm.as_ptr().avail_out(), OUTPUT)?;
    let mut pieces = file.chunks(PIECE).peekable();
    while let Some(piece) = pieces.next() {
        sb.write_bytes(input.as_ptr(), piece)?;
        sb.write(strm.as_ptr().next_in(), input.as_ptr())?;
        sb.write(strm.as_ptr().avail_in(), piece.len() as u32)?;
        let code = zlib::inflate(sb, &strm, zlib::Z_NO_FLUSH)?;
        expect("inflate", code, if pieces.peek().is_some() { zlib::Z_OK } else { zlib::Z_STREAM_END })?;
    }
    let most = |what: &'static str, most: u32| move |n: u32| if n <= most { Ok(n) } else { Err(Failure::WrongAnswer(what.to_owned())) };
    let left = sb.read(strm.as_ptr().avail_out())?.verify(most("more room left than there was", OUTPUT))?;
    let length = sb.read(header.as_ptr().extra_len())?.verify(most("more of the extra field than there is room for", EXTRA))?;
    let field = sb.copy_out(extra.as_ptr(), length)?.unverified_because("any bytes can be in an extra field");
    let data = sb.copy_out(output.as_ptr(), OUTPUT - left)?.unverified_because("any bytes can be the content of a stream");
    expect("inflateEnd", zlib::inflateEnd(sb, &strm)?, zlib::Z_OK)?;
    Ok((field, data))
}
