// A type has to be declared, at least as an opaque one.
sandbox::library! {
    #[precompiled(unsafe(&[]))]
    pub mod bad {
        extern "C" {
            pub fn open(name: *const c_char) -> *mut FILE;
        }
    }
}

fn main() {}
