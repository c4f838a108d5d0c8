//! What becomes of each kind of C declaration.

use build_support::Error;

use crate::{Project, assert_says, fixtures};

fn everything(name: &str, project: &Project) -> build_support::Library {
    let mut library = build_support::Library::new(name);
    library.out_dir(project.path("out")).source_dir(fixtures()).file("everything.c").header("everything.h");
    library
}

/// Set `SANDBOX_BLESS=1` to write the expected file anew.
#[test]
fn each_kind_of_declaration_is_written_in_the_macros_language() {
    let project = Project::new(&[]);
    let output = everything("everything", &project)
        .allow_function("take_.*|type|renamed|never")
        .allow_var("[A-Z_]*|variable|names|flags|renamed_variable")
        .try_compile()
        .unwrap();
    let found = std::fs::read_to_string(output.bindings()).unwrap();
    // The folder is another one each time.
    let found = found.replace(&format!("{:?}", output.precompiled().display().to_string()), "\"lib.cwasm\"");
    let golden = fixtures().join("everything.expected.rs");
    if std::env::var_os("SANDBOX_BLESS").is_some() {
        std::fs::write(&golden, &found).unwrap();
    }
    assert_eq!(found, std::fs::read_to_string(golden).unwrap());
}

#[test]
fn what_cannot_be_bound_is_one_error_with_the_lines_to_paste() {
    let project = Project::new(&[]);
    let error = everything("everything", &project)
        .allow_function("bad_by_value|bad_result|bad_long_double|bad_complex|bad_int128|bad_vector|bad_pointer")
        .allow_var("bad_variable")
        .try_compile()
        .unwrap_err();
    assert!(matches!(error, Error::Unsupported { .. }));
    assert_says(
        &error,
        &[
            "`bad_by_value`: parameter `p` passes struct `with_long_double` by value, and field `x` uses `long double`",
            "`bad_result`: its result returns struct `with_long_double` by value, and field `x` uses `long double`",
            "`bad_long_double`: its result uses `long double`",
            "`bad_complex`: its result uses a `_Complex` number",
            "`bad_int128`: its result uses `__int128`",
            "`bad_vector`: parameter `v` passes a vector or an array by value",
            "`bad_pointer`: parameter `print` uses a function pointer that uses `long double`",
            "`bad_variable`: uses `long double`",
            ".block_var(\"bad_variable\")",
            ".block_function(\"bad_by_value\")",
        ],
    );
}

#[test]
fn a_type_that_is_asked_for_must_have_all_its_fields() {
    let project = Project::new(&[]);
    let error = everything("everything", &project)
        .allow_function("take_plain")
        .allow_type("with_long_double|with_large")
        .try_compile()
        .unwrap_err();
    assert_says(
        &error,
        &[
            "`with_long_double`: the type is in the allow list, but field `x` uses `long double`",
            "`with_large`: the type is in the allow list, but its value would take 200000 bytes of the host's stack, and 131072 are the most",
            ".block_type(\"with_large\")",
        ],
    );
}

#[test]
fn a_blocked_type_is_opaque() {
    let project = Project::new(&[]);
    let output = everything("everything", &project).allow_function("take_plain").block_type("plain").try_compile().unwrap();
    let found = std::fs::read_to_string(output.bindings()).unwrap();
    assert!(found.contains("the build script blocks it.\n        pub struct plain;"), "{found}");
}

#[test]
fn functions_of_libc_are_bound_only_by_their_full_names() {
    let files = [("x.h", "#include <string.h>\nint f(void);\n"), ("x.c", "int f(void) { return 1; }\n")];
    let project = Project::new(&files);
    let output = project.library("x").file("x.c").header("x.h").allow_function(".*").try_compile().unwrap();
    assert!(!std::fs::read_to_string(output.bindings()).unwrap().contains("strlen"));
    let project = Project::new(&files);
    let output = project.library("x").file("x.c").header("x.h").allow_function("f|strlen").try_compile().unwrap();
    assert!(std::fs::read_to_string(output.bindings()).unwrap().contains("pub fn strlen("));
}

#[test]
fn a_part_has_its_own_defines_and_a_shim_can_be_bound() {
    let project = Project::new(&[
        ("x.h", "int f(void);\n"),
        ("x.c", "#ifdef PART\n#error the define of the part leaked\n#endif\nint part(void);\nint f(void) { return part(); }\n"),
        ("part.c", "int part(void) { return PART; }\n"),
        ("shim.h", "int shim(void);\n"),
        ("shim.c", "#include \"x.h\"\n#include \"shim.h\"\nint shim(void) { return f(); }\n"),
    ]);
    let output = project
        .library("x")
        .file("x.c")
        .header("x.h")
        .library(|part| {
            part.file(project.path("part.c")).define("PART", "3");
        })
        .shim(project.path("shim.c"))
        .header("shim.h")
        .allow_function("f|shim")
        .try_compile()
        .unwrap();
    let found = std::fs::read_to_string(output.bindings()).unwrap();
    assert!(found.contains("pub fn shim() -> c_int;") && found.contains("pub fn f() -> c_int;"), "{found}");
}

#[test]
fn a_function_that_a_header_defines_is_bound_and_exported() {
    let project = Project::new(&[
        ("x.h", "int f(int);\nstatic inline int twice(int x) { return 2 * f(x); }\nstatic void unused(void) {}\n"),
        ("x.c", "#include \"x.h\"\nint f(int x) { return x; }\n"),
    ]);
    let output = project.library("x").file("x.c").header("x.h").allow_function("twice").try_compile().unwrap();
    let found = std::fs::read_to_string(output.bindings()).unwrap();
    assert!(found.contains("#[link_name = \"twice__static\"]\n            pub fn twice(x: c_int) -> c_int;"), "{found}");
}

#[test]
fn a_header_whose_static_functions_bindgen_cannot_write_is_read_all_the_same() {
    let header = "typedef int v __attribute__((vector_size(16)));\nstatic inline int first(v *a, __int128 b) { return (*a)[0] + (int)b; }\nint f(int);\n";
    let project = Project::new(&[("x.h", header), ("x.c", "int f(int x) { return x; }\n")]);
    project.library("x").file("x.c").header("x.h").allow_function("f").try_compile().unwrap();
}

#[test]
fn a_struct_that_is_declared_inside_another_is_a_handle() {
    let project =
        Project::new(&[("x.h", "struct s { struct inner *i; };\nint f(struct s *);\n"), ("x.c", "int f(void *s) { return !s; }\n")]);
    let output = project.library("x").file("x.c").header("x.h").allow_function("f").try_compile().unwrap();
    let found = std::fs::read_to_string(output.bindings()).unwrap();
    assert!(found.contains("its fields are not known.\n        pub struct inner;"), "{found}");
}

#[test]
fn a_macro_with_casts_is_a_constant() {
    let project = Project::new(&[
        ("x.h", "#define NONE (~(unsigned long)0)\n#define WORDS (int)(16 * sizeof(void *))\nint f(void);\n"),
        ("x.c", "int f(void) { return 0; }\n"),
    ]);
    let output = project.library("x").file("x.c").header("x.h").allow_function("f").try_compile().unwrap();
    let found = std::fs::read_to_string(output.bindings()).unwrap();
    assert!(found.contains("pub const NONE: c_ulong = 4294967295;") && found.contains("pub const WORDS: c_int = 64;"), "{found}");
}
