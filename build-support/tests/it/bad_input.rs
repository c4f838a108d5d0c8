//! Each mistake is one clear error with the next step, and leaves nothing half-written.

use build_support::{Error, Tuned};

use crate::{Project, assert_says};

const HEADER: (&str, &str) = ("x.h", "int f(int);\n");
const SOURCE: (&str, &str) = ("x.c", "#include \"x.h\"\nint f(int a) { return a + 1; }\n");

#[test]
fn a_missing_source_file() {
    let project = Project::new(&[HEADER]);
    let error = project.error(project.library("x").file("x.c").header("x.h").allow_function("f"));
    assert!(matches!(error, Error::Missing { .. }));
    assert_says(&error, &["the source file", "x.c does not exist", "correct its name"]);
}

#[test]
fn a_pattern_that_matches_no_file() {
    let project = Project::new(&[HEADER]);
    let error = project.error(project.library("x").glob("src/*.c").header("x.h").allow_function("f"));
    assert_says(&error, &["src/*.c", ".glob("]);
}

#[test]
fn a_missing_include_folder() {
    let project = Project::new(&[HEADER, SOURCE]);
    let error = project.error(project.library("x").file("x.c").include("inc").header("x.h").allow_function("f"));
    assert_says(&error, &["the include folder", "inc does not exist"]);
}

#[test]
fn a_header_that_is_not_there() {
    let project = Project::new(&[HEADER, SOURCE]);
    let error = project.error(project.library("x").file("x.c").header("y.h").allow_function("f"));
    assert!(matches!(error, Error::Headers { .. }));
    assert_says(&error, &["fatal error: 'y.h' file not found", ".include("]);
}

#[test]
fn a_header_with_a_syntax_error_is_shown_as_clang_prints_it() {
    let project = Project::new(&[("x.h", "int f(int;\n"), SOURCE]);
    let error = project.error(project.library("x").file("x.c").header("x.h").allow_function("f"));
    assert!(matches!(error, Error::Headers { .. }));
    assert_says(&error, &["x.h:1:10: error: expected ')'", "clang", "-fsyntax-only"]);
}

#[test]
fn an_unknown_symbol_in_the_allow_list() {
    let project = Project::new(&[HEADER, SOURCE]);
    let error = project.error(project.library("x").file("x.c").header("x.h").allow_function("f|g"));
    assert!(matches!(error, Error::UnknownSymbol { .. }));
    assert_says(&error, &["unknown symbol in the allow list: .allow_function(\"g\") matches nothing"]);
}

#[test]
fn unknown_types_and_constants_are_named_together() {
    let project = Project::new(&[HEADER, SOURCE]);
    let error = project.error(project.library("x").file("x.c").header("x.h").allow_function("f").allow_type("nope_t").allow_var("NOPE_.*"));
    assert_says(&error, &[".allow_type(\"nope_t\")", ".allow_var(\"NOPE_.*\")"]);
}

#[test]
fn a_function_like_macro_in_the_allow_list_needs_a_shim() {
    let project = Project::new(&[("x.h", "int f(int);\n#define g(x) f(x)\n"), SOURCE]);
    let error = project.error(project.library("x").file("x.c").header("x.h").allow_function("g"));
    assert_says(&error, &["it is a macro", ".shim("]);
}

#[test]
fn a_pattern_that_is_no_regular_expression() {
    let project = Project::new(&[HEADER, SOURCE]);
    let error = project.error(project.library("x").file("x.c").header("x.h").allow_function("f("));
    assert_says(&error, &["`f(` is not a regular expression"]);
}

#[test]
fn nothing_allowed() {
    let project = Project::new(&[HEADER, SOURCE]);
    assert_says(&project.error(project.library("x").file("x.c").header("x.h")), &["no function is allowed", ".allow_function("]);
}

#[test]
fn a_syntax_error_in_c_is_shown_as_clang_prints_it() {
    let project = Project::new(&[HEADER, ("x.c", "int f(int a) { return a + ; }\n")]);
    let error = project.error(project.library("x").file("x.c").header("x.h").allow_function("f"));
    assert!(matches!(error, Error::Compile { .. }));
    assert_says(
        &error,
        &["cannot compile", "x.c:1:27: error: expected expression", "    1 | int f(int a) { return a + ; }", "clang", " -c ", "-msimd128"],
    );
}

#[test]
fn an_import_that_nothing_provides() {
    let source = "#include \"x.h\"\nint helper(int);\nint f(int a) { return helper(a); }\n";
    let project = Project::new(&[HEADER, ("x.c", &format!("int helper(int);\n{source}"))]);
    let error = project.error(project.library("x").file("x.c").header("x.h").allow_function("f"));
    assert!(matches!(error, Error::Unresolved { .. }));
    assert_says(&error, &["nothing provides", "`helper`, used by x.c", ".allow_import(\"env.helper\")", "add the source file"]);

    let project = Project::new(&[HEADER, ("x.c", source)]);
    project.library("x").file("x.c").header("x.h").allow_function("f").allow_import("env.helper").try_compile().unwrap();
}

#[test]
fn an_import_of_another_module_has_to_be_allowed() {
    let source = "#include \"x.h\"\n__attribute__((import_module(\"host\"), import_name(\"log\"))) void log_it(int);\n\
                  int f(int a) { log_it(a); return a; }\n";
    let project = Project::new(&[HEADER, ("x.c", source)]);
    let error = project.error(project.library("x").file("x.c").header("x.h").allow_function("f"));
    assert_says(&error, &["`log`", ".allow_import(\"host.log\")"]);

    let project = Project::new(&[HEADER, ("x.c", source)]);
    project.library("x").file("x.c").header("x.h").allow_function("f").allow_import("host.log").try_compile().unwrap();
}

#[test]
fn a_function_that_is_declared_and_not_defined() {
    let project = Project::new(&[("x.h", "int f(int);\nint g(void);\n"), SOURCE]);
    let error = project.error(project.library("x").file("x.c").header("x.h").allow_function("f|g"));
    assert!(matches!(error, Error::Undefined { .. }));
    assert_says(&error, &["`g`", "declared in a header and defined in no source file", ".block_function(\"g\")"]);
}

#[test]
fn a_function_that_is_defined_otherwise_than_declared() {
    let project = Project::new(&[("x.h", "int f(int);\n"), ("x.c", "double f(double a) { return a; }\n")]);
    let error = project.error(project.library("x").file("x.c").header("x.h").allow_function("f"));
    assert!(matches!(error, Error::Module { .. }));
    assert_says(&error, &["`f` is defined with other parameters", "[i32] -> [i32]", "[f64] -> [f64]"]);
}

#[test]
fn two_libraries_of_one_name() {
    let project = Project::new(&[HEADER, SOURCE]);
    let mut library = project.library("x");
    library.file("x.c").header("x.h").allow_function("f");
    library.try_compile().unwrap();
    let error = library.try_compile().unwrap_err();
    assert_says(&error, &["library `x`", "was built before", ".library(|part| …)"]);
    assert!(project.path("out/sandbox/x/lib.cwasm").exists(), "the first one is untouched");
}

#[test]
fn a_name_that_is_no_identifier() {
    let project = Project::new(&[HEADER, SOURCE]);
    let error = project.library("lib-x").file("x.c").header("x.h").allow_function("f").try_compile().unwrap_err();
    assert_says(&error, &["lib-x", "Rust identifier"]);
}

#[test]
fn no_sources_and_no_headers() {
    let project = Project::new(&[HEADER, SOURCE]);
    assert_says(&project.error(project.library("x").header("x.h").allow_function("f")), &["no source files"]);
    let project = Project::new(&[HEADER, SOURCE]);
    assert_says(&project.error(project.library("x").file("x.c").allow_function("f")), &["no header", ".header("]);
}

#[test]
fn a_build_that_fails_removes_what_an_earlier_one_left() {
    let project = Project::new(&[HEADER, SOURCE]);
    for file in ["lib.wasm", "lib.cwasm", "bindings.rs"] {
        let folder = project.path("out/sandbox/x");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(file), "old").unwrap();
    }
    project.error(project.library("x").file("nope.c").header("x.h").allow_function("f"));
}

#[test]
fn tuned_functions_for_another_library() {
    let project = Project::new(&[HEADER, SOURCE]);
    let error = project.error(project.library("x").file("x.c").header("x.h").allow_function("f").tuned(Tuned::Zlib));
    assert_says(&error, &["`.tuned(Tuned::Zlib)`", "a `zutil.c`, and there is none", "missing from `.files(…)`"]);
}

#[test]
fn tuned_functions_without_simd() {
    let project = Project::new(&[HEADER, SOURCE]);
    let error = project.error(project.library("x").file("x.c").header("x.h").allow_function("f").tuned(Tuned::Libpng).simd(false));
    assert_says(&error, &["`.tuned(Tuned::Libpng)` needs SIMD", ".simd(false)"]);
}

/// Where in a message a text is.
fn place(error: &Error, text: &str) -> usize {
    let message = error.to_string();
    message.find(text).unwrap_or_else(|| panic!("`{text}` is not in:\n{message}"))
}

#[test]
fn what_the_compiler_says_comes_before_its_command() {
    let project = Project::new(&[HEADER, ("x.c", "int f(int a) { return a + ; }\n")]);
    let source = project.error(project.library("x").file("x.c").header("x.h").allow_function("f"));
    let project = Project::new(&[("x.h", "int f(int;\n"), SOURCE]);
    let header = project.error(project.library("x").file("x.c").header("x.h").allow_function("f"));
    for error in [source, header] {
        let message = error.to_string();
        let (said, command) = (place(&error, " error: expected"), place(&error, "\nthe command: "));
        assert!(said < 500 && said < command && !message[..command].contains("-msimd128"), "{message}");
        assert!(!message[command + 1..].contains('\n'), "the command is the last line: {message}");
    }
}

#[test]
fn a_header_that_wants_another_in_front_of_it_is_told_which() {
    for (declaration, front) in [
        ("int f(FILE *file);", ".header(\"stdio.h\")"),
        ("int f(size_t count);", ".header(\"stddef.h\")"),
        ("uint8_t f(FILE *file, va_list arguments);", ".header(\"stdint.h\").header(\"stdio.h\").header(\"stdarg.h\")"),
        ("bool f(bool yes);", ".header(\"stdbool.h\")"),
    ] {
        let project = Project::new(&[
            ("x.h", &format!("{declaration}\nint g(void);\n")),
            (
                "x.c",
                "#include <stdarg.h>\n#include <stdbool.h>\n#include <stdint.h>\n#include <stdio.h>\n#include \"x.h\"\nint g(void) { return 1; }\n",
            ),
        ]);
        let error = project.error(project.library("x").file("x.c").header("x.h").allow_function("g"));
        assert_says(&error, &["unknown type name", "name it in front in build.rs", front]);
        let message = error.to_string();
        assert!(!message.contains("extern \"C\"") && !message.contains("is searched for"), "{message}");
        // And that helps.
        let mut library = project.library("y");
        for header in front.split('"').filter(|part| part.ends_with(".h")) {
            library.header(header);
        }
        library.file("x.c").header("x.h").allow_function("g").try_compile().unwrap();
    }
}
