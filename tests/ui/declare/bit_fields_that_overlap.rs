// Each bit belongs to one field.
sandbox::library! {
    #[precompiled(unsafe(&[]))]
    pub mod bad {
        #[layout(size = 4, align = 4, explicit)]
        pub struct flags { #[bits(offset = 0, width = 4)] pub low: c_uint, #[bits(offset = 3, width = 5)] pub high: c_uint }
    }
}

fn main() {}
