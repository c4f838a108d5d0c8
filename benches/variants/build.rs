//! Compiles zlib, libpng and the driver for this machine.

use std::path::PathBuf;
use std::{env, fs};

include!("src/sources.rs");

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (zlib, libpng) =
        (build_support::crate_source("libz-sys").join("src/zlib"), build_support::crate_source("libpng-sys").join("vendor"));
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("no OUT_DIR")?);
    // libpng's configuration, as its own build would make it.
    fs::copy(libpng.join("scripts/pnglibconf.h.prebuilt"), out.join("pnglibconf.h"))?;
    for file in ["driver.c", "driver.h", "src/sources.rs"] {
        println!("cargo::rerun-if-changed={file}");
    }
    let mut build = cc::Build::new();
    // The level of the guest, whatever that of cargo's profile is.
    build.opt_level(3).debug(false).warnings(false).include(&zlib).include(&libpng).include(&out).file("driver.c");
    println!("cargo::rerun-if-env-changed=VARIANTS_NATIVE");
    for flag in env::var("VARIANTS_NATIVE").unwrap_or_default().split_whitespace() {
        build.flag(flag);
    }
    build.files(ZLIB.map(|file| zlib.join(file))).files(LIBPNG.map(|file| libpng.join(file))).compile("driver");
    println!("cargo::rustc-link-lib=m");
    for (name, path) in [("VARIANTS_ZLIB", &zlib), ("VARIANTS_LIBPNG", &libpng), ("VARIANTS_CONFIG", &out)] {
        println!("cargo::rustc-env={name}={}", path.display());
    }
    Ok(())
}
