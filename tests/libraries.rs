//! The C libraries that two packages build for the same tests: this one with the toolchain of the
//! machine, and `second-toolchain` with another one.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use build_support::{Library, Tuned, crate_source};

/// Describes all of them. `tests` is the folder of this file, `out` one for what is written.
pub(crate) fn all(tests: &Path, out: &Path) -> Result<Vec<Library>, Box<dyn Error>> {
    let mut libraries = Vec::new();
    let mut add = |name: &str, file: &str, describe: &dyn Fn(&mut Library)| {
        let mut library = Library::new(name);
        library.source_dir(tests).file(format!("fixtures/{file}")).header(format!("fixtures/{}.h", stem(file)));
        describe(&mut library);
        libraries.push(library);
    };
    add("calls", "calls.c", &|library| {
        library.allow_function("calls_.*").setjmp(true);
    });
    add("capabilities", "capabilities.c", &|library| {
        library.allow_function("capabilities_.*");
    });
    add("cxx", "cxx.cc", &|library| {
        // For what throws by hand.
        library.file("fixtures/cxx_tag.s").flag("-mexception-handling").allow_function("cxx_.*").line_numbers(true);
    });
    add("denied", "denied.c", &|library| {
        library.header("stdio.h").allow_function("denied_.*|fflush");
    });
    add("parts", "parts.c", &|library| {
        for emulated in ["SIGNAL", "PROCESS_CLOCKS", "MMAN", "GETPID"] {
            library.define(&format!("_WASI_EMULATED_{emulated}"), None);
        }
        library.allow_function("parts_.*");
    });
    add("odd", "odd.c", &|library| {
        library.allow_function("odd_.*").block_function("odd_nowhere").allow_type("struct_odd_pair").allow_var("odd_.*|ODD_.*");
        library.stack_size(8 << 20);
    });
    add("types", "types.c", &|library| {
        library.allow_function(".*").allow_var(".*");
    });
    libraries.extend([traps(tests, "traps", true), traps(tests, "traps_without_lines", false)]);
    let config = png_config(out)?;
    println!("cargo::rustc-env=TESTS_FOLDER={}", tests.display());
    println!("cargo::rustc-env=MANUAL_IMAGES={}", crate_source("spng-sys").join("libspng/tests/images").display());
    libraries.extend([tuned(tests, &config, "tuned"), tuned(tests, &config, "untuned"), manual(tests, &config)]);
    Ok(libraries)
}

fn stem(file: &str) -> &str {
    file.split_once('.').map_or(file, |(stem, _)| stem)
}

/// A library with line numbers, or without.
fn traps(tests: &Path, name: &str, lines: bool) -> Library {
    let mut library = Library::new(name);
    library
        .source_dir(tests.join("fixtures"))
        .file("traps.c")
        .header("traps.h")
        .allow_function("traps_.*")
        .block_function("traps_half|traps_hundred_by")
        .stack_size(256 << 10)
        .line_numbers(lines);
    library
}

fn libpng() -> PathBuf {
    crate_source("libpng-sys").join("vendor")
}

fn zlib() -> PathBuf {
    crate_source("libz-sys").join("src/zlib")
}

/// Returns a folder with libpng's configuration, as its own build would make it.
fn png_config(out: &Path) -> Result<PathBuf, Box<dyn Error>> {
    let out = out.join("png");
    fs::create_dir_all(&out)?;
    let config = out.join("pnglibconf.h");
    let wanted = fs::read(libpng().join("scripts/pnglibconf.h.prebuilt"))?;
    if fs::read(&config).ok().as_ref() != Some(&wanted) {
        fs::write(&config, wanted)?;
    }
    Ok(out)
}

/// zlib and libpng with their own functions, or with those of build-support.
fn tuned(tests: &Path, config: &Path, name: &str) -> Library {
    let mut library = Library::new(name);
    library
        .source_dir(libpng())
        .glob("png*.c")
        .include(config)
        .source_dir(zlib())
        .files(["adler32.c", "crc32.c", "deflate.c", "infback.c", "inffast.c", "inflate.c", "inftrees.c", "trees.c", "zutil.c"])
        .shim(tests.join("fixtures/tuned.c"))
        .header(tests.join("fixtures/tuned.h"))
        .allow_function("tuned_.*");
    if name == "tuned" {
        library.tuned(Tuned::Zlib).tuned(Tuned::Libpng);
    }
    library
}

/// libpng for a program that uses it as its manual says, with the functions of libpng that such a
/// program calls.
fn manual(tests: &Path, config: &Path) -> Library {
    let mut library = Library::new("manual");
    library
        .source_dir(libpng())
        .files(["png.c", "pngerror.c", "pngget.c", "pngmem.c", "pngread.c"])
        .files(["pngrio.c", "pngrtran.c", "pngrutil.c", "pngset.c", "pngtrans.c"])
        .include(config)
        .opt_level("1")
        .library(|part| {
            let files = ["adler32.c", "crc32.c", "inffast.c", "inflate.c", "inftrees.c", "zutil.c"];
            part.source_dir(zlib()).files(files).opt_level("1");
        })
        .shim(tests.join("fixtures/manual.c"))
        .include(tests.join("fixtures"))
        .header("manual.h")
        .allow_function("manual_.*|png_create_(read|info)_struct|png_set_read_fn|png_longjmp|png_error")
        .allow_function("png_get_(error_ptr|io_ptr|image_height|rowbytes)")
        .allow_var("PNG_LIBPNG_VER_STRING");
    library
}
