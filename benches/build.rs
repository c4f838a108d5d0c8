//! Compiles the C file of the benchmarks twice, for the sandbox and for this machine; and expat for this machine.

use std::path::Path;

fn main() {
    let mut library = build_support::Library::new("bench");
    library.file("c/bench.c").header("c/bench.h").include(".").allow_function("bench_.*").allow_type("bench_pair");
    library.compile();
    println!("cargo::rerun-if-changed=c");
    cc::Build::new().file("c/bench.c").compile("bench_native");

    let expat = build_support::crate_source("expat-sys").join("expat/lib");
    let sources = ["xmlparse.c", "xmlrole.c", "xmltok.c"];
    let mut build = cc::Build::new();
    let mut library = build_support::Library::new("expat");
    for (name, value) in [("HAVE_MEMMOVE", None), ("XML_DTD", None), ("XML_NS", None), ("XML_CONTEXT_BYTES", Some("1024"))] {
        build.define(name, value);
        library.define(name, value);
    }
    build.files(sources.map(|file| expat.join(file))).include(&expat).warnings(false).compile("expat_native");
    library.source_dir(&expat).files(sources).header("expat.h");
    library.allow_function("XML_(ParserCreate|ParserFree|SetUserData|SetElementHandler|Parse)").compile();

    let documents = build_support::crate_source("khronos_api");
    let document = Path::new(&documents).join("api/xml/gl.xml");
    println!("cargo::rustc-env=BENCH_DOCUMENT={}", document.display());
}
