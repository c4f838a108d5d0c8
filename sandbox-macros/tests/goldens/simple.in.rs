// Constants, typedefs and opaque types.
sandbox::library! {
    #[precompiled(unsafe(&[]))]
    pub mod simple {
        pub const Z_OK: c_int = 0;
        pub const Z_ERRNO: c_int = -1;
        pub const MASK: c_ulong = 0xffff_ffff;
        pub const PI: f64 = 3.25;
        pub const YES: bool = true;
        pub const VERSION: &CStr = c"1.3.2";
        pub type uInt = c_uint;
        pub type voidpf = *mut c_void;
        pub type pair = [uInt; 2];
        pub type handler = Option<unsafe extern "C" fn(uInt)>;
        /// The library keeps its fields to itself.
        pub struct internal_state;
        pub type state = internal_state;
        pub struct holder {
            pub count: uInt,
            pub both: pair,
            pub handler: handler,
            pub state: *mut state,
        }
    }
}
