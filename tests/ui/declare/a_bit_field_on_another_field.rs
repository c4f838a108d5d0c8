// The bytes that bits are in belong to no other field.
sandbox::library! {
    #[precompiled(unsafe(&[]))]
    pub mod bad {
        #[layout(size = 8, align = 4, explicit)]
        pub struct mixed { #[bits(offset = 0, width = 33)] pub long: c_ulonglong, #[offset(4)] pub word: c_int }
    }
}

fn main() {}
