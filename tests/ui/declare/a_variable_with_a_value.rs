// A variable is the library's; what it holds is read.
sandbox::library! {
    #[precompiled(unsafe(&[]))]
    pub mod bad {
        extern "C" { pub static level: c_int = 6; }
        pub static outside: c_int;
    }
}

fn main() {}
