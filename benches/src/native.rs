//! The C libraries, compiled for this machine.
#![allow(unsafe_code, missing_docs, reason = "C without a sandbox; bench.h has the docs")]

use std::ffi::{CStr, CString, c_char, c_int, c_uint, c_void};
use std::ptr;

use libz_sys as zlib;
use rusqlite::ffi as sqlite;

use crate::data::Picture;

// SAFETY: the declarations of bench.h and expat.h.
unsafe extern "C" {
    pub safe fn bench_empty();
    pub safe fn bench_call_empty(times: i32);
    pub fn bench_four(a: i32, b: i64, c: f64, d: *const u8) -> i64;
    pub safe fn bench_call_back(callback: extern "C" fn(i32) -> i32, times: i32) -> i32;

    fn XML_ParserCreate(encoding: *const c_char) -> *mut c_void;
    fn XML_ParserFree(parser: *mut c_void);
    fn XML_SetUserData(parser: *mut c_void, data: *mut c_void);
    fn XML_SetElementHandler(
        parser: *mut c_void,
        start: extern "C" fn(*mut c_void, *const c_char, *const *const c_char),
        end: extern "C" fn(*mut c_void, *const c_char),
    );
    fn XML_Parse(parser: *mut c_void, text: *const c_char, length: c_int, last: c_int) -> c_int;
}

extern "C" fn start(count: *mut c_void, _: *const c_char, _: *const *const c_char) {
    // SAFETY: `elements` passes a pointer to a counter that outlives the parser.
    unsafe { *count.cast::<u64>() += 1 };
}

extern "C" fn end(count: *mut c_void, _: *const c_char) {
    // SAFETY: as above.
    unsafe { *count.cast::<u64>() += 1 };
}

/// Counts where elements begin and end, with expat.
#[must_use]
pub fn element_events(document: &[u8]) -> u64 {
    let mut count = 0_u64;
    // SAFETY: a parser is made, used and freed; the counter and the document live as long.
    unsafe {
        let parser = XML_ParserCreate(std::ptr::null());
        XML_SetUserData(parser, (&raw mut count).cast());
        XML_SetElementHandler(parser, start, end);
        let length = c_int::try_from(document.len()).expect("a document of less than 2 GiB");
        assert_eq!(XML_Parse(parser, document.as_ptr().cast(), length, 1), 1, "the document is well-formed");
        XML_ParserFree(parser);
    }
    count
}

/// Compresses with zlib, into the zlib format.
///
/// # Panics
///
/// If zlib fails, which it does not.
#[must_use]
pub fn deflate(bytes: &[u8], level: u8) -> Vec<u8> {
    let mut length = bytes.len() + bytes.len() / 1000 + 64;
    let mut packed = vec![0; length];
    // SAFETY: both buffers have the lengths that are given.
    let code = unsafe {
        let mut room = length as zlib::uLongf;
        let code = zlib::compress2(packed.as_mut_ptr(), &raw mut room, bytes.as_ptr(), bytes.len() as zlib::uLong, level.into());
        length = usize::try_from(room).expect("it fits");
        code
    };
    assert_eq!(code, zlib::Z_OK, "there is room");
    packed.truncate(length);
    packed
}

/// Decompresses with zlib, `length` bytes.
///
/// # Panics
///
/// If the input is not whole.
#[must_use]
pub fn inflate(packed: &[u8], length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    // SAFETY: both buffers have the lengths that are given.
    let code = unsafe {
        let mut room = length as zlib::uLongf;
        zlib::uncompress(bytes.as_mut_ptr(), &raw mut room, packed.as_ptr(), packed.len() as zlib::uLong)
    };
    assert_eq!(code, zlib::Z_OK, "it is whole");
    bytes
}

#[must_use]
pub fn crc32(bytes: &[u8]) -> u32 {
    // SAFETY: the buffer has the length that is given.
    (unsafe { zlib::crc32(0, bytes.as_ptr(), c_uint::try_from(bytes.len()).expect("small")) }) as u32
}

#[must_use]
pub fn adler32(bytes: &[u8]) -> u32 {
    // SAFETY: the buffer has the length that is given.
    (unsafe { zlib::adler32(1, bytes.as_ptr(), c_uint::try_from(bytes.len()).expect("small")) }) as u32
}

/// `shim_png` of the example's shim.h, in this machine's ABI.
#[repr(C)]
struct ShimPng {
    png: *mut c_void,
    info: *mut c_void,
    have_info: c_int,
    finished: c_int,
    out: *const u8,
    out_len: usize,
}

// SAFETY: the declarations of shim.h, which the example compiles for this machine with its feature `native`.
unsafe extern "C" {
    fn shim_write_new() -> *mut ShimPng;
    fn shim_free(shim: *mut ShimPng);
    fn shim_write_header(
        shim: *mut ShimPng,
        width: c_uint,
        height: c_uint,
        depth: c_int,
        color_type: c_int,
        palette: *const u8,
        colors: c_int,
        alpha: *const u8,
        alphas: c_int,
    ) -> c_int;
    fn shim_write_rows(shim: *mut ShimPng, rows: *const u8, stride: usize, count: c_uint) -> c_int;
    fn shim_write_end(shim: *mut ShimPng) -> c_int;
}

/// Encodes a picture with libpng, as RGB: all its pixels are opaque, and then the example leaves alpha away too.
///
/// # Panics
///
/// If libpng fails, which it does not.
#[must_use]
pub fn encode(picture: &Picture) -> Vec<u8> {
    let rows = picture.rgb();
    let mut file = Vec::new();
    // SAFETY: the struct is made, used and freed as shim.h says; the rows have the length that is given.
    unsafe {
        let shim = shim_write_new();
        let rgb = 2;
        let mut done = shim_write_header(shim, picture.size, picture.size, 8, rgb, ptr::null(), 0, ptr::null(), 0);
        done &= shim_write_rows(shim, rows.as_ptr(), picture.size as usize * 3, picture.size);
        done &= shim_write_end(shim);
        assert_eq!(done, 1, "libpng has encoded it");
        file.extend_from_slice(std::slice::from_raw_parts((*shim).out, (*shim).out_len));
        shim_free(shim);
    }
    file
}

/// A database of SQLite in memory, to be read through `sqlite3_exec` and its callback.
#[derive(Debug)]
pub struct Rows(*mut sqlite::sqlite3);

impl Rows {
    /// Opens it and fills it.
    ///
    /// # Panics
    ///
    /// If that is no SQL.
    #[must_use]
    pub fn new(setup: &str) -> Self {
        let mut handle = ptr::null_mut();
        let flags = sqlite::SQLITE_OPEN_READWRITE | sqlite::SQLITE_OPEN_CREATE | sqlite::SQLITE_OPEN_NOMUTEX;
        // SAFETY: a name that ends, and a place for the handle.
        assert_eq!(unsafe { sqlite::sqlite3_open_v2(c":memory:".as_ptr(), &raw mut handle, flags, ptr::null()) }, 0);
        let rows = Self(handle);
        let _ = rows.count_bytes(setup);
        rows
    }

    /// Counts the bytes of all columns of all rows.
    ///
    /// # Panics
    ///
    /// If that is no SQL.
    #[must_use]
    pub fn count_bytes(&self, sql: &str) -> usize {
        extern "C" fn each(bytes: *mut c_void, columns: c_int, values: *mut *mut c_char, _: *mut *mut c_char) -> c_int {
            for column in 0..usize::try_from(columns).unwrap_or_default() {
                // SAFETY: SQLite passes as many strings, of which some may be null; the counter outlives the query.
                unsafe {
                    let value = *values.add(column);
                    if !value.is_null() {
                        *bytes.cast::<usize>() += CStr::from_ptr(value).to_string_lossy().into_owned().len();
                    }
                }
            }
            0
        }
        let sql = CString::new(sql).expect("no NUL");
        let mut bytes = 0_usize;
        // SAFETY: the handle is open; the string and the counter outlive the call.
        let code = unsafe { sqlite::sqlite3_exec(self.0, sql.as_ptr(), Some(each), (&raw mut bytes).cast(), ptr::null_mut()) };
        assert_eq!(code, 0, "it is SQL");
        bytes
    }
}

impl Drop for Rows {
    fn drop(&mut self) {
        // SAFETY: opened in `new`, and closed only here.
        unsafe { sqlite::sqlite3_close(self.0) };
    }
}
