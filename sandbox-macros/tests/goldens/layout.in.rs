// What C's plain rules do not say: explicit layouts, bit-fields, unions, anonymous members, flexible arrays, variables.
sandbox::library! {
    #[precompiled(unsafe(&[]))]
    pub mod lib {
        #[repr(u32)]
        pub enum flag { OFF, ON }

        /// Bits in a packed struct.
        #[layout(size = 7, align = 1, explicit)]
        pub struct packed {
            #[bits(offset = 0, width = 3)] pub low: c_uint,
            #[bits(offset = 3, width = 1)] pub flag: flag,
            #[offset(1)] pub wide: c_int,
            #[offset(5)] pub tail: [c_short],
        }

        pub union number { pub i: c_int, pub d: c_double, pub set_i: *mut packed }

        pub struct message {
            pub kind: c_int,
            #[anonymous] pub anonymous_1: number,
            pub print: Option<unsafe extern "C" fn(*const c_char, ...) -> c_int>,
        }

        extern "C" {
            pub static mut verbosity: c_int;
            #[link_name = "real_names"]
            pub static names: [*const c_char];
        }
    }
}
