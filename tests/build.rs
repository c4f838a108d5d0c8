//! Precompiles the hostile guests, which are WebAssembly text: what they do is exactly what is written, and no C compiler is needed.

use std::error::Error;
use std::path::Path;
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
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
