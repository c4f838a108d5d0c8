//! What real libraries need of a build: configuration, exclusions, the rest of wasi-libc, and
//! messages where something cannot be.

use build_support::Error;

use crate::{Project, assert_says};

const MAIN: &str = "int main(void) { return 0; }\n";

#[test]
fn files_that_a_pattern_must_not_have_are_excluded() {
    let project = Project::new(&[
        ("x.h", "int f(void);\n"),
        ("x.c", "int f(void) { return 1; }\n"),
        ("x_demo.c", MAIN),
        ("y_demo.c", MAIN),
        ("tool.c", MAIN),
    ]);
    let mut library = project.library("x");
    library.glob("*.c").header("x.h").allow_function("f");
    let error = library.try_compile().unwrap_err();
    assert_says(&error, &["two source files define the same", ".exclude(", "`main`", "x_demo.c", "tool.c"]);

    let project = Project::new(&[("x.h", "int f(void);\n"), ("src/x.c", "int f(void) { return 1; }\n"), ("src/x_demo.c", MAIN)]);
    std::fs::write(project.path("src/tool.c"), "broken").unwrap();
    project.library("x").glob("**/*.c").exclude("*_demo.c").exclude("src/tool.c").header("x.h").allow_function("f").try_compile().unwrap();
    let error = project.library("y").glob("**/*.c").exclude("[").header("x.h").allow_function("f").try_compile().unwrap_err();
    assert_says(&error, &["`[` in .exclude(…) is not a file pattern"]);
}

#[test]
fn a_star_of_an_exclusion_stays_in_one_folder() {
    let project = Project::new(&[
        ("x.h", "int f(void);\nint g(void);\n"),
        ("many/f.c", "int f(void) { return 1; }\n"),
        ("src/deep/g.c", "int g(void) { return 2; }\n"),
        ("mine.c", "#error left out\n"),
        ("src/s.c", "#error left out\n"),
    ]);
    let mut library = project.library("x");
    library.glob("**/*.c").exclude("m*.c").exclude("src/*.c").header("x.h").allow_function("f|g");
    library.try_compile().unwrap();
}

#[test]
fn a_relative_folder_for_outputs_is_found_by_the_linker_too() {
    let project = Project::new(&[("x.h", "int f(void);\n"), ("x.c", "int f(void) { return 1; }\n")]);
    let here = std::env::current_dir().unwrap();
    let up: std::path::PathBuf = here.components().skip(1).map(|_| "..").collect();
    let out = up.join(project.path("out").strip_prefix("/").unwrap());
    let mut library = build_support::Library::new("x");
    library.out_dir(&out).source_dir(project.path("")).file("x.c").header("x.h").allow_function("f");
    assert!(library.try_compile().unwrap().precompiled().is_absolute());
}

#[test]
fn what_is_for_the_compiler_proper_is_not_taken_for_the_linkers() {
    let project = Project::new(&[("x.h", "int f(void);\n"), ("x.c", "int f(void) { return 1; }\n")]);
    let mut library = project.library("x");
    let error = library.file("x.c").flag("-Xclang").flag("-load").flag("-Xclang").flag("no-such.so").header("x.h").allow_function("f");
    assert_says(&error.try_compile().unwrap_err(), &["no-such.so"]);
}

#[test]
fn a_folder_that_comes_later_is_watched() {
    let project = Project::new(&[("x.h", "int f(void);\n"), ("src/x.c", "int f(void) { return 1; }\n")]);
    let output = project.library("x").glob("src/**/*.c").header("x.h").allow_function("f").try_compile().unwrap();
    assert!(output.inputs().contains(&project.path("src")), "{:?}", output.inputs());
}

#[test]
fn a_header_that_comes_later_in_front_of_another_is_watched() {
    let project = Project::new(&[
        ("x.h", "int f(void);\n"),
        ("own/x.c", "#include \"zz_where.h\"\nint f(void) { return WHERE; }\n"),
        ("first/zz_other.h", "\n"),
        ("flagged/zz_other.h", "\n"),
        ("second/zz_where.h", "#define WHERE 2\n"),
    ]);
    let mut library = project.library("x");
    library.file("own/x.c").include("first").include("second").flag(format!("-iquote{}", project.path("flagged").display()));
    let output = library.header("x.h").allow_function("f").try_compile().unwrap();
    let watched = |folder: &str| {
        let folder = project.path(folder);
        output.inputs().iter().any(|input| folder.starts_with(input))
    };
    for folder in ["own", "first", "flagged", "second"] {
        assert!(watched(folder), "{folder}: {:?}", output.inputs());
    }
}

#[test]
fn a_header_of_macros_is_written_and_found_first() {
    let project = Project::new(&[
        ("config.h", "#error the one of another machine\n"),
        ("x.h", "#include <config.h>\nint f(void);\n"),
        ("x.c", "#include <config.h>\n#if !HAVE_STDINT_H\n#error no stdint\n#endif\nint f(void) { return sizeof PACKAGE; }\n"),
    ]);
    let macros = [("HAVE_STDINT_H", "1"), ("PACKAGE", "\"x y\"")];
    let mut library = project.library("x");
    library.file("x.c").config_header("config.h", macros).header("x.h").allow_function("f");
    let bindings = std::fs::read_to_string(library.try_compile().unwrap().bindings()).unwrap();
    assert!(bindings.contains("PACKAGE: &CStr = c\"x y\"") && bindings.contains("HAVE_STDINT_H: c_int = 1"), "{bindings}");
    // One that is no longer asked for is gone.
    let error =
        project.library("x").out_dir(project.path("out/../out")).file("x.c").header("x.h").allow_function("f").try_compile().unwrap_err();
    assert_says(&error, &["the one of another machine"]);
    for name in ["/tmp/config.h", "../config.h"] {
        let error = project.library("y").file("x.c").config_header(name, macros).header("x.h").allow_function("f").survey().unwrap_err();
        assert_says(&error, &[name, "is no path below a folder"]);
    }
}

#[test]
fn the_rest_of_libc_is_linked_as_it_is_used() {
    let project = Project::new(&[
        ("x.h", "int f(void);\n"),
        (
            "x.c",
            "#include <signal.h>\n#include <time.h>\n#include <sys/mman.h>\n#include <unistd.h>\n#include <stdio.h>\n#include <stdlib.h>\n#include \"x.h\"\n\
             int f(void) {\n  char text[40];\n  signal(SIGINT, SIG_IGN);\n  snprintf(text, sizeof text, \"%.3Lf\", strtold(\"1.5\", 0));\n\
             return (int)clock() + (int)getpid() + text[0] + (mmap(0, 10, PROT_READ, MAP_PRIVATE | MAP_ANON, -1, 0) != MAP_FAILED);\n}\n",
        ),
    ]);
    let mut library = project.library("x");
    for define in ["SIGNAL", "PROCESS_CLOCKS", "MMAN", "GETPID"] {
        library.define(&format!("_WASI_EMULATED_{define}"), None);
    }
    library.file("x.c").header("x.h").allow_function("f").try_compile().unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn what_is_for_the_linker_is_refused_with_what_to_write() {
    let project = Project::new(&[("x.h", "int f(void);\n"), ("x.c", "int f(void) { return 1; }\n"), ("libz.a", "")]);
    for (name, flag) in [("a", "-lz"), ("b", "-Wl,--allow-undefined"), ("c", "-L/usr/lib")] {
        let error = project.library(name).file("x.c").flag(flag).header("x.h").allow_function("f").try_compile().unwrap_err();
        assert_says(&error, &[flag, "is for the linker", ".library(|part| …)"]);
    }
    let error = project.library("x").file("libz.a").header("x.h").allow_function("f").try_compile().unwrap_err();
    assert_says(&error, &["libz.a is no source file", ".library(|part| …)"]);
}

#[test]
fn a_variable_is_no_import() {
    let project = Project::new(&[
        ("x.h", "int f(void);\n"),
        ("x.c", "extern int count;\nextern int more(void);\nint f(void) { return count + more(); }\n"),
    ]);
    let error = project.library("x").file("x.c").header("x.h").allow_function("f").allow_import("env.count").try_compile().unwrap_err();
    assert!(matches!(error, Error::Usage { .. }));
    assert_says(&error, &["`env.count` is a variable, and only functions can be imports"]);
    let error = project.library("y").file("x.c").header("x.h").allow_function("f").try_compile().unwrap_err();
    assert!(matches!(&error, Error::Unresolved { variables, .. } if variables == &["env.count"]), "{error}");
    assert_says(&error, &["`count`, a variable that x.c uses", ".allow_import(\"env.more\")"]);
}
