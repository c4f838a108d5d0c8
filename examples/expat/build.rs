//! Compiles expat for the sandbox, and natively for the tests.

use std::env;
use std::path::{Path, PathBuf};

const FILES: [&str; 3] = ["xmlparse.c", "xmlrole.c", "xmltok.c"];

/// What expat's own build would write into a configuration header.
const CONFIGURATION: [(&str, Option<&str>); 4] =
    [("HAVE_MEMMOVE", None), ("XML_DTD", None), ("XML_NS", None), ("XML_CONTEXT_BYTES", Some("1024"))];

fn main() {
    let expat = build_support::crate_source("expat-sys").join("expat/lib");
    let mut library = build_support::Library::new("expat");
    for (name, value) in CONFIGURATION {
        library.define(name, value);
    }
    library
        .source_dir(&expat)
        .files(FILES)
        .header("expat.h")
        .allow_function("XML_(ParserCreate|Parse|SetUserData|SetHashSalt)")
        .allow_function("XML_Set(Element|CharacterData|Comment|ProcessingInstruction)Handler")
        .allow_function("XML_(GetErrorCode|ErrorString|GetCurrentLineNumber|GetCurrentColumnNumber)")
        .compile();

    println!("cargo::rustc-env=EXAMPLE_EXPAT_DOCUMENTS={}", build_support::crate_source("khronos_api").display());
    native(&expat);
}

/// Compiles the same sources for the host, and links them into the tests and nothing else.
fn native(expat: &Path) {
    let mut build = cc::Build::new();
    for (name, value) in CONFIGURATION {
        build.define(name, value);
    }
    build.files(FILES.map(|file| expat.join(file))).include(expat).warnings(false).cargo_metadata(false).compile("native_expat");
    let archive = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join("libnative_expat.a");
    println!("cargo::rustc-link-arg-tests={}", archive.display());
}
