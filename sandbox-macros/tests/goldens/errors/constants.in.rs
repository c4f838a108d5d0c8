sandbox::library! {
    #[precompiled(include_bytes!("lib.cwasm"))]
    pub mod bad {
        pub const A: u8 = 256;
        pub const B: c_uint = -1;
        pub const C: c_int = 1.0;
        pub const D: f64 = 1;
        pub const E: c_int = 1 + 1;
        pub const F: &CStr = "rust";
        pub const G: &str = "rust";
        pub const H: *mut u8 = 0;
        pub const I: usize = 1usize;
        pub const J = 1;
        pub const K: c_int = 1
    }
    pub mod second {}
}
