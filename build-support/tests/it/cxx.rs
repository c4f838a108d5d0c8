//! C++ behind C headers: what compiles, and what is said where it does not.

use build_support::Error;

use crate::{Project, assert_says};

const HEADER: (&str, &str) =
    ("x.h", "#ifdef __cplusplus\nextern \"C\" {\n#endif\nint f(int);\n#ifdef __cplusplus\n}\nclass Hidden;\n#endif\n");

#[test]
fn every_usual_extension_is_cxx() {
    let source = "#include \"x.h\"\n#include <vector>\nint f(int a) { return std::vector<int>{a}.back(); }\n";
    for name in ["x.cc", "x.cpp", "x.cxx", "x.c++", "x.C"] {
        let project = Project::new(&[HEADER, (name, source)]);
        project.library("x").file(name).header("x.h").allow_function("f").try_compile().unwrap();
    }
}

#[test]
fn a_shim_in_cxx_makes_functions_of_a_class() {
    let project = Project::new(&[
        ("counter.hpp", "class Counter { int n = 0; public: int next() { return ++n; } };\n"),
        ("shim.h", "#ifdef __cplusplus\nextern \"C\"\n#endif\nint counter_next(void);\n"),
        (
            "shim.cpp",
            "#include \"counter.hpp\"\n#include \"shim.h\"\nstatic Counter counter;\nint counter_next() { return counter.next(); }\n",
        ),
    ]);
    let mut library = project.library("x");
    library.shim(project.path("shim.cpp")).header("shim.h").allow_function("counter_.*").try_compile().unwrap();
}

#[test]
fn a_header_with_a_class_wants_a_shim() {
    let project = Project::new(&[("x.h", "#include <string>\nclass X { std::string s; };\n"), ("x.cpp", "#include \"x.h\"\nX x;\n")]);
    let error = project.error(project.library("x").file("x.cpp").header("x.h").allow_function("f"));
    assert!(matches!(error, Error::Headers { .. }));
    assert_says(&error, &["'string' file not found", "it compiles as C++, but only C declarations can be bound", ".shim(\"shim.cpp\")"]);
}

#[test]
fn an_extern_c_without_a_condition_is_explained() {
    let project = Project::new(&[("x.h", "extern \"C\" int f(int);\n"), ("x.cpp", "#include \"x.h\"\nint f(int a) { return a; }\n")]);
    let error = project.error(project.library("x").file("x.cpp").header("x.h").allow_function("f"));
    assert_says(&error, &["x.h:1:8: error: ", "put that between `#ifdef __cplusplus` and `#endif`"]);
}

#[test]
fn a_function_that_is_defined_with_cxx_linkage() {
    let project = Project::new(&[("x.h", "int f(int);\nint g(int);\n"), ("x.cpp", "#include \"x.h\"\nint f(int a) { return a; }\n")]);
    let error = project.error(project.library("x").file("x.cpp").header("x.h").allow_function("f|g"));
    assert!(matches!(error, Error::Undefined { .. }));
    assert_says(&error, &["`f`: it is defined as C++, under another symbol", "extern \"C\"", "`g`: add the source file that defines it"]);
}

#[test]
fn a_missing_cxx_function_has_its_name_and_its_symbol() {
    let source = "#include \"x.h\"\nnamespace other { int helper(long); }\nint f(int a) { return other::helper(a); }\n";
    let project = Project::new(&[HEADER, ("x.cpp", source)]);
    let error = project.error(project.library("x").file("x.cpp").header("x.h").allow_function("f"));
    assert_says(&error, &["used by x.cpp as `other::helper(long)`", ".allow_import(\"env._ZN5other6helperEl\")"]);

    let project = Project::new(&[HEADER, ("x.cpp", source)]);
    let mut library = project.library("x");
    library.file("x.cpp").header("x.h").allow_function("f").allow_import("env._ZN5other6helperEl").try_compile().unwrap();
}

#[test]
fn exceptions_that_the_toolchain_lacks_are_explained() {
    if exceptions_work() {
        return;
    }
    let throws = "#include \"x.h\"\n#include <stdexcept>\nint f(int a) { if (a) throw std::runtime_error(\"no\"); return a; }\n";
    let catches = "#include \"x.h\"\nint g(int);\nint f(int a) { try { return g(a); } catch (...) { return 0; } }\n";
    for (source, said) in [(throws, "cannot use 'throw' with exceptions disabled"), (catches, "cannot use 'try' with exceptions disabled")]
    {
        let project = Project::new(&[HEADER, ("x.cpp", source)]);
        let error = project.error(project.library("x").file("x.cpp").header("x.h").allow_function("f"));
        assert!(matches!(error, Error::Exceptions { .. }), "{error}");
        assert_says(&error, &[said, "x.cpp:3:", "usually built without exceptions", "wasi-sdk of version 33 or later"]);
    }
}

#[test]
fn a_flag_does_not_bring_exceptions_that_the_toolchain_lacks() {
    if exceptions_work() {
        return;
    }
    let project = Project::new(&[HEADER, ("x.cpp", "#include \"x.h\"\nint f(int a) { if (a) throw a; return a; }\n")]);
    let error =
        project.error(project.library("x").file("x.cpp").flag("-fwasm-exceptions").flag("-fexceptions").header("x.h").allow_function("f"));
    assert!(matches!(error, Error::Exceptions { .. }), "{error}");
    assert_says(&error, &["undefined symbol: __cxa_throw", "wasi-sdk of version 33 or later"]);
}

#[test]
fn the_name_of_a_variable_may_hold_the_words_of_the_message() {
    let project = Project::new(&[HEADER, ("x.cpp", "#include \"x.h\"\nint f(int a) { return with_exceptions_disabled; }\n")]);
    let error = project.error(project.library("x").file("x.cpp").header("x.h").allow_function("f"));
    assert!(matches!(error, Error::Compile { .. }), "{error}");
}

/// Whether the toolchain of this machine has exceptions. Debian's has none.
fn exceptions_work() -> bool {
    let folder = tempfile::tempdir().unwrap();
    sandbox_toolchain::exceptions::find(&build_support::Toolchain::find().unwrap(), folder.path()).unwrap().works
}

#[test]
fn threads_that_the_guest_does_not_have_are_named_with_what_may_turn_them_off() {
    for (source, expected) in [
        (
            "#include <mutex>\nstatic std::mutex lock;\nextern \"C\" int f(int a) { std::lock_guard<std::mutex> held(lock); return a; }\n",
            None,
        ),
        ("#include <thread>\nextern \"C\" int f(int a) { std::thread([] {}).join(); return a; }\n", None),
        (
            "#ifndef X_SINGLE_THREADED\n#include <mutex>\nstatic std::mutex lock;\n#endif\nextern \"C\" int f(int a) { return a; }\n",
            Some("X_SINGLE_THREADED"),
        ),
        (
            "#if !defined(X_NO_THREADS)\n#include <condition_variable>\nstatic std::condition_variable v;\n#endif\nextern \"C\" int f(int a) { return a; }\n",
            Some("X_NO_THREADS"),
        ),
    ] {
        let project = Project::new(&[("x.h", "int f(int);\n"), ("x.cpp", source)]);
        let error = project.error(project.library("x").file("x.cpp").header("x.h").allow_function("f"));
        assert_says(&error, &["the guest has no threads", "most libraries have a define that turns them off"]);
        let Some(expected) = expected else { continue };
        assert_says(&error, &[expected]);
        project.library("y").file("x.cpp").header("x.h").define(expected, None).allow_function("f").try_compile().unwrap();
    }
    // What has the same name and is no part of libc++.
    let project = Project::new(&[("x.h", "int f(int);\n"), ("x.cpp", "extern \"C\" int f(int a) { return other::mutex; }\n")]);
    let error = project.error(project.library("x").file("x.cpp").header("x.h").allow_function("f"));
    assert!(!error.to_string().contains("has no threads"), "{error}");
}
