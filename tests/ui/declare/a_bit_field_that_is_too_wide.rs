// A number has as many bits as its type.
sandbox::library! {
    #[precompiled(unsafe(&[]))]
    pub mod bad {
        #[layout(size = 8, align = 4, explicit)]
        pub struct flags { #[bits(offset = 0, width = 9)] pub byte: c_uchar, #[bits(offset = 60, width = 5)] pub last: c_uint }
    }
}

fn main() {}
