//! What the environment may say to a build, and what not. Each case is a child process, which alone
//! has the variables.

use std::process::Command;

use crate::Project;

/// Builds the library in the folder that a variable names; the text of a failure is printed, and of
/// a success the bindings.
#[test]
#[ignore = "the other end of the tests below"]
fn child() {
    let Some(folder) = std::env::var_os("SANDBOX_TEST_FOLDER") else { return };
    let folder = std::path::PathBuf::from(folder);
    let mut library = build_support::Library::new("x");
    library.out_dir(folder.join("out")).source_dir(&folder).file("x.c").header("x.h").allow_function(".*").allow_var(".*");
    match library.try_compile() {
        Ok(output) => println!("{}", std::fs::read_to_string(output.bindings()).unwrap()),
        Err(error) => println!("failed: {error}"),
    }
}

fn build(files: &[(&str, &str)], variables: &[(&str, &str)]) -> String {
    build_in(&Project::new(files), variables)
}

fn build_in(project: &Project, variables: &[(&str, &str)]) -> String {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "hermetic::child", "--ignored", "--nocapture", "--test-threads=1"]);
    command.env("SANDBOX_TEST_FOLDER", project.path("")).envs(variables.iter().map(|(name, value)| {
        // A folder of the project's.
        (
            *name,
            match value.split_once('@') {
                Some((before, folder)) => format!("{before}{}", project.path(folder).display()),
                None => (*value).to_owned(),
            },
        )
    }));
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

const FILES: [(&str, &str); 2] = [
    (
        "x.h",
        "#ifdef GUEST\n#define ANSWER 7\n#else\n#define ANSWER 42\n#endif\nint f(int v);\nstatic const int chars = (char)-1;\n#ifdef __arm__\nint arm(void);\n#endif\n",
    ),
    (
        "x.c",
        "#include \"x.h\"\nint f(int v) { char buffer[64]; buffer[v & 63] = (char)v; return buffer[v & 31] + ANSWER; }\n#ifdef __arm__\nint arm(void) { return 1; }\n#endif\n",
    ),
];

#[test]
fn flags_for_the_host_do_not_reach_the_guest() {
    let files = &FILES;
    for flags in [
        "-fstack-protector-strong",
        "-march=x86-64-v2",
        "-fcf-protection",
        "-m64",
        "-DGUEST",
        "-include stdio.h",
        "--target=x86_64-linux-gnu",
    ] {
        for variable in
            ["CFLAGS", "HOST_CFLAGS", "CPPFLAGS", "BINDGEN_EXTRA_CLANG_ARGS", "CCC_OVERRIDE_OPTIONS", "CFLAGS_x86_64_unknown_linux_gnu"]
        {
            let said = build(files, &[(variable, flags)]);
            assert!(said.contains("pub const ANSWER: c_int = 42;") && said.contains("pub fn f("), "{variable}={flags}: {said}");
        }
    }
    // Flags that clang would take from it are written as edits.
    for edits in ["+-DGUEST", "# ^-DGUEST", "+-m64", "s/-O3/-O0 -DGUEST/"] {
        let said = build(files, &[("CCC_OVERRIDE_OPTIONS", edits)]);
        assert!(said.contains("pub const ANSWER: c_int = 42;") && said.contains("pub fn f("), "{edits}: {said}");
    }
}

#[test]
fn search_paths_of_the_host_do_not_reach_the_guest() {
    // Of a header that both have, the guest has its own; one that only the host has is not found.
    let own = [
        ("x.h", "#include <stddef.h>\n#include <zz_own.h>\nint f(void);\n"),
        ("include/zz_own.h", "#define WHOSE 1\n"),
        ("host/zz_own.h", "#define WHOSE 2\n"),
        ("host/stddef.h", "#define WHOSE 3\n"),
        ("x.c", "#include \"x.h\"\nint f(void) { return WHOSE; }\n"),
    ];
    let host = [
        ("x.h", "#include <zz_host.h>\nint f(void);\n"),
        ("host/zz_host.h", "#define WHOSE 2\n"),
        ("x.c", "#include \"x.h\"\nint f(void) { return 1; }\n"),
    ];
    for variable in ["CPATH", "C_INCLUDE_PATH", "CPLUS_INCLUDE_PATH", "OBJC_INCLUDE_PATH", "GCC_EXEC_PREFIX"] {
        let said = build(&own, &[(variable, "@host"), ("SANDBOX_CFLAGS", "-idirafter@include")]);
        assert!(said.contains("pub const WHOSE: c_int = 1;"), "{variable}: {said}");
        let said = build(&host, &[(variable, "@host")]);
        assert!(said.contains("'zz_host.h' file not found"), "{variable}: {said}");
    }
}

#[test]
fn what_bindgen_is_told_the_compiler_does_not_see_and_so_neither_may_bindgen() {
    for flags in ["-D__arm__", "-funsigned-char", "-m64", "-DGUEST"] {
        let said = build(&FILES, &[("BINDGEN_EXTRA_CLANG_ARGS", flags), ("BINDGEN_EXTRA_CLANG_ARGS_x86_64_unknown_linux_gnu", flags)]);
        assert!(said.contains("pub const chars: c_int = -1;") && !said.contains("fn arm"), "{flags}: {said}");
    }
}

#[test]
fn flags_for_the_guest_reach_compiler_and_bindings() {
    let mut files = FILES.to_vec();
    // Read once, by the preprocessor.
    files.push(("more.h", "struct once { int a; };\n"));
    for variable in ["CFLAGS_wasm32-wasip1", "CFLAGS_wasm32_wasip1", "TARGET_CFLAGS", "SANDBOX_CFLAGS"] {
        let said = build(&files, &[(variable, "-DGUEST -D__arm__ '-DTEXT=\"a b\"' -include@more.h")]);
        assert!(said.contains("pub const ANSWER: c_int = 7;") && said.contains("pub fn arm()"), "{variable}: {said}");
    }
}

#[test]
fn an_error_that_a_variable_may_have_caused_names_it() {
    for flags in ["-Dint=(", "-march=x86-64-v2", "--no-such-flag"] {
        let said = build(&FILES, &[("SANDBOX_CFLAGS", flags)]);
        assert!(said.contains("failed: ") && said.contains(&format!("SANDBOX_CFLAGS={flags}")), "{flags}: {said}");
    }
    let said = build(&[("x.h", "int f(void);\n"), ("x.c", "broken\n")], &[]);
    assert!(said.contains("failed: ") && !said.contains("the environment adds"), "{said}");
}

#[test]
fn objects_are_kept_by_content() {
    let project = Project::new(&FILES);
    let objects = || {
        let mut names: Vec<_> = std::fs::read_dir(project.path("out/sandbox/x/build/objects"))
            .unwrap()
            .map(|entry| entry.unwrap())
            .filter(|entry| entry.path().extension().is_some_and(|extension| extension == "o"))
            .map(|entry| (entry.file_name(), entry.metadata().unwrap().modified().unwrap()))
            .collect();
        names.sort();
        names
    };
    let library = || {
        let mut library = project.library("x");
        library.file("x.c").header("x.h").allow_function("f");
        library
    };
    let survey = library().survey().unwrap();
    assert_eq!(survey.functions.bound, ["f"]);
    let first = objects();
    // A build that fails, and one with another list, leave it as it is.
    let error = library().allow_function("g").survey().unwrap_err();
    assert!(error.to_string().contains("matches nothing"));
    library().allow_var("ANSWER").try_compile().unwrap();
    assert_eq!(objects(), first);
    // Another content is another object, and the old one goes.
    project.write("x.c", "#include \"x.h\"\nint f(int v) { return v + 2; }\n");
    let mut other = build_support::Library::new("x");
    other.out_dir(project.path("out/../out")).source_dir(project.path("")).file("x.c").header("x.h").allow_function("f");
    other.try_compile().unwrap();
    let second = objects();
    assert_eq!(second.len(), first.len());
    assert_ne!(second, first);
}

#[test]
fn files_that_flags_name_are_watched_and_part_of_an_object() {
    let project = Project::new(&FILES);
    let flags = project.path("flags");
    // One folder under three names: a build script builds a library once.
    let build = |text: &str, out: &str| {
        std::fs::write(&flags, text).unwrap();
        let mut library = build_support::Library::new("x");
        library.out_dir(project.path(out)).source_dir(project.path("")).file("x.c").header("x.h").allow_function("f");
        library.flag(format!("@{}", flags.display()));
        let output = library.try_compile().unwrap();
        assert!(output.inputs().contains(&flags), "{:?}", output.inputs());
        std::fs::read(output.wasm()).unwrap()
    };
    let small = build("-O0", "out");
    assert_eq!(build("-O0", "out/../out"), small);
    assert_ne!(build("-O2", "out/../out/../out"), small);
}

#[test]
fn what_is_kept_is_used_only_as_it_was_left() {
    let project = Project::new(&FILES);
    let build = || {
        let said = build_in(&project, &[]);
        assert!(said.contains("pub fn f("), "{said}");
        ["lib.wasm", "lib.cwasm"].map(|name| std::fs::read(project.path("out/sandbox/x").join(name)).unwrap())
    };
    let first = build();
    let work = project.path("out/sandbox/x/build");
    let objects = std::fs::read_dir(work.join("objects")).unwrap().map(|entry| entry.unwrap().path());
    let kept: Vec<_> = objects.chain(["kept.cwasm", "kept.key"].map(|name| work.join(name))).collect();
    assert!(kept.len() > 7, "{kept:?}");
    // Cut off, as by a full disk; emptied; and with a byte changed.
    let damages: [fn(&mut Vec<u8>); 3] = [
        |bytes| bytes.truncate(bytes.len() / 2),
        Vec::clear,
        |bytes| {
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
        },
    ];
    for damage in damages {
        for file in &kept {
            let mut bytes = std::fs::read(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
            damage(&mut bytes);
            std::fs::write(file, bytes).unwrap();
        }
        assert!(build() == first);
    }
}
