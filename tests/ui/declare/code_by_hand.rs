//! Machine code of another place than the build's own folder is somebody's word, which a crate can
//! forbid.

#![forbid(unsafe_code)]

// A file would not have to be there.
macro_rules! include_bytes { ($($any:tt)*) => { b"\xcc" } }

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

sandbox::library! {
    #[precompiled(unsafe(include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/code"))))]
    pub mod beside {
        extern "C" { pub fn f(); }
    }
}

fn main() {
    let _ = sandbox::__private::Precompiled::trusted(b"\xcc");
}
