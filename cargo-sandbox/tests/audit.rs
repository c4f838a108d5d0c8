//! `cargo sandbox audit` in packages that the tests write.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

const SITE: &str = "fn f(x: T) { x.unverified_because(\"why\"); }\n";

/// A folder with files; a package named `one` unless there is another Cargo.toml.
struct Folder(TempDir);

impl Folder {
    fn with(files: &[(&str, &str)]) -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        folder.write("Cargo.toml", "[package]\nname = \"one\"\nedition = \"2024\"\n[workspace]\n");
        folder.write("src/lib.rs", "");
        for (path, content) in files {
            folder.write(path, content);
        }
        folder
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    fn audit_in(&self, folder: &str, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-sandbox"));
        command.args(["sandbox", "audit"]).args(arguments).current_dir(self.path().join(folder));
        // Where the tests themselves are built is no matter of the package.
        command.env_remove("CARGO_TARGET_DIR").output().unwrap()
    }

    fn audit(&self, arguments: &[&str]) -> (i32, String, String) {
        let output = self.audit_in(".", arguments);
        (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
    }

    fn json(&self, arguments: &[&str]) -> Value {
        let output = self.audit_in(".", &[arguments, &["--json"]].concat());
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", text(&output.stderr)))
    }

    /// The files with sites, in their order.
    fn found(&self, arguments: &[&str]) -> Vec<String> {
        files(&self.json(arguments))
    }
}

fn files(json: &Value) -> Vec<String> {
    json["sites"].as_array().unwrap().iter().map(|site| site["file"].as_str().unwrap().to_owned()).collect()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn the_list_is_grouped_by_file_and_ends_with_a_total() {
    let folder = Folder::with(&[
        ("src/lib.rs", "fn f() {\n    a.unverified_because(\"first\");\n    sb.copy_out(p, 640)?.unverified_because(\"second\");\n}\n"),
        ("src/b.rs", "struct S {\n    #[verify(unverified_because = \"third\")]\n    a: u8,\n}\n"),
        ("tests/it.rs", SITE),
    ]);
    let expected = "src/b.rs:2:14: third\n    S.a: u8\n\n\
                    src/lib.rs:2:7: first\n    a\nsrc/lib.rs:3:26: second\n    sb.copy_out(p, 640)?\n\n\
                    tests/it.rs:1:16: why\n    x\n\n\
                    4 sites in 3 files, 1 of them in tests; searched 3 files of 1 package\n";
    assert_eq!(folder.audit(&[]), (0, expected.into(), String::new()));
}

#[test]
fn nothing_to_list_is_a_success() {
    assert_eq!(Folder::with(&[]).audit(&[]).1, "0 sites in 0 files; searched 1 file of 1 package\n");
}

#[test]
fn json_has_every_part_of_a_site() {
    let source = "fn f() {\n    assert_eq!(\n        sb.read(\n            p,\n        )?\n        .unverified_because(r#\"a \"raw\" one\"#),\n        3,\n    );\n}\n";
    let json = Folder::with(&[("src/lib.rs", source)]).json(&[]);
    let expected = serde_json::json!({
        "sites": [{
            "package": "one", "file": "src/lib.rs", "line": 6, "column": 10, "kind": "method",
            "reason": "a \"raw\" one", "literal": true, "released": "sb.read(p)?", "test": false,
        }],
        "total": 1, "errors": [], "not_searched": [],
    });
    assert_eq!(json, expected);
}

#[test]
fn a_reason_that_is_no_literal_fails() {
    let folder = Folder::with(&[("src/lib.rs", "fn f() { x.unverified_because(WHY); }\n")]);
    let (code, list, error) = folder.audit(&[]);
    assert_eq!(code, 1);
    assert!(list.starts_with("src/lib.rs:1:12: (not a literal) WHY\n    x\n"), "{list}");
    assert!(error.starts_with("error: src/lib.rs:1:12: the reason `WHY` is not a string literal; write"), "{error}");
    assert_eq!(folder.json(&[])["sites"][0]["literal"], false);
}

#[test]
fn an_empty_reason_fails() {
    let (code, _, error) = Folder::with(&[("src/lib.rs", "fn f() { x.unverified_because(\" \"); }\n")]).audit(&[]);
    assert_eq!(code, 1);
    assert!(error.contains("src/lib.rs:1:12: the reason says nothing"), "{error}");
}

#[test]
fn more_sites_than_allowed_fail() {
    let folder = Folder::with(&[("src/a.rs", SITE), ("src/b.rs", SITE)]);
    assert_eq!(folder.audit(&["--max", "2"]).0, 0);
    let (code, list, error) = folder.audit(&["--max", "1"]);
    assert_eq!(code, 1);
    assert!(list.contains("2 sites in 2 files"), "{list}");
    assert_eq!(error, "error: 2 sites, and at most 1 are allowed; verify some, or raise --max\n");
}

#[test]
fn a_file_that_is_not_rust_fails_and_the_others_are_listed() {
    let folder = Folder::with(&[("src/a.rs", "fn f() {}\nfn g() {\n"), ("src/b.rs", SITE)]);
    let (code, list, error) = folder.audit(&[]);
    assert_eq!(code, 1);
    assert!(list.starts_with("src/b.rs:1:16: why\n"), "{list}");
    assert!(error.starts_with("error: src/a.rs:2: `{` is never closed"), "{error}");
    assert!(folder.json(&[])["errors"][0].as_str().unwrap().starts_with("src/a.rs:2: "));
}

#[test]
fn several_problems_are_all_shown() {
    let folder = Folder::with(&[("src/a.rs", "\u{0}"), ("src/b.rs", "fn f() { x.unverified_because(); }")]);
    let (_, _, error) = folder.audit(&["--max", "0"]);
    let lines: Vec<_> = error.lines().map(str::trim_start).collect();
    assert_eq!(lines[0], "error: 3 problems");
    assert!(lines[1].starts_with("src/a.rs:1: ") && lines[2].starts_with("src/b.rs:1:12: ") && lines[3].starts_with("1 site, "), "{error}");
}

#[test]
fn every_target_and_every_included_file_is_searched() {
    let files = ["benches/b.rs", "build.rs", "examples/e/main.rs", "src/bin/p.rs", "src/included.rs", "tests/ui/wrong.rs"];
    let folder = Folder::with(&files.map(|file| (file, SITE)));
    assert_eq!(folder.found(&[]), files);
}

#[test]
fn a_file_outside_the_folder_is_followed_through_path_and_include() {
    let folder = Folder::with(&[
        ("Cargo.toml", "[workspace]\nmembers = [\"one\"]\n"),
        ("one/Cargo.toml", "[package]\nname = \"one\"\n"),
        ("one/src/lib.rs", "#[path = \"../../shared/a.rs\"] mod a;\n"),
        ("shared/a.rs", "include!(\"b.in\");\nmod c;"),
        ("shared/b.in", SITE),
        ("shared/c.rs", SITE),
        ("shared/unused.rs", SITE),
    ]);
    assert_eq!(folder.found(&[]), ["shared/b.in", "shared/c.rs"]);
}

#[test]
fn a_file_that_two_packages_share_is_listed_once() {
    let folder = Folder::with(&[
        ("Cargo.toml", "[package]\nname = \"b\"\n[workspace]\nmembers = [\"a\"]\n"),
        ("a/Cargo.toml", "[package]\nname = \"a\"\n"),
        ("a/src/lib.rs", "#[path = \"../../src/shared.rs\"] mod shared;\n"),
        ("src/shared.rs", SITE),
    ]);
    assert_eq!(folder.found(&[]), ["src/shared.rs"]);
}

#[test]
fn what_cargo_built_and_what_is_hidden_is_not_searched() {
    let folder = Folder::with(&[
        ("target/debug/build/out/bindings.rs", SITE),
        (".cache/a.rs", SITE),
        ("elsewhere/target/CACHEDIR.TAG", ""),
        ("elsewhere/target/a.rs", SITE),
        ("src/target/mod.rs", SITE),
    ]);
    assert_eq!(folder.found(&[]), ["src/target/mod.rs"]);
}

/// A workspace whose member `inner` is in the folder of its member `outer`, beside a package of its own.
fn nested() -> Folder {
    Folder::with(&[
        ("Cargo.toml", "[package]\nname = \"outer\"\n[workspace]\nmembers = [\"inner\"]\nexclude = [\"alone\"]\n"),
        ("src/lib.rs", SITE),
        ("inner/Cargo.toml", "[package]\nname = \"inner\"\n"),
        ("inner/src/lib.rs", SITE),
        ("alone/Cargo.toml", "[package]\nname = \"alone\"\n[workspace]\n"),
        ("alone/src/lib.rs", SITE),
    ])
}

#[test]
fn a_nested_member_is_listed_once_under_its_own_name() {
    let json = nested().json(&[]);
    assert_eq!(files(&json), ["inner/src/lib.rs", "src/lib.rs"]);
    assert_eq!((&json["sites"][0]["package"], &json["sites"][1]["package"]), (&"inner".into(), &"outer".into()));
}

#[test]
fn a_package_outside_the_workspace_is_named_and_not_searched() {
    let folder = nested();
    let (_, list, _) = folder.audit(&[]);
    assert!(list.ends_with("not searched: 1 package outside this workspace (alone); use --manifest-path for them\n"), "{list}");
    assert_eq!(folder.json(&[])["not_searched"], serde_json::json!(["alone"]));
    assert_eq!(folder.found(&["--manifest-path", "alone/Cargo.toml"]), ["alone/src/lib.rs"]);
}

#[test]
fn packages_can_be_selected() {
    let folder = nested();
    assert_eq!(folder.found(&["-p", "inner"]), ["inner/src/lib.rs"]);
    assert_eq!(folder.found(&["-p", "outer"]), ["src/lib.rs"]);
    assert_eq!(folder.found(&["-p", "outer", "--package", "inner"]).len(), 2);
}

#[test]
fn an_unknown_package_is_an_error_that_names_the_known_ones() {
    let (code, _, error) = nested().audit(&["-p", "other"]);
    assert_eq!((code, error.as_str()), (1, "error: this workspace has no package other; it has inner, outer\n"));
}

#[test]
fn files_are_named_from_the_current_folder() {
    let output = nested().audit_in("inner/src", &["--json"]);
    let json = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(files(&json), ["../../src/lib.rs", "lib.rs"]);
}

#[test]
fn a_folder_without_a_package_is_an_error_with_the_next_step() {
    let folder = Folder(tempfile::tempdir().unwrap());
    let (code, _, error) = folder.audit(&[]);
    assert_eq!(code, 1);
    assert!(error.contains("could not find `Cargo.toml`") && error.contains("--manifest-path"), "{error}");
}

#[test]
fn tests_are_left_out_where_asked() {
    let lib = format!("#[cfg(test)]\nmod tests;\nmod real;\n#[cfg(test)]\nmod inline {{ {SITE} }}\n");
    let folder = Folder::with(&[
        ("src/lib.rs", &lib),
        ("src/real.rs", SITE),
        ("src/tests.rs", "mod deeper;"),
        ("src/tests/deeper.rs", SITE),
        ("tests/it.rs", SITE),
        ("tests/ui/wrong.rs", "("),
    ]);
    let json = folder.json(&[]);
    let tests: Vec<_> = json["sites"].as_array().unwrap().iter().map(|site| site["test"].as_bool().unwrap()).collect();
    assert_eq!(files(&json), ["src/lib.rs", "src/real.rs", "src/tests/deeper.rs", "tests/it.rs"]);
    assert_eq!(tests, [true, false, true, true]);
    assert_eq!(folder.found(&["--no-tests"]), ["src/real.rs"]);
    assert_eq!(folder.audit(&["--no-tests"]).0, 0, "a file for tests is not searched, so it is no problem");
}

#[test]
fn a_file_in_tests_that_the_library_uses_is_no_test() {
    let folder = Folder::with(&[("src/lib.rs", "#[path = \"../tests/shared.rs\"] mod shared;"), ("tests/shared.rs", SITE)]);
    assert_eq!(folder.found(&["--no-tests"]), ["tests/shared.rs"]);
}

#[cfg(unix)]
#[test]
fn a_link_is_followed_only_where_a_module_leads() {
    let folder = Folder::with(&[("src/lib.rs", "mod linked;"), (".elsewhere/mod.rs", SITE), (".elsewhere/unused.rs", SITE)]);
    std::os::unix::fs::symlink("../.elsewhere", folder.path().join("src/linked")).unwrap();
    std::os::unix::fs::symlink("..", folder.path().join("src/loop")).unwrap();
    assert_eq!(folder.found(&[]), [".elsewhere/mod.rs"]);
}

#[cfg(unix)]
#[test]
fn a_source_that_is_not_there_is_an_error() {
    let folder = Folder::with(&[]);
    std::os::unix::fs::symlink("nowhere", folder.path().join("src/broken.rs")).unwrap();
    let (code, _, error) = folder.audit(&[]);
    assert_eq!(code, 1);
    assert!(error.starts_with("error: src/broken.rs: could not read it: "), "{error}");
}

#[test]
fn deep_nesting_is_no_reason_to_fail() {
    let source = format!("const A: u8 = {}x.unverified_because(\"why\"){};", "(".repeat(100_000), ")".repeat(100_000));
    assert_eq!(Folder::with(&[("src/a.rs", &source)]).found(&[]), ["src/a.rs"]);
}

/// What the audit of a library with a site in `gen/hidden.in` says and returns.
fn hides(source: &str) -> (i32, String) {
    let folder = Folder::with(&[("src/lib.rs", source), ("gen/hidden.in", SITE)]);
    let (code, _, error) = folder.audit(&[]);
    (code, error)
}

#[track_caller]
fn is_refused(source: &str, start: &str) {
    let (code, error) = hides(source);
    assert_eq!(code, 1, "{source}");
    assert!(error.starts_with(&format!("error: src/lib.rs:{start}")), "{error}");
}

#[test]
fn an_include_of_a_macros_argument_fails() {
    is_refused(
        "macro_rules! inc { ($f:literal) => { include!($f); } }\ninc!(\"../gen/hidden.in\");\n",
        "1:38: no literal says which file this `include!` reads, so it was not searched; write its path as a string literal",
    );
}

#[test]
fn an_include_of_a_variable_fails() {
    is_refused("include!(env!(\"X\"));", "1:1: no literal says which file this `include!` reads");
}

#[test]
fn an_include_under_another_name_fails() {
    is_refused("use core::include as load;\nload!(\"../gen/hidden.in\");\n", "1:11: `include` can get another name here");
}

#[test]
fn a_module_at_a_macros_argument_fails() {
    is_refused(
        "macro_rules! at { ($p:literal, $m:ident) => { #[path = $p] mod $m; } }\nat!(\"../gen/hidden.in\", three);\n",
        "1:49: no literal says which file this `#[path]` names, so it was not searched; write it as a string literal",
    );
}

#[test]
fn a_release_whose_name_is_put_together_fails() {
    is_refused("fn f() { paste! { x.[<unverified_ because>](\"why\") } }", "1:21: the name made here can be `unverified_because`");
}

#[test]
fn an_included_file_that_is_not_there_fails() {
    is_refused("include!(\"nowhere.in\");", "1:1: there is no file `nowhere.in`, which `include!` names here");
}

#[test]
fn a_module_whose_path_is_not_there_fails() {
    is_refused("#[path = \"nowhere.rs\"] mod a;", "1:3: there is no file `nowhere.rs`, which `#[path]` names here");
}

#[test]
fn a_folder_for_inline_modules_need_not_be_there() {
    assert_eq!(hides("#[path = \"nowhere\"] mod a {}").0, 0);
}

#[test]
fn what_a_build_script_makes_passes() {
    let library = "include!(env!(concat!(\"SANDBOX_LIBRARY_\", stringify!($name)), \"build it\"));";
    let source = format!("include!(concat!(env!(\"OUT_DIR\"), \"/x.rs\"));\nmacro_rules! m {{ ($name:ident) => {{ {library} }} }}\n");
    assert_eq!(hides(&source), (0, String::new()));
}

#[test]
fn a_hidden_file_in_a_test_is_no_problem_without_tests() {
    let folder =
        Folder::with(&[("src/lib.rs", "#[cfg(test)] mod t { include!(env!(\"X\")); }"), ("tests/it.rs", "include!(env!(\"X\"));")]);
    assert_eq!((folder.audit(&[]).0, folder.audit(&["--no-tests"]).0), (1, 0));
}

#[test]
fn an_include_in_a_macro_is_followed_from_where_the_macro_is_called() {
    let folder = Folder::with(&[
        ("src/lib.rs", "macro_rules! m { () => { include!(\"x.in\"); } }\nmod a;\n"),
        ("src/x.in", ""),
        ("src/a/mod.rs", "m!();\n"),
        ("src/a/x.in", SITE),
    ]);
    assert_eq!(folder.found(&[]), ["src/a/x.in"]);
}

#[test]
fn the_help_says_what_is_not_seen() {
    let help = text(&Folder::with(&[]).audit_in(".", &["--help"]).stdout);
    let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(["verify(Ok)", "a rule that is always true", "OUT_DIR"].iter().all(|unseen| help.contains(unseen)), "{help}");
}
