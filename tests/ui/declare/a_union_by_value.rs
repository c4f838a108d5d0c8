// A union is passed by a pointer.
sandbox::library! {
    #[precompiled(unsafe(&[]))]
    pub mod bad {
        pub union number { pub i: c_int, pub f: f32 }
        extern "C" { pub fn show(number: number); }
    }
}

fn main() {}
