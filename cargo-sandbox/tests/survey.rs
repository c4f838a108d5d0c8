//! `cargo sandbox survey` of folders that nobody has wrapped.

use std::fs;
use std::path::{Path, PathBuf};

use cargo_sandbox::survey::{Options, Sources, SurveyError, run};

/// A folder with these files.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn survey(folder: &Path, sources: Sources) -> Result<String, SurveyError> {
    let options = Options { subject: Some(folder.to_owned()), sources, ..Options::default() };
    let mut out = Vec::new();
    run(&options, folder, &mut out).map(|()| String::from_utf8(out).unwrap())
}

/// The words of the line that begins with this one.
fn row(table: &str, first: &str) -> Vec<String> {
    let line = table.lines().find(|line| line.trim_start().starts_with(first)).unwrap_or_else(|| panic!("no {first} in\n{table}"));
    line.split_whitespace().map(str::to_owned).collect()
}

const HEADER: &str =
    "#define LIMIT 8U\nstruct point { int x, y; };\nint add(int a, int b);\nint nowhere(int a);\nlong double wide(long double x);\n";

#[test]
fn what_no_source_defines_and_what_cannot_be_bound_is_in_the_table_with_its_reason() {
    let folder = folder(&[
        ("include/lib.h", HEADER),
        ("src/lib.c", "#include \"lib.h\"\nint add(int a, int b) { return a + b; }\nlong double wide(long double x) { return x; }\n"),
        ("src/test_lib.c", "#error this is no part of the library\n"),
    ]);
    let table = survey(folder.path(), Sources::default()).unwrap();
    assert_eq!(row(&table, "functions"), ["functions", "1", "2"], "{table}");
    assert_eq!(row(&table, "types"), ["types", "1", "0"], "{table}");
    assert_eq!(row(&table, "constants"), ["constants", "1", "0"], "{table}");
    assert!(row(&table, "function  nowhere").join(" ").ends_with("defined in no source file"), "{table}");
    assert!(row(&table, "function  wide").join(" ").contains("long double"), "{table}");
    assert!(table.contains("left out  src/test_lib.c: by its name"), "{table}");
}

#[test]
fn sources_are_left_out_by_whole_words_alone_and_are_named() {
    let folder = folder(&[
        ("lib.h", "int latest(void);\nint demodulate(void);\nint shown(void);\n"),
        ("src/latest.c", "int latest(void) { return 1; }\n"),
        ("src/demodulate.c", "int demodulate(void) { return 1; }\n"),
        ("src/demo.c", "int shown(void) { return 1; }\n"),
        ("src/._latest.c", "\0\u{5}\u{16}"),
    ]);
    let table = survey(folder.path(), Sources::default()).unwrap();
    assert_eq!(row(&table, "functions"), ["functions", "2", "1"], "{table}");
    assert!(table.contains("left out  src/demo.c: by its name") && table.contains("--sources"), "{table}");
    let named = Sources { sources: vec!["src/[a-z]*.c".into()], ..Sources::default() };
    assert_eq!(row(&survey(folder.path(), named).unwrap(), "functions"), ["functions", "3", "0"]);
    assert!(matches!(
        survey(folder.path(), Sources { exclude: vec!["***".into()], ..Sources::default() }),
        Err(SurveyError::Pattern { .. })
    ));
}

#[test]
fn a_folder_with_brackets_in_its_name_has_its_sources() {
    let outer = folder(&[
        ("a[1] b/lib.h", "int f(void);\nint nowhere(void);\n"),
        ("a[1] b/src/f.c", "int f(void) { return 1; }\n"),
        ("alone/lib.h", "int f(void);\n"),
    ]);
    let table = survey(&outer.path().join("a[1] b"), Sources::default()).unwrap();
    assert_eq!(row(&table, "functions"), ["functions", "1", "1"], "{table}");
    let table = survey(&outer.path().join("alone"), Sources::default()).unwrap();
    assert!(table.contains("sources   none"), "{table}");
}

#[test]
fn headers_are_named_as_they_are_shown() {
    let folder = folder(&[("deep/lib.h", "int f(void);\n"), ("deep/lib.c", "int f(void) { return 1; }\n")]);
    for header in [&[][..], &["lib.h"], &["deep/lib.h"]] {
        let sources = Sources { header: header.iter().map(PathBuf::from).collect(), ..Sources::default() };
        let table = survey(folder.path(), sources).unwrap();
        assert!(row(&table, "functions")[1] == "1", "{table}");
    }
    let options = Options { subject: Some("deep/lib.h".into()), ..Options::default() };
    let error = run(&options, folder.path(), &mut Vec::new()).unwrap_err();
    assert!(error.to_string().contains("lib.h is a file; give its folder"), "{error}");
}

#[cfg(unix)]
#[test]
fn a_pipe_is_no_header() {
    let folder = folder(&[("lib.h", "int f(void);\n"), ("lib.c", "int f(void) { return 1; }\n")]);
    assert!(std::process::Command::new("mkfifo").arg(folder.path().join("p.h")).status().unwrap().success());
    assert_eq!(row(&survey(folder.path(), Sources::default()).unwrap(), "headers"), ["headers", "lib.h"]);
}

#[test]
fn sources_that_do_not_build_leave_a_table_and_the_compilers_words() {
    let folder = folder(&[("lib.h", HEADER), ("lib.c", "#include \"config.h\"\n")]);
    let table = survey(folder.path(), Sources::default()).unwrap();
    assert_eq!(row(&table, "functions"), ["functions", "2", "1"], "{table}");
    assert!(table.contains("'config.h' file not found"), "{table}");
    // Without sources there is nothing to fail.
    let table = survey(folder.path(), Sources { headers_only: true, ..Sources::default() }).unwrap();
    assert_eq!(row(&table, "functions"), ["functions", "2", "1"], "{table}");
    assert!(!table.contains("config.h"), "{table}");
}

#[test]
fn a_header_that_does_not_compile_alone_is_left_out_with_its_reason() {
    let folder = folder(&[("a.h", "int a(void);\n"), ("b.h", "#error include a.h first\n"), ("a.c", "int a(void) { return 1; }\n")]);
    let table = survey(folder.path(), Sources::default()).unwrap();
    assert_eq!(row(&table, "headers"), ["headers", "a.h"], "{table}");
    assert_eq!(row(&table, "left out").join(" "), "left out b.h: include a.h first", "{table}");
    assert_eq!(row(&table, "functions"), ["functions", "1", "0"], "{table}");
    // One that is named is not left out in silence.
    let named = Sources { header: vec!["b.h".into()], ..Sources::default() };
    let error = survey(folder.path(), named).unwrap_err();
    assert!(matches!(&error, SurveyError::Headers { .. }), "{error}");
    assert!(error.to_string().contains("include a.h first"), "{error}");
}

#[test]
fn a_folder_of_which_no_header_compiles_has_the_compilers_words() {
    let folder = folder(&[("a.h", "int a(;\n"), ("b.h", "#error include a.h first\n")]);
    let error = survey(folder.path(), Sources::default()).unwrap_err();
    assert!(matches!(&error, SurveyError::Headers { .. }), "{error}");
    assert!(error.to_string().contains("expected parameter declarator"), "{error}");
}

#[test]
fn options_say_how_the_sources_are_built() {
    let folder = folder(&[
        ("lib.h", "#include <width.h>\nWIDTH f(void);\n"),
        ("deep/width.h", "#ifndef WIDTH\n#error WIDTH must be defined\n#endif\n"),
        ("deep/f.c", "#include \"../lib.h\"\nWIDTH f(void) { return 0; }\n"),
        ("deep/g.c", "#error left out\n"),
    ]);
    let sources = Sources {
        include: vec!["deep".into()],
        define: vec!["WIDTH=short".into()],
        sources: vec!["deep/*.c".into()],
        exclude: vec!["g.c".into()],
        ..Sources::default()
    };
    let table = survey(folder.path(), sources).unwrap();
    assert_eq!(row(&table, "functions"), ["functions", "1", "0"], "{table}");
    assert!(!table.contains("not known"), "{table}");
}

#[test]
fn what_is_no_library_is_an_error_that_says_so() {
    let empty = folder(&[("readme.txt", "")]);
    assert!(matches!(survey(empty.path(), Sources::default()), Err(SurveyError::NoHeader { .. })));
    let options = Options { subject: Some(PathBuf::from("no-such-package")), ..Options::default() };
    let error = run(&options, Path::new(env!("CARGO_MANIFEST_DIR")), &mut Vec::new()).unwrap_err();
    assert!(matches!(&error, SurveyError::NoSuchPackage { name } if name == "no-such-package"), "{error}");
}
