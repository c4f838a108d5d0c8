// All mistakes of a declaration are reported at once, each on the token that it is about.
sandbox::library! {
    #[precompiled(unsafe(&[]))]
    pub mod bad {
        pub struct precise { pub value: c_longdouble }
        pub struct bits { pub flag: c_uint: 3 }
        pub struct tail { pub len: c_int, pub data: [u8; 0] }
        extern "C" {
            pub fn wide(value: i128);
            pub fn good(value: c_int);
            pub fn array(values: [c_int; 4]);
        }
    }
}

fn main() {}
