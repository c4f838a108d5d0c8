// A variadic function needs a shim with fixed parameters.
sandbox::library! {
    #[precompiled(unsafe(&[]))]
    pub mod bad {
        extern "C" {
            pub fn printf(format: *const c_char, ...) -> c_int;
        }
    }
}

fn main() {}
