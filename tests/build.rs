//! Builds the guests of the tests: hostile ones from WebAssembly text, which does exactly what is written, and C libraries.

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
    Ok(())
}
