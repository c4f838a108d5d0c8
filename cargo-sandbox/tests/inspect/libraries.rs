//! Libraries in the target folder, found by name.

use std::fs::File;
use std::time::{Duration, SystemTime};

use crate::{Folder, LIBRARY, assert_lines, finish};

const HASHES: [&str; 3] = ["0123456789abcdef", "1123456789abcdef", "2123456789abcdef"];

impl Folder {
    /// Writes a library that was built some minutes ago. Its module is as many bytes larger as that.
    fn built(&self, path: &str, minutes: u8) {
        let mut module = wat::parse_str(LIBRARY).unwrap();
        // A custom section with a name of one byte.
        module.extend([0, minutes + 2, 1, b'x']);
        module.extend(vec![0; minutes.into()]);
        let path = self.write(&format!("{path}/lib.wasm"), module);
        let then = SystemTime::now() - Duration::from_secs(u64::from(minutes) * 60);
        File::options().write(true).open(path).unwrap().set_modified(then).unwrap();
    }

    /// The path of the module that is taken.
    #[track_caller]
    fn taken(&self, arguments: &[&str]) -> String {
        self.json(arguments)["path"].as_str().unwrap().replace('\\', "/")
    }
}

#[test]
fn the_newest_is_taken_and_said() {
    let folder = Folder::new();
    let path = |hash: &str| format!("target/debug/build/one-{hash}/out/sandbox/x");
    folder.built(&path(HASHES[0]), 3);
    folder.built(&path(HASHES[1]), 1);
    folder.built(&path(HASHES[2]), 2);
    assert!(folder.taken(&["x"]).ends_with("one-1123456789abcdef/out/sandbox/x/lib.wasm"));
    let text = folder.text(&["x"]);
    assert!(text.starts_with("x, built by one, "), "{text}");
    assert_lines(&text, &["target/debug/build/one-1123456789abcdef/out/sandbox/x/lib.wasm", "the newest; there are 2 older"]);
}

#[test]
fn every_layout_of_the_target_folder_is_searched() {
    for path in [
        "target/release/build/one-0123456789abcdef/out/sandbox/x",
        "target/x86_64-unknown-linux-gnu/debug/build/one-0123456789abcdef/out/sandbox/x",
        "target/debug/build/one/0123456789abcdef/out/sandbox/x",
    ] {
        let folder = Folder::new();
        folder.built(path, 1);
        assert!(folder.taken(&["x"]).contains(path), "{path}");
        assert_eq!(folder.json(&["x"])["package"], "one");
    }
}

#[test]
fn what_only_a_build_itself_reads_is_no_library() {
    let folder = Folder::new();
    folder.built("target/debug/build/one-0123456789abcdef/out/sandbox/x", 1);
    folder.built("target/debug/build/one-0123456789abcdef/out/sandbox/x/build", 0);
    assert_eq!(folder.json(&[])["libraries"].as_array().unwrap().len(), 1);
}

#[test]
fn several_packages_with_a_library_of_one_name_are_listed() {
    let folder = Folder::new();
    folder.built("target/debug/build/one-0123456789abcdef/out/sandbox/x", 2);
    folder.built("target/debug/build/two-words-0123456789abcdef/out/sandbox/x", 1);
    let text = folder.text(&["x"]);
    assert!(text.starts_with("x, built by two-words, "), "{text}");
    assert!(text.contains("also built by one (--package): target/debug/build/one-0123456789abcdef/"), "{text}");
    assert!(folder.taken(&["x", "--package", "one"]).contains("build/one-"));
}

#[test]
fn without_a_name_the_libraries_are_listed() {
    let folder = Folder::new();
    assert_eq!(folder.text(&[]), "no library was built yet; build a package whose build script has one\n");
    folder.built("target/debug/build/one-0123456789abcdef/out/sandbox/x", 1);
    folder.built("target/release/build/one-0123456789abcdef/out/sandbox/x", 2);
    folder.built("target/debug/build/one-0123456789abcdef/out/sandbox/y", 1);
    let text = folder.text(&[]);
    assert!(text.starts_with("libraries that were built here (2); inspect one by its name\n"), "{text}");
    assert!(text.contains("out/sandbox/x/lib.wasm (and 1 older)\n"), "{text}");
    let json = folder.json(&[]);
    let names: Vec<_> = json["libraries"].as_array().unwrap().iter().map(|library| library["library"].as_str().unwrap()).collect();
    assert_eq!(names, ["x", "y"]);
}

#[test]
fn another_target_folder_is_heeded() {
    let folder = Folder::new();
    folder.built("target/debug/build/one-0123456789abcdef/out/sandbox/x", 1);
    folder.built("elsewhere/debug/build/one-0123456789abcdef/out/sandbox/y", 1);
    let (code, text, error) = finish(folder.command(&["y", "--json"]).env("CARGO_TARGET_DIR", folder.path().join("elsewhere")));
    assert_eq!(code, 0, "{error}");
    assert!(text.contains("elsewhere/debug"), "{text}");
}

#[test]
fn a_name_that_was_not_built_is_an_error_that_lists_those_that_were() {
    let folder = Folder::new();
    let (code, _, error) = folder.inspect(&["z"]);
    assert_eq!(code, 1);
    assert!(error.contains("no library `z` was built below ") && error.contains("nor any other"), "{error}");
    folder.built("target/debug/build/one-0123456789abcdef/out/sandbox/x", 1);
    let (_, _, error) = folder.inspect(&["z"]);
    assert!(error.contains("there are: x"), "{error}");
    let (_, _, error) = folder.inspect(&["x", "--package", "two"]);
    assert!(error.contains("no library `x` was built"), "{error}");
}

#[test]
fn two_libraries_can_be_compared_by_name() {
    let folder = Folder::new();
    folder.built("target/debug/build/one-0123456789abcdef/out/sandbox/x", 1);
    folder.module("old.wasm", "(module)");
    let (code, text, error) = folder.inspect(&["x", "--against", "old.wasm", "--deny-new-imports"]);
    assert_eq!(code, 1);
    assert!(text.contains("new: x, built by one, "), "{text}");
    assert!(error.contains("2 new imports"), "{error}");
}

#[test]
fn outside_a_package_a_name_is_an_error_and_a_path_is_not() {
    let folder = Folder::new();
    std::fs::remove_file(folder.path().join("Cargo.toml")).unwrap();
    let (code, _, error) = folder.inspect(&["x"]);
    assert_eq!(code, 1);
    assert!(error.contains("could not find the target folder") && error.contains("--manifest-path"), "{error}");
    folder.module("lib.wasm", LIBRARY);
    folder.text(&["lib.wasm"]);
}
