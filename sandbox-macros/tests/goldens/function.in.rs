// A function is one line; its declaration is in the table.
sandbox::library! {
    #[precompiled(unsafe(&[]))]
    pub mod zlib {
        extern "C" {
            /// Updates a running CRC-32.
            pub fn crc32(crc: c_ulong, buf: *const u8, len: c_uint) -> c_ulong;
            #[link_name = "real_export"]
            pub fn renamed();
            pub fn wide(a: i64, b: f64, c: bool) -> *mut c_void;
            pub fn fail(code: c_int) -> !;
        }
    }
}
