// A struct by value has no binding yet, and never a wrong one.
sandbox::library! {
    #[precompiled(unsafe(&[]))]
    pub mod bad {
        pub struct point { pub x: c_int, pub y: c_int }
        extern "C" {
            pub fn distance(from: point, to: *const point) -> f64;
        }
    }
}

fn main() {}
