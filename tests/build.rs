//! Builds the guests of the tests: hostile ones from WebAssembly text, which does exactly what is written, and C libraries.

mod generator;
mod libraries;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    hostile()?;
    let tests = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    for library in libraries::all(&tests, Path::new(&env::var("OUT_DIR")?))? {
        library.compile();
    }
    build_support::Library::new("basics")
        .file("fixtures/basics.c")
        .header("fixtures/basics.h")
        .allow_function("basics_.*")
        .allow_var("BASICS_.*")
        .compile();
    build_support::Library::new("prepared")
        .file("fixtures/prepared.c")
        .header("fixtures/prepared.h")
        .allow_function("prepared_.*")
        .pre_initialize("prepare")
        .stack_size(256 << 10)
        .line_numbers(true)
        .compile();
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

/// The seed of the first random header: another one makes other headers.
const FIRST: &str = "SANDBOX_RANDOM_HEADERS_FROM";

/// Builds the libraries of random headers, each as a whole, and writes the tests that fit their bindings.
fn generated() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-env-changed={FIRST}");
    let first = env::var(FIRST).ok().map_or(Ok(0), |first| first.parse())?;
    let out = Path::new(&env::var("OUT_DIR")?).join("generated");
    let mut tests = generator::Tests::default();
    for number in 0..generator::LIBRARIES {
        let library = generator::Library::new(first, number);
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
