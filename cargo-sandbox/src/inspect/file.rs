//! Reads the file of a module.

use std::fs::File;
use std::io::{Error, Read as _};
use std::path::{Path, PathBuf};

use super::{InspectError, Module};

/// A module is read as a whole. Real ones are a hundred times smaller.
const LIMIT: u64 = 256 << 20;

/// Gives the path that an argument is; `None` if it is the name of a library.
pub(super) fn named(argument: &Path, folder: &Path) -> Option<PathBuf> {
    let path = folder.join(argument);
    let looks_like_one = argument.components().count() != 1 || argument.extension().is_some() || argument.is_absolute();
    (looks_like_one || path.is_file()).then_some(path)
}

/// Reads and validates a module.
pub(super) fn read(path: &Path) -> Result<Module, InspectError> {
    let bytes = bytes(path)?;
    let no_module = |what: String| InspectError::NoModule { path: path.to_owned(), what };
    if let Some(what) = something_else(&bytes) {
        return Err(no_module(what.to_owned()));
    }
    Module::read(&bytes).map_err(no_module)
}

fn bytes(path: &Path) -> Result<Vec<u8>, InspectError> {
    let failed = |source| InspectError::Read { path: path.to_owned(), source };
    let file = File::open(path).map_err(failed)?;
    if !file.metadata().map_err(failed)?.is_file() {
        return Err(failed(Error::other("it is no file")));
    }
    let mut bytes = Vec::new();
    file.take(LIMIT + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > LIMIT {
        return Err(failed(Error::other("it is larger than 256 MiB")));
    }
    Ok(bytes)
}

/// Says what a file is that does not begin like a module.
fn something_else(bytes: &[u8]) -> Option<&'static str> {
    if wasmparser::Parser::is_core_wasm(bytes) {
        return None;
    }
    Some(if wasmparser::Parser::is_component(bytes) {
        "it is a component; inspect the module that it was made of"
    } else if bytes.is_empty() {
        "it is empty"
    } else if bytes.starts_with(b"\x7fELF") {
        "it is machine code; if it is a lib.cwasm, inspect the lib.wasm beside it"
    } else if bytes.starts_with(b"\0asm") {
        "it has another version of the format than 1, or it ends within the first eight bytes"
    } else if bytes.iter().find(|byte| !byte.is_ascii_whitespace()).is_some_and(|byte| [b'(', b';'].contains(byte)) {
        "it looks like WebAssembly text; turn it into a .wasm file first"
    } else {
        "it does not begin with the bytes 00 61 73 6d"
    })
}
