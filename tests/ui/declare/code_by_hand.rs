//! Machine code of another place than the build's own folder is somebody's word, which a crate can forbid.

#![forbid(unsafe_code)]

sandbox::library! {
    #[precompiled(unsafe(b"\xcc"))]
    pub mod by_hand {
        extern "C" { pub fn f(); }
    }
}

sandbox::library! {
    #[precompiled(unsafe(include_bytes!(concat!(env!("OUT_DIR"), "/../code"))))]
    pub mod above {
        extern "C" { pub fn f(); }
    }
}

mod other_words {
    // Names that are the build's own, and here stand for something else. What is meant is read from `OUT_DIR`, where there is no such file.
    macro_rules! include_bytes { ($($any:tt)*) => { b"\xcc" } }

    sandbox::library! {
        #[precompiled(unsafe(include_bytes!(concat!(env!("OUT_DIR"), "/no_such_file"))))]
        pub mod shadowed {
            extern "C" { pub fn f(); }
        }
    }
}

fn main() {
    let _ = sandbox::__private::Precompiled::trusted(b"\xcc");
}
