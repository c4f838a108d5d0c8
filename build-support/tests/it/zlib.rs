//! A real library, out of a published crate.

use build_support::{Library, crate_source};

#[test]
fn zlib_is_built_from_a_published_crate() {
    let folder = tempfile::tempdir().unwrap();
    let output = Library::new("zlib")
        .out_dir(folder.path())
        .source_dir(crate_source("libz-sys").join("src/zlib"))
        .files(["adler32.c", "compress.c", "crc32.c", "deflate.c", "inffast.c", "inflate.c", "inftrees.c", "trees.c", "zutil.c"])
        .header("zlib.h")
        .allow_function("crc32|compress2|(in|de)flate(Init2_|End)?")
        .allow_var("Z_.*")
        .try_compile()
        .unwrap();
    let bindings = std::fs::read_to_string(output.bindings()).unwrap();
    for line in [
        "pub const Z_DATA_ERROR: c_int = -3;",
        "#[layout(size = 56, align = 4)]",
        "#[offset(52)] pub reserved: uLong,",
        "pub fn crc32(crc: uLong, buf: *const Bytef, len: uInt) -> uLong;",
    ] {
        assert!(bindings.contains(line), "`{line}` is not in:\n{bindings}");
    }
    assert!(output.precompiled().metadata().unwrap().len() > 10_000);
    // Function names stay for traps; debug information, which libc may bring, does not.
    let wasm = std::fs::read(output.wasm()).unwrap();
    assert!(!wasm.windows(11).any(|bytes| bytes == b".debug_info"));
}
