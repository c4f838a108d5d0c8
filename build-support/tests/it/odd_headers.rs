//! Headers and flags that would answer in the compiler's place.

use crate::{Project, assert_says};

const SOURCE: (&str, &str) = ("x.c", "#include \"x.h\"\nint f(struct s *s) { return s->b; }\n");

fn bindings(header: &str, flags: &[&str]) -> String {
    let project = Project::new(&[("x.h", header), SOURCE]);
    let mut library = project.library("x");
    for flag in flags {
        library.flag(*flag);
    }
    let output = library.file("x.c").header("x.h").allow_function("f").try_compile().unwrap_or_else(|error| panic!("{error}"));
    std::fs::read_to_string(output.bindings()).unwrap()
}

const PLACES: [&str; 2] = ["#[bits(offset = 0, width = 3)] pub a: c_uint", "#[bits(offset = 3, width = 5)] pub b: c_uint"];

fn assert_places(found: &str) {
    assert!(PLACES.iter().all(|place| found.contains(place)), "{found}");
}

#[test]
fn macros_with_the_names_of_keywords_change_no_answer() {
    let found = bindings(
        "#define BIG 0xFFFFFFFFFFFFFFFFull\nstruct s { unsigned a : 3, b : 5; };\nint f(struct s *);\n#define _Static_assert(...)\n#define sizeof(x) 1\n",
        &[],
    );
    assert!(found.contains("pub const BIG: c_ulonglong = 18446744073709551615;"), "{found}");
    assert_places(&found);
}

#[test]
fn a_variable_of_the_header_is_no_answer() {
    assert_places(&bindings(
        "__attribute__((used)) static const unsigned char evil[8] = {0xf8, 0, 0, 0, 7, 0, 0, 0};\nstruct s { unsigned a : 3, b : 5; };\nint f(struct s *);\n",
        &[],
    ));
}

#[test]
fn flags_that_change_how_errors_are_shown_change_no_answer() {
    let header = "#define BIG 0xFFFFFFFFFFFFFFFFull\nstruct s { unsigned a : 3, b : 5; };\nint f(struct s *);\n";
    for flags in [&["-Wfatal-errors"][..], &["-fdiagnostics-format=msvc"], &["-Werror", "-Wall"], &["-flto"]] {
        let found = bindings(header, flags);
        assert!(found.contains("pub const BIG: c_ulonglong = 18446744073709551615;"), "{flags:?}: {found}");
        assert_places(&found);
    }
}

#[test]
fn a_variable_that_no_source_defines() {
    let project = Project::new(&[("x.h", "struct s { int b; };\nint f(struct s *);\nextern int level;\n"), SOURCE]);
    let error = project.library("x").file("x.c").header("x.h").allow_function("f").allow_var("level").try_compile().unwrap_err();
    assert_says(&error, &["1 allowed variable(s) are declared in a header and defined in no source file", ".block_var(\"level\")"]);
}

#[test]
fn a_pattern_for_variables_leaves_the_constants_alone() {
    let header = "#define MAX 9\nextern int level;\nint f(void);\n";
    let project = Project::new(&[("x.h", header)]);
    let bound = |pattern: &str| {
        let survey = project.library("x").header("x.h").allow_function(".*").allow_var(pattern).survey().unwrap();
        (survey.constants.bound, survey.variables.bound)
    };
    assert_eq!(bound("level"), (vec!["MAX".to_owned()], vec!["level".to_owned()]));
    assert_eq!(bound("MA.*"), (vec!["MAX".to_owned()], vec![]));
}

#[test]
fn a_struct_and_a_function_of_one_name() {
    let header = "struct stat { long double size; };\nint stat(struct stat *);\nint other(void);\n";
    let project = Project::new(&[("x.h", header)]);
    let survey = project.library("x").header("x.h").allow_function(".*").allow_type(".*").survey().unwrap();
    assert_eq!(survey.functions.bound, ["stat", "other"]);
    assert_eq!(survey.opaque.iter().map(|refusal| refusal.name.as_str()).collect::<Vec<_>>(), ["stat"]);
}
