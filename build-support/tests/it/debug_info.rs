//! Line numbers are beside the module and change nothing in it, and a failed assertion has a way to say what it is.

use std::fs;

use build_support::{Library, Output, crate_source};
use wasmparser::{Parser, Payload};

use crate::Project;

/// Of each section its name, or its number, and its bytes.
fn sections(wasm: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut sections = Vec::new();
    for payload in Parser::new(0).parse_all(wasm) {
        let payload = payload.unwrap();
        if let Some((id, range)) = payload.as_section() {
            let name = match payload {
                Payload::CustomSection(section) => section.name().to_owned(),
                _ => id.to_string(),
            };
            sections.push((name, wasm[range].to_owned()));
        }
    }
    sections
}

fn imports(output: &Output) -> Vec<String> {
    let wasm = fs::read(output.wasm()).unwrap();
    let mut imports = Vec::new();
    for payload in Parser::new(0).parse_all(&wasm) {
        if let Payload::ImportSection(section) = payload.unwrap() {
            imports.extend(section.into_imports().map(|import| import.unwrap()).map(|import| format!("{}.{}", import.module, import.name)));
        }
    }
    imports
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[test]
fn line_numbers_change_no_byte_of_the_code() {
    let build = |flag: Option<&str>| {
        let folder = tempfile::tempdir().unwrap();
        let mut library = Library::new("zlib");
        library
            .out_dir(folder.path())
            .source_dir(crate_source("libz-sys").join("src/zlib"))
            .files(["adler32.c", "compress.c", "crc32.c", "deflate.c", "inffast.c", "inflate.c", "inftrees.c", "trees.c", "zutil.c"])
            .header("zlib.h")
            .allow_function("crc32|compress2|(in|de)flate(Init2_|End)?")
            // Else the code differs from what was linked.
            .unroll_loops(false);
        if let Some(flag) = flag {
            library.flag(flag);
        }
        let output = library.try_compile().unwrap();
        (fs::read(output.wasm()).unwrap(), fs::read(output.debug_wasm()).unwrap(), fs::read(output.lines()).unwrap())
    };
    let (with, debug, table) = build(None);
    let (without, _, empty) = build(Some("-g0"));
    // The compilers of a module are named in it, and with line numbers the language is too.
    let code = |wasm: &[u8]| sections(wasm).into_iter().filter(|(name, _)| name != "producers").collect::<Vec<_>>();
    assert!(code(&with) == code(&without), "the code differs");
    let kept: Vec<_> = sections(&debug).into_iter().filter(|(name, _)| !name.starts_with(".debug")).collect();
    assert!(kept == sections(&with), "more than debug information was taken out");
    assert!(sections(&debug).iter().any(|(name, _)| name == ".debug_line"));
    assert!(contains(&table, "inffast.c") && contains(&table, "deflate.c"));
    // libc of a distribution may have line numbers of its own.
    assert!(!contains(&empty, "inffast.c"));
}

#[test]
fn loops_are_unrolled_where_there_are_checks() {
    let build = |set: fn(&mut Library) -> &mut Library| {
        let project = Project::new(&[
            ("x.h", "unsigned length(const char *text);\n"),
            ("x.c", "#include \"x.h\"\nunsigned length(const char *text) { unsigned n = 0; while (text[n]) n++; return n; }\n"),
        ]);
        let mut library = project.library("x");
        library.file("x.c").header("x.h").allow_function("length");
        let output = set(&mut library).try_compile().unwrap();
        let size = |wasm: &[u8]| sections(wasm).into_iter().find(|(name, _)| name == "10").map(|(_, bytes)| bytes.len()).unwrap();
        (size(&fs::read(output.wasm()).unwrap()), size(&fs::read(output.debug_wasm()).unwrap()))
    };
    let linked = |(code, debug)| code == debug;
    assert!(!linked(build(|library| library)));
    assert!(!linked(build(|library| library.interruptible(false).fuel(true))));
    assert!(linked(build(|library| library.interruptible(false))));
    assert!(linked(build(|library| library.unroll_loops(false))));
}

/// A name and a text.
type File = (&'static str, &'static str);

const FILES: [File; 3] = [
    ("x.h", "int f(int x);\n"),
    ("sub/x.c", "#include \"x.h\"\n#include <assert.h>\nint f(int x) { assert(x > 0); return x; }\n"),
    ("sub/part.h", "static inline int half(int x) { return 100 / x; }\n"),
];

fn project(files: &[File]) -> Project {
    let project = Project::new(&[]);
    fs::create_dir(project.path("sub")).unwrap();
    for (name, text) in files {
        project.write(name, text);
    }
    project
}

#[test]
fn no_path_of_the_building_machine_is_in_what_an_application_embeds() {
    let source = "#include \"x.h\"\n#include <assert.h>\n#include \"part.h\"\nint f(int x) { assert(x > 0); return half(x); }\n";
    let project = project(&[FILES[0], ("sub/x.c", source), FILES[2]]);
    let output = project.library("x").file("sub/x.c").header("x.h").allow_function("f").line_numbers(true).try_compile().unwrap();
    let (wasm, lines) = (fs::read(output.wasm()).unwrap(), fs::read(output.lines()).unwrap());
    let folder = project.path("").display().to_string();
    for (bytes, what) in [(&wasm, "the module"), (&lines, "the table")] {
        assert!(contains(bytes, "sub/x.c"), "{what}");
        assert!(!contains(bytes, folder.trim_end_matches('/')), "{what}");
    }
    assert!(contains(&lines, "sub/part.h"));
    // A debugger has to find the sources.
    assert!(contains(&fs::read(output.debug_wasm()).unwrap(), &folder));
}

#[test]
fn the_bindings_embed_the_table_where_they_are_asked_to() {
    let project = project(&FILES);
    let mut library = project.library("x");
    library.file("sub/x.c").header("x.h").allow_function("f");
    let bindings = |output: Output| fs::read_to_string(output.bindings()).unwrap();
    let line = format!("    #[lines(include_bytes!({:?}))]\n", project.path("out/sandbox/x/lib.lines").display().to_string());
    // Outside of a build script there is no profile of cargo's.
    assert!(!bindings(library.try_compile().unwrap()).contains("#[lines"));
    assert!(
        bindings(library.clone().line_numbers(true).out_dir(project.path("again")).try_compile().unwrap())
            .contains("/again/sandbox/x/lib.lines")
    );
    assert!(library.line_numbers(true).survey().unwrap().bindings.contains(&line));
    assert!(!library.line_numbers(false).survey().unwrap().bindings.contains("#[lines"));
}

#[test]
fn only_a_library_with_an_assertion_imports_what_one_calls() {
    const IMPORT: &str = "sandbox.assert_fail";
    let own = "_Noreturn void __assert_fail(const char *e, const char *f, int l, const char *n) { __builtin_trap(); }\n";
    let cxx = "#include <cassert>\nextern \"C\" int f(int x) { assert(x > 0); return x; }\n";
    let cases: [(&str, &[File], Option<&str>, bool); 5] = [
        ("C", &[FILES[0], FILES[1]], None, true),
        ("C++", &[FILES[0], ("sub/x.cpp", cxx)], None, true),
        ("without assertions", &[FILES[0], FILES[1]], Some("-DNDEBUG"), false),
        (
            "one that holds",
            &[FILES[0], ("sub/x.c", "#include <assert.h>\nint f(int x) { assert(sizeof x == 4); return x; }\n")],
            None,
            false,
        ),
        ("a definition of its own", &[FILES[0], FILES[1], ("sub/own.c", own)], None, false),
    ];
    for (what, files, flag, imported) in cases {
        let project = project(files);
        let mut library = project.library("x");
        library.glob("sub/*.c*").header("x.h").allow_function("f");
        if let Some(flag) = flag {
            library.flag(flag);
        }
        let output = library.try_compile().unwrap();
        assert_eq!(imports(&output).contains(&IMPORT.to_owned()), imported, "{what}: {:?}", imports(&output));
    }
}
