// An explicit layout cannot put two fields in one place, or one outside.
sandbox::library! {
    #[precompiled(unsafe(&[]))]
    pub mod bad {
        #[layout(size = 5, align = 1, explicit)]
        pub struct packed { #[offset(0)] pub tag: c_short, #[offset(1)] pub value: c_int, #[offset(4)] pub end: c_short }
    }
}

fn main() {}
