//! A module is held to the imports that its build script names.

use build_support::{Error, Library};

use crate::{Project, assert_says};

const HEADER: (&str, &str) = ("x.h", "int f(int);\n");
/// Prints, so that libc imports what it needs for writing.
const PRINTS: (&str, &str) = (
    "x.c",
    "#include <stdio.h>\n#include \"x.h\"\nstatic int helper(int a) { return puts(\"x\") + a; }\nint f(int a) { return helper(a); }\n",
);
const QUIET: (&str, &str) = ("x.c", "#include \"x.h\"\nint f(int a) { return a; }\n");
const LOGS: (&str, &str) = (
    "x.c",
    "#include \"x.h\"\n__attribute__((import_module(\"host\"), import_name(\"log\"))) void log_it(int);\n\
     __attribute__((noinline)) static int helper(int a) { log_it(a); log_it(a + 1); return a; }\n\
     int f(int a) { return helper(a) + helper(a + 1); }\n",
);

fn library(project: &Project) -> Library {
    let mut library = project.library("x");
    library.file("x.c").header("x.h").allow_function("f");
    library
}

/// The line of a message that can be pasted.
fn line(error: &Error) -> String {
    error.to_string().lines().last().unwrap().trim().to_owned()
}

/// The names in that line.
fn names(line: &str) -> Vec<String> {
    line.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn an_import_that_is_not_named_fails_the_build_and_the_line_mends_it() {
    let project = Project::new(&[HEADER, PRINTS]);
    let error = project.error(library(&project).only_imports([]));
    let Error::Imports { imports, .. } = &error else { panic!("{error}") };
    let (_, user) = imports.iter().find(|(name, _)| name == "wasi_snapshot_preview1.fd_write").unwrap();
    assert!(user.contains("`__stdio_write`"), "{user}");
    assert_says(&error, &["the module imports what .only_imports(…) does not name", "`wasi_snapshot_preview1.fd_write`, used by "]);

    let names = names(&line(&error));
    assert_eq!(names.len(), imports.len());
    let project = Project::new(&[HEADER, PRINTS]);
    library(&project).only_imports(names.iter().map(String::as_str)).try_compile().unwrap();

    // One less is again an error, which names just that one.
    let project = Project::new(&[HEADER, PRINTS]);
    let error = project.error(library(&project).only_imports(names.iter().map(String::as_str).skip(1)));
    let Error::Imports { imports, .. } = &error else { panic!("{error}") };
    assert_eq!(imports.iter().map(|(name, _)| name).collect::<Vec<_>>(), [&names[0]]);
    assert_eq!(self::names(&line(&error)), names, "the line allows what was allowed, and what is new");
}

#[test]
fn a_module_without_imports_needs_no_name() {
    let project = Project::new(&[HEADER, QUIET]);
    library(&project).only_imports([]).try_compile().unwrap();
}

#[test]
fn who_uses_an_import_is_told_up_to_the_function_that_the_host_calls() {
    let project = Project::new(&[HEADER, LOGS]);
    let error = project.error(library(&project).only_imports([]));
    assert_says(&error, &["`host.log`, used by `helper`, called by `f`\n", ".only_imports([\"host.log\"])"]);
}

#[test]
fn either_list_allows_an_import() {
    let project = Project::new(&[HEADER, LOGS]);
    library(&project).only_imports(["host.log"]).try_compile().unwrap();
    let project = Project::new(&[HEADER, LOGS]);
    library(&project).allow_import("host.log").only_imports([]).try_compile().unwrap();
}

#[test]
fn a_name_in_the_list_may_stay_undefined() {
    let source = ("x.c", "#include \"x.h\"\nint helper(int);\nint f(int a) { return helper(a); }\n");
    let project = Project::new(&[HEADER, source]);
    library(&project).only_imports(["env.helper"]).try_compile().unwrap();
}

#[test]
fn a_name_that_is_not_imported_is_no_error() {
    let project = Project::new(&[HEADER, QUIET]);
    library(&project).only_imports(["wasi_snapshot_preview1.fd_write", "env.helper"]).try_compile().unwrap();
}

#[test]
fn a_name_without_its_module_is_refused() {
    let project = Project::new(&[HEADER, QUIET]);
    let error = project.error(library(&project).only_imports(["fd_write"]));
    assert!(matches!(error, Error::Usage { .. }));
    assert_says(&error, &["`fd_write`", "write `module.name`"]);
}
