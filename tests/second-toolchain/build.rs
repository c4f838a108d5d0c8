//! Builds the C libraries of the tests, zlib and snappy with the toolchain that
//! `SANDBOX_SECOND_TOOLCHAIN` names; without it nothing.

#[path = "../libraries.rs"]
mod libraries;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

use build_support::{Library, Toolchain, crate_source};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rustc-check-cfg=cfg(second_toolchain)");
    println!("cargo::rerun-if-env-changed=SANDBOX_SECOND_TOOLCHAIN");
    let Some(folder) = env::var_os("SANDBOX_SECOND_TOOLCHAIN").map(PathBuf::from) else {
        return Ok(());
    };
    println!("cargo::rustc-cfg=second_toolchain");
    println!("cargo::rerun-if-changed={}", folder.join("made-of.txt").display());
    let toolchain = Toolchain::at(&folder)?;
    let package = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let tests = package.parent().ok_or("the package is in no folder")?;
    let out = PathBuf::from(env::var("OUT_DIR")?);
    hostile(tests, &out)?;
    let mut libraries = libraries::all(tests, &out)?;
    libraries.extend([exceptions(), zlib(), snappy(&out)?]);
    for mut library in libraries {
        library.toolchain(toolchain.clone()).compile();
    }
    Ok(())
}

fn exceptions() -> Library {
    let mut library = Library::new("exceptions");
    library.file("fixtures/exceptions.cc").header("fixtures/exceptions.h").allow_function("exceptions_.*").setjmp(true);
    library
}

fn zlib() -> Library {
    let mut library = Library::new("zlib");
    library
        .source_dir(crate_source("libz-sys").join("src/zlib"))
        .files(["adler32.c", "compress.c", "crc32.c", "deflate.c", "inffast.c", "inflate.c", "inftrees.c", "trees.c", "uncompr.c"])
        .file("zutil.c")
        .header("zlib.h")
        .allow_function("compress2|compressBound|uncompress|crc32|zlibVersion")
        .allow_var("Z_.*|ZLIB_VERSION")
        .only_imports([]);
    library
}

fn snappy(out: &Path) -> Result<Library, Box<dyn Error>> {
    let sources = crate_source("snappy_src").join("snappy");
    // As its own build would fill it in.
    let mut text = fs::read_to_string(sources.join("snappy-stubs-public.h.in"))?.replace("${HAVE_SYS_UIO_H_01}", "1");
    for part in ["MAJOR", "MINOR", "PATCH"] {
        text = text.replace(&format!("${{PROJECT_VERSION_{part}}}"), "0");
    }
    fs::write(out.join("snappy-stubs-public.h"), text)?;
    let mut library = Library::new("snappy");
    library
        .source_dir(sources)
        .files(["snappy.cc", "snappy-c.cc", "snappy-sinksource.cc", "snappy-stubs-internal.cc"])
        .include(out)
        .flag("-std=c++17")
        .header("snappy-c.h")
        .allow_function("snappy_(compress|uncompress|max_compressed_length|validate_compressed_buffer)");
    Ok(library)
}

/// Compiles the guests that the shared tests have beside the C libraries.
fn hostile(tests: &Path, out: &Path) -> Result<(), Box<dyn Error>> {
    let out = out.join("hostile");
    fs::create_dir_all(&out)?;
    for name in ["assert", "assert_of_another_type", "files", "import_twice", "odd_imports"] {
        let guest = tests.join("hostile").join(name).with_extension("wat");
        println!("cargo::rerun-if-changed={}", guest.display());
        fs::write(out.join(name).with_extension("cwasm"), build_support::precompile(&wat::parse_file(guest)?)?)?;
    }
    Ok(())
}
