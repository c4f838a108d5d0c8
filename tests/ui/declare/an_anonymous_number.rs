// Only a struct or a union has members that can be those of another.
sandbox::library! {
    #[precompiled(unsafe(&[]))]
    pub mod bad {
        pub struct outer { #[anonymous] pub value: c_int }
    }
}

fn main() {}
