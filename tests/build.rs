//! Builds the guests of the tests: hostile ones from WebAssembly text, which does exactly what is written, and C libraries.

mod generator;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    hostile()?;
    build_support::Library::new("basics")
        .file("fixtures/basics.c")
        .header("fixtures/basics.h")
        .allow_function("basics_.*")
        .allow_var("BASICS_.*")
        .compile();
    build_support::Library::new("calls")
        .file("fixtures/calls.c")
        .header("fixtures/calls.h")
        .allow_function("calls_.*")
        .setjmp(true)
        .compile();
    build_support::Library::new("capabilities")
        .file("fixtures/capabilities.c")
        .header("fixtures/capabilities.h")
        .allow_function("capabilities_.*")
        .compile();
    build_support::Library::new("cxx")
        .files(["fixtures/cxx.cc", "fixtures/cxx_tag.s"])
        // For what throws by hand.
        .flag("-mexception-handling")
        .header("fixtures/cxx.h")
        .allow_function("cxx_.*")
        .line_numbers(true)
        .compile();
    build_support::Library::new("denied")
        .file("fixtures/denied.c")
        .header("fixtures/denied.h")
        .header("stdio.h")
        .allow_function("denied_.*")
        .allow_function("fflush")
        .compile();
    build_support::Library::new("odd")
        .file("fixtures/odd.c")
        .header("fixtures/odd.h")
        .allow_function("odd_.*")
        .block_function("odd_nowhere")
        .allow_type("struct_odd_pair")
        .allow_var("odd_.*|ODD_.*")
        .stack_size(8 << 20)
        .compile();
    build_support::Library::new("prepared")
        .file("fixtures/prepared.c")
        .header("fixtures/prepared.h")
        .allow_function("prepared_.*")
        .pre_initialize("prepare")
        .stack_size(256 << 10)
        .line_numbers(true)
        .compile();
    build_support::Library::new("types").file("fixtures/types.c").header("fixtures/types.h").allow_function(".*").allow_var(".*").compile();
    traps();
    tuned()?;
    manual()?;
    generated()
}

/// Builds a library with line numbers and without.
fn traps() {
    for (name, lines) in [("traps", true), ("traps_without_lines", false)] {
        build_support::Library::new(name)
            .source_dir("fixtures")
            .file("traps.c")
            .header("traps.h")
            .allow_function("traps_.*")
            .block_function("traps_half|traps_hundred_by")
            .stack_size(256 << 10)
            .line_numbers(lines)
            .compile();
    }
}

/// Builds zlib and libpng with their own functions, and with those of build-support.
fn tuned() -> Result<(), Box<dyn Error>> {
    let libpng = build_support::crate_source("libpng-sys").join("vendor");
    let config = png_config(&libpng)?;
    for name in ["tuned", "untuned"] {
        let mut library = build_support::Library::new(name);
        library
            .source_dir(&libpng)
            .glob("png*.c")
            .include(config.as_path())
            .source_dir(build_support::crate_source("libz-sys").join("src/zlib"))
            .files(["adler32.c", "crc32.c", "deflate.c", "infback.c", "inffast.c", "inflate.c", "inftrees.c", "trees.c", "zutil.c"])
            .shim("fixtures/tuned.c")
            .header("fixtures/tuned.h")
            .allow_function("tuned_.*");
        if name == "tuned" {
            library.tuned(build_support::Tuned::Zlib).tuned(build_support::Tuned::Libpng);
        }
        library.compile();
    }
    Ok(())
}

fn hostile() -> Result<(), Box<dyn Error>> {
    let out = Path::new(&env::var("OUT_DIR")?).join("hostile");
    fs::create_dir_all(&out)?;
    println!("cargo::rerun-if-changed=hostile");
    for entry in fs::read_dir("hostile")? {
        let path = entry?.path();
        let wasm = wat::parse_file(&path)?;
        let name = path.with_extension("cwasm");
        fs::write(out.join(name.file_name().ok_or("no file name")?), build_support::precompile(&wasm)?)?;
    }
    // The same guest with so much static data that it is mapped, and not copied.
    let text = fs::read_to_string("hostile/leaves.wat")?;
    let data = format!("(data (i32.const 65536) \"{}\"))", "data".repeat(1 << 19));
    let end = text.rfind(')').ok_or("no module")?;
    let mapped = wat::parse_str(text.get(..end).unwrap_or_default().to_owned() + &data)?;
    fs::write(out.join("leaves_mapped.cwasm"), build_support::precompile(&mapped)?)?;
    let text = fs::read_to_string("hostile/starts_slowly.wat")?;
    for (name, guest) in [
        ("starts_constructor", text.replace(";; (call", "(call")),
        ("starts_function", text.replace(";; (start", "(start")),
        ("starts_copied", text.replace("(func $spin", &format!("(data (i32.const 65536) \"{}\") (func $spin", "data".repeat(250_000)))),
    ] {
        fs::write(out.join(name).with_extension("cwasm"), build_support::precompile(&wat::parse_str(guest)?)?)?;
    }
    // The same guest, with other checks in its code than the usual ones.
    let guest = wat::parse_file("hostile/limits.wat")?;
    let moves = wat::parse_file("hostile/moves.wat")?;
    for (name, guest, interrupts, fuel) in
        [("unchecked", &guest, false, false), ("counting", &guest, true, true), ("moves", &moves, true, true)]
    {
        let code = build_support::precompile_metered(guest, build_support::Metering { interrupts, fuel })?;
        fs::write(out.join(name).with_extension("cwasm"), code)?;
    }
    // Guests without what no snapshot holds.
    for (name, changes_table) in [
        ("remembers", "(table.set (i32.const 3) (ref.func $trap))"),
        ("leaves", "(table.fill (i32.const 0) (ref.func $answer) (table.size))"),
    ] {
        let text = fs::read_to_string(format!("hostile/{name}.wat"))?.replace(changes_table, "");
        fs::write(out.join(format!("{name}_for_snapshots.cwasm")), build_support::precompile(&wat::parse_str(text)?)?)?;
    }
    Ok(())
}

/// Returns a folder with libpng's configuration, as its own build would make it.
fn png_config(libpng: &Path) -> Result<PathBuf, Box<dyn Error>> {
    let out = Path::new(&env::var("OUT_DIR")?).join("png");
    fs::create_dir_all(&out)?;
    let config = out.join("pnglibconf.h");
    let wanted = fs::read(libpng.join("scripts/pnglibconf.h.prebuilt"))?;
    if fs::read(&config).ok().as_ref() != Some(&wanted) {
        fs::write(&config, wanted)?;
    }
    Ok(out)
}

/// Builds libpng for a program that uses it as its manual says, with the functions of libpng that such a program calls.
fn manual() -> Result<(), Box<dyn Error>> {
    let libpng = build_support::crate_source("libpng-sys").join("vendor");
    let config = png_config(&libpng)?;
    build_support::Library::new("manual")
        .source_dir(&libpng)
        .files([
            "png.c",
            "pngerror.c",
            "pngget.c",
            "pngmem.c",
            "pngread.c",
            "pngrio.c",
            "pngrtran.c",
            "pngrutil.c",
            "pngset.c",
            "pngtrans.c",
        ])
        .include(&config)
        .opt_level("1")
        .library(|zlib| {
            let files = ["adler32.c", "crc32.c", "inffast.c", "inflate.c", "inftrees.c", "zutil.c"];
            zlib.source_dir(build_support::crate_source("libz-sys").join("src/zlib")).files(files).opt_level("1");
        })
        .shim("fixtures/manual.c")
        .include(Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("fixtures"))
        .header("fixtures/manual.h")
        .allow_function("manual_.*|png_create_(read|info)_struct|png_set_read_fn|png_longjmp|png_error")
        .allow_function("png_get_(error_ptr|io_ptr|image_height|rowbytes)")
        .allow_var("PNG_LIBPNG_VER_STRING")
        .compile();
    println!("cargo::rustc-env=MANUAL_IMAGES={}", build_support::crate_source("spng-sys").join("libspng/tests/images").display());
    Ok(())
}

/// Builds the libraries of random headers, each as a whole, and writes the tests that fit their bindings.
fn generated() -> Result<(), Box<dyn Error>> {
    let out = Path::new(&env::var("OUT_DIR")?).join("generated");
    let mut tests = generator::Tests::default();
    for number in 0..generator::LIBRARIES {
        let library = generator::Library::new(number);
        let files = library.write(&out)?;
        let mut build = build_support::Library::new(&library.name);
        build.include("fixtures").include(&out).file(&files.source).opt_level("1").allow_function(".*");
        for header in &files.headers {
            build.header(header);
        }
        let output = build.try_compile().unwrap_or_else(|error| panic!("{error}"));
        tests.add(&library, &files, &fs::read_to_string(output.bindings())?)?;
    }
    tests.write(&out)
}
