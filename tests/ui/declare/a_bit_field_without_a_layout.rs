// Where bits are does not follow from the fields: the compiler has to say.
sandbox::library! {
    #[precompiled(unsafe(&[]))]
    pub mod bad {
        pub struct flags { #[bits(offset = 0, width = 3)] pub low: c_uint, pub rest: c_int }
    }
}

fn main() {}
