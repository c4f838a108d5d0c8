//! Builds the guest that plugins take the place of.

use std::error::Error;
use std::path::Path;
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=guests");
    let guest = wat::parse_file("guests/plugin.wat")?;
    fs::write(Path::new(&env::var("OUT_DIR")?).join("plugin.cwasm"), build_support::precompile(&guest)?)?;
    Ok(())
}
