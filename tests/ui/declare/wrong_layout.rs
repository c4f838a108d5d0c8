// What C says about a struct is compared with its fields when the bindings are compiled.
sandbox::library! {
    #[precompiled(unsafe(&[]))]
    pub mod bad {
        #[layout(size = 12, align = 4)]
        pub struct pair {
            #[offset(0)]
            pub tag: u8,
            #[offset(8)]
            pub value: c_int,
        }
    }
}

fn main() {}
