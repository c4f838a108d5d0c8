// C names that mean something in Rust: keywords, primitives, prelude names, names that locals of the expansion would have.
sandbox::library! {
    #[precompiled(unsafe(&[]))]
    pub mod r#mod {
        pub type u8 = ::std::os::raw::c_uchar;
        pub type Option = u8;
        pub const sandbox: c_int = 1;
        #[repr(u8)]
        pub enum color { bytes, value }
        pub struct boxed { pub self: u8, pub r#type: u8, pub match: u8 }
        pub struct boxedPlace { pub add: c_int }
        extern "C" {
            pub fn match(type: Option, self: c_int, sandbox: c_int, color: color, c_int, _: *mut boxed, x: c_int, x: c_int);
        }
    }
}
