// With an explicit layout nothing is guessed.
sandbox::library! {
    #[precompiled(unsafe(&[]))]
    pub mod bad {
        #[layout(size = 8, align = 1, explicit)]
        pub struct packed { #[offset(0)] pub tag: c_char, pub value: c_int }
    }
}

fn main() {}
