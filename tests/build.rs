//! Builds the guests of the tests: hostile ones from WebAssembly text, which does exactly what is written, and C libraries.

mod generator;

use std::error::Error;
use std::path::Path;
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
    build_support::Library::new("cxx")
        .files(["fixtures/cxx.cc", "fixtures/cxx_tag.s"])
        // For what throws by hand.
        .flag("-mexception-handling")
        .header("fixtures/cxx.h")
        .allow_function("cxx_.*")
        .compile();
    build_support::Library::new("types").file("fixtures/types.c").header("fixtures/types.h").allow_function(".*").allow_var(".*").compile();
    generated()
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
