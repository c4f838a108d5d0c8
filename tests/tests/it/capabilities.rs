//! What a guest can be given, and what it sees of what it was not given. The other side is `fixtures/capabilities.c`, for
//! guests that lie `hostile/files.wat`.

mod clock;
mod denied;
mod environment;
mod files;
mod folder;
mod hostile;
mod random;
mod streams;

use std::ffi::CString;

use sandbox::{Allocation, Sandbox, Tainted};

sandbox::include_library!(capabilities);

type Library = capabilities::Library;
type Sb = Sandbox<Library>;

/// Error numbers of WASI.
mod errno {
    pub(super) const BADF: i32 = 8;
    pub(super) const EXIST: i32 = 20;
    pub(super) const ILSEQ: i32 = 25;
    pub(super) const INVAL: i32 = 28;
    pub(super) const ISDIR: i32 = 31;
    pub(super) const LOOP: i32 = 32;
    pub(super) const MFILE: i32 = 33;
    pub(super) const NAMETOOLONG: i32 = 37;
    pub(super) const NOENT: i32 = 44;
    pub(super) const NOSYS: i32 = 52;
    pub(super) const NOTDIR: i32 = 54;
    pub(super) const OVERFLOW: i32 = 61;
    pub(super) const ROFS: i32 = 69;
    pub(super) const SPIPE: i32 = 70;
    pub(super) const NOTCAPABLE: i32 = 76;
}

fn value<T>(tainted: Tainted<T, Library>) -> T {
    tainted.unverified_because("the test looks at what came out")
}

fn c_str(sb: &mut Sb, text: impl Into<Vec<u8>>) -> Allocation<i8, Library> {
    sb.copy_in_c_str(&CString::new(text).unwrap()).unwrap()
}

/// What wasi-libc says if no directory leads to a path: until 2023 the one, then the other.
fn is_no_directory(error: i32) -> bool {
    [errno::NOTCAPABLE, errno::NOENT].contains(&error)
}
