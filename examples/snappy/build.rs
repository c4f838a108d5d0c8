//! Compiles snappy, which is C++, for the sandbox, and binds the functions of its C header that the crate calls.

use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    let out_dir = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    // The sources are in the package that binds snappy natively, which is not built for this.
    let snappy = build_support::crate_source("snappy_src").join("snappy");
    if let Err(error) = configure(&snappy, &out_dir) {
        println!("cargo::error=cannot write snappy's configuration to {}: {error}", out_dir.display());
        return;
    }
    build_support::Library::new("snappy")
        .source_dir(&snappy)
        .files(["snappy.cc", "snappy-c.cc", "snappy-sinksource.cc", "snappy-stubs-internal.cc"])
        .include(&out_dir)
        .flag("-std=c++17")
        .header("snappy-c.h")
        .allow_function("snappy_(compress|uncompress|uncompressed_length)")
        .compile();
}

/// Fills in snappy's configuration header, as its own build would.
fn configure(snappy: &Path, out_dir: &Path) -> std::io::Result<()> {
    let template = fs::read_to_string(snappy.join("snappy-stubs-public.h.in"))?;
    // The version is in a macro that nothing here uses.
    let mut text = template.replace("${HAVE_SYS_UIO_H_01}", "1");
    for part in ["MAJOR", "MINOR", "PATCH"] {
        text = text.replace(&format!("${{PROJECT_VERSION_{part}}}"), "0");
    }
    let header = out_dir.join("snappy-stubs-public.h");
    if fs::read_to_string(&header).is_ok_and(|found| found == text) { Ok(()) } else { fs::write(header, text) }
}
