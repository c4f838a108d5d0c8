//! Compiles zlib for the sandbox, and binds the functions that the crate calls and no others.

fn main() {
    build_support::Library::new("zlib")
        // The sources are in the package that binds zlib natively, which is not built for this.
        .source_dir(build_support::crate_source("libz-sys").join("src/zlib"))
        .files(["adler32.c", "crc32.c", "deflate.c", "inffast.c", "inflate.c", "inftrees.c", "trees.c", "zutil.c"])
        .tuned(build_support::Tuned::Zlib)
        .header("zlib.h")
        .allow_function("(de|in)flate(Init2_|End)?|inflateReset|crc32|adler32")
        .allow_type("z_stream")
        .allow_var("Z_.*|ZLIB_VERSION")
        // It computes, and asks for nothing. If a new version does, the build fails and says what.
        .only_imports([])
        .compile();
}
