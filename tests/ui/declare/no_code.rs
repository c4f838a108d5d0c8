// A library without its code.
sandbox::library! {
    pub mod bad {
        extern "C" {
            pub fn f();
        }
    }
}

fn main() {}
