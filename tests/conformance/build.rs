//! Builds the libraries of generated signatures: every position of every kind, and a chunk of the random ones.

mod generator;
#[path = "../generator/random.rs"]
mod random;

use std::error::Error;
use std::path::Path;
use std::{env, fs};

use generator::Library;

/// A chunk to build alone: `cargo xtask conformance` goes through them.
const CHUNK: &str = "CONFORMANCE_CHUNK";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-env-changed={CHUNK}");
    let out = Path::new(&env::var("OUT_DIR")?).join("generated");
    fs::create_dir_all(&out)?;
    let (seed, libraries) = match env::var(CHUNK) {
        Ok(chunk) => (chunk.parse()?, vec![Library::chunk(chunk.parse()?)]),
        Err(_) => (0, vec![Library::systematic(), Library::sample(), Library::wide()]),
    };
    let mut tests = generator::values(seed, &out)?;
    for library in libraries {
        library.write(&out)?;
        let name = library.name;
        build_support::Library::new(name)
            .include(&out)
            .file(out.join(format!("{name}.c")))
            .header(out.join(format!("{name}.h")))
            .opt_level("1")
            .allow_function(".*")
            .allow_type(".*")
            .compile();
        tests.push_str(&library.test());
    }
    Ok(fs::write(out.join("tests.rs"), tests)?)
}
