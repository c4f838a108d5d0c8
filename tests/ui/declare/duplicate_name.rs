// Two C items of one name.
sandbox::library! {
    #[precompiled(unsafe(&[]))]
    pub mod bad {
        pub const limit: c_int = 1;
        extern "C" {
            pub fn limit() -> c_int;
        }
    }
}

fn main() {}
