//! What would be bound, without a build.

use crate::{Project, assert_says};

const HEADER: &str = "
#define ANSWER 42
#define GREETING \"hello\"
#define NOWHERE ((void *)0)
#define GUARD
struct handle;
struct point { int x, y; };
struct wide { long double w; };
int f(struct handle *, struct point *, struct wide *);
long double exact(void);
";

fn names(refused: &[build_support::Refusal]) -> Vec<(&str, &str)> {
    refused.iter().map(|refusal| (refusal.name.as_str(), refusal.reason.as_str())).collect()
}

#[test]
fn a_survey_needs_no_sources_and_goes_on_after_a_refusal() {
    let project = Project::new(&[("x.h", HEADER)]);
    let survey = project.library("x").header("x.h").allow_function(".*").allow_type(".*").survey().unwrap();
    assert_eq!(survey.functions.bound, ["f"]);
    assert_eq!(names(&survey.functions.refused), [("exact", "its result uses `long double` or `unsigned __int128`")]);
    assert_eq!(survey.types.bound, ["handle", "point", "wide"]);
    assert_eq!(names(&survey.opaque), [("wide", "field `w` uses `long double` or `unsigned __int128`")]);
    assert_eq!(survey.constants.bound, ["ANSWER", "GREETING"]);
    assert_eq!(names(&survey.constants.refused), [("NOWHERE", "it is a pointer")]);
    let report = survey.to_string();
    let row = |first: &str| {
        report.lines().find(|line| line.trim_start().starts_with(first)).map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
    };
    assert_eq!(row("functions").as_deref(), Some("functions 1 1"), "{report}");
    assert_eq!(row("function ").as_deref(), Some("function exact its result uses `long double` or `unsigned __int128`"), "{report}");
}

#[test]
fn a_survey_has_the_bindings_of_a_build_and_leaves_the_build_alone() {
    let project = Project::new(&[("x.h", "struct s { int a; };\nint f(struct s *);\n"), ("x.c", "int f(void *s) { return !s; }\n")]);
    let mut library = project.library("x");
    library.file("x.c").header("x.h").allow_function("f");
    let output = library.try_compile().unwrap();
    assert_eq!(library.survey().unwrap().bindings, std::fs::read_to_string(output.bindings()).unwrap());
    assert!(output.precompiled().exists());
}

#[test]
fn a_pattern_that_matches_nothing_is_still_an_error() {
    let project = Project::new(&[("x.h", HEADER)]);
    let error = project.library("x").header("x.h").allow_function("f|g").survey().unwrap_err();
    assert_says(&error, &[".allow_function(\"g\") matches nothing"]);
}
