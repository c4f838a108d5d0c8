// What no C compiler says.
sandbox::library! {
    #[precompiled(unsafe(&[]))]
    pub mod bad {
        #[layout(size = 9, align = 3)]
        pub struct odd { pub a: c_char }
        #[layout(size = 6, align = 4)]
        pub struct short { pub a: c_int }
    }
}

fn main() {}
