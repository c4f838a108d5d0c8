// What follows an array without a length has no place.
sandbox::library! {
    #[precompiled(unsafe(&[]))]
    pub mod bad {
        pub struct list { pub count: c_int, pub items: [c_int], pub end: c_int }
    }
}

fn main() {}
