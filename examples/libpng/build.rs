//! Compiles libpng and zlib into one sandboxed module, together with `shim.c`.

use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    let out_dir = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    let libpng = build_support::crate_source("libpng-sys").join("vendor");
    // libpng's configuration, as its own build would make it.
    if let Err(error) = copy_if_changed(&libpng.join("scripts/pnglibconf.h.prebuilt"), &out_dir.join("pnglibconf.h")) {
        println!("cargo::error=cannot copy libpng's configuration to {}: {error}", out_dir.display());
        return;
    }
    build_support::Library::new("png")
        .source_dir(&libpng)
        .files(["png.c", "pngerror.c", "pngget.c", "pngmem.c", "pngpread.c", "pngread.c", "pngrio.c", "pngrtran.c"])
        .files(["pngrutil.c", "pngset.c", "pngtrans.c", "pngwio.c", "pngwrite.c", "pngwtran.c", "pngwutil.c"])
        .tuned(build_support::Tuned::Libpng)
        .include(&out_dir)
        .shim("shim.c")
        .library(|zlib| {
            zlib.tuned(build_support::Tuned::Zlib).source_dir(build_support::crate_source("libz-sys").join("src/zlib")).files([
                "adler32.c",
                "crc32.c",
                "deflate.c",
                "inffast.c",
                "inflate.c",
                "inftrees.c",
                "trees.c",
                "zutil.c",
            ]);
        })
        .include(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default())
        .header("shim.h")
        .allow_function("shim_.*")
        .block_function("shim_size")
        // Called from Rust: functions that cannot fail, and so need no `setjmp` around them.
        .allow_function("png_set_(compression_level|gAMA_fixed)|png_get_libpng_ver")
        .allow_type("png_text|png_color|shim_png")
        .allow_var("PNG_COLOR_TYPE_.*|PNG_ITXT_COMPRESSION_NONE|SHIM_.*")
        .compile();

    let images = build_support::crate_source("spng-sys").join("libspng/tests");
    println!("cargo::rustc-env=EXAMPLE_LIBPNG_IMAGES={}", images.display());
    #[cfg(feature = "native")]
    native(&libpng, &out_dir);
}

/// Compiles the shim for the host: the native reference goes through the same C code as the sandboxed library.
#[cfg(feature = "native")]
fn native(libpng: &Path, out_dir: &Path) {
    let mut build = cc::Build::new();
    build.file("shim.c").include(libpng).include(out_dir);
    // Where the native zlib's header is does not matter to the shim, but `png.h` belongs to the copy that is linked.
    println!("cargo::rerun-if-changed=shim.c");
    println!("cargo::rerun-if-changed=shim.h");
    build.compile("example_libpng_shim");
}

fn copy_if_changed(from: &Path, to: &Path) -> std::io::Result<()> {
    let wanted = fs::read(from)?;
    if fs::read(to).is_ok_and(|found| found == wanted) { Ok(()) } else { fs::write(to, wanted) }
}
