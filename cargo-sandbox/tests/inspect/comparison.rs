//! Two modules: what has changed.

use serde_json::json;

use crate::{Folder, LIBRARY, assert_lines};

const OLD: &str = r#"(module
    (import "env" "log" (func $log (param i32)))
    (import "env" "gone" (func $gone))
    (memory (export "memory") 1)
    (func $f (export "f") (param i32) (call $log (local.get 0)))
    (func $shrinks (call $gone) (call $gone) (call $gone))
    (func $removed (nop)))"#;
const NEW: &str = r#"(module
    (import "env" "log" (func $log (param i64)))
    (import "wasi_snapshot_preview1" "path_open" (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
    (memory (export "memory") 2 8)
    (func $f (export "f") (param i32) (result i32) (call $log (i64.const 1)) (call $log (i64.const 2)) (i32.const 3))
    (func $shrinks (nop))
    (func $added (export "added") (param v128) (nop) (nop)))"#;

fn pair() -> Folder {
    let folder = Folder::new();
    folder.module("old.wasm", OLD);
    folder.module("new.wasm", NEW);
    folder
}

#[test]
fn new_imports_come_first_and_loud() {
    let text = pair().text(&["new.wasm", "--against", "old.wasm"]);
    let sections: Vec<_> = text.split("\n\n").map(|section| section.lines().next().unwrap()).collect();
    assert_eq!(
        sections,
        [
            "old: old.wasm, 134 bytes",
            "NEW IMPORTS (1): IT CAN ASK FOR MORE THAN BEFORE",
            "imports that are gone (1)",
            "imports of another type (1)",
            "exports",
            "features",
            "memory and table",
            "size (old, new, change)",
            "functions (old, new, change): 1 added, 1 removed, 1 grown, 1 shrunk",
        ],
        "{text}"
    );
    assert_lines(
        &text,
        &[
            "+ wasi_snapshot_preview1.path_open opens or creates a file by its path; denied unless the host grants it",
            "- env.gone a function that nothing defines; denied, ends the call",
            "~ env.log (i64), was (i32)",
            "+ added function (v128)",
            "~ f function (i32) -> i32, was (i32)",
            "~ memory memory 131,072 bytes, at most 524,288, was 65,536 bytes, no maximum",
            "+ SIMD",
            "memory 65,536 bytes, no maximum -> 131,072 bytes, at most 524,288",
            "- 4 +4 added",
            "3 - -3 removed",
            "8 3 -5 shrinks",
        ],
    );
}

#[test]
fn a_new_import_is_an_error_where_that_is_asked_for() {
    let folder = pair();
    let (code, text, error) = folder.inspect(&["new.wasm", "--against", "old.wasm", "--deny-new-imports"]);
    assert_eq!(code, 1);
    assert!(text.contains("NEW IMPORTS"), "the list is written all the same: {text}");
    assert!(error.starts_with("error: 1 new import, which --deny-new-imports forbids: wasi_snapshot_preview1.path_open;"), "{error}");
    // The other way round `gone` is new.
    let (code, _, error) = folder.inspect(&["old.wasm", "--against", "new.wasm", "--deny-new-imports"]);
    assert_eq!(code, 1);
    assert!(error.contains("env.gone"), "{error}");
    // To import less is no error, and neither is another type.
    folder.module("less.wasm", "(module (import \"env\" \"log\" (func (param f32))))");
    folder.text(&["less.wasm", "--against", "old.wasm", "--deny-new-imports"]);
}

#[test]
fn an_import_of_another_kind_is_new() {
    let folder = Folder::new();
    folder.module("old.wasm", "(module (import \"env\" \"memory\" (func)))");
    folder.module("new.wasm", "(module (import \"env\" \"memory\" (memory 1)))");
    let (code, text, _) = folder.inspect(&["new.wasm", "--against", "old.wasm", "--deny-new-imports"]);
    assert_eq!(code, 1, "{text}");
}

#[test]
fn where_the_dot_stands_in_a_name_makes_a_difference() {
    let folder = Folder::new();
    folder.module("old.wasm", "(module (import \"a.b\" \"c\" (func)))");
    folder.module("new.wasm", "(module (import \"a\" \"b.c\" (func)))");
    let (code, text, _) = folder.inspect(&["new.wasm", "--against", "old.wasm", "--deny-new-imports"]);
    assert_eq!(code, 1, "{text}");
}

#[test]
fn the_same_module_has_not_changed() {
    let folder = Folder::new();
    folder.module("a.wasm", LIBRARY);
    folder.module("b.wasm", LIBRARY);
    let text = folder.text(&["a.wasm", "--against", "b.wasm", "--deny-new-imports"]);
    assert_lines(&text, &["imports: the same 2", "nothing else has changed"]);
}

#[test]
fn functions_of_the_same_name_are_compared_together() {
    let folder = Folder::new();
    // Two files of C can each have a `static` function `fail`.
    folder.module("old.wasm", "(module (func (export \"x\")) (@custom \"note\" \"\"))");
    let two = |bodies: [&str; 2]| {
        let named = |body: &str| format!("(func (@name \"fail\") {body})");
        format!("(module {} {})", named(bodies[0]), named(bodies[1]))
    };
    folder.module("old.wasm", &two(["nop", "nop nop"]));
    folder.module("new.wasm", &two(["nop nop", "nop nop nop"]));
    let json = folder.json(&["new.wasm", "--against", "old.wasm"]);
    assert_eq!(json["functions"], json!([{"name": "fail", "demangled": null, "old": 7, "new": 9}]));
}

#[test]
fn json_has_what_was_added_and_removed() {
    let json = pair().json(&["new.wasm", "--against", "old.wasm"]);
    assert_eq!(json["imports"]["added"][0]["name"], "path_open");
    assert_eq!(json["imports"]["removed"][0]["name"], "gone");
    assert_eq!(json["imports"]["retyped"][0][0]["type"], "(i32)");
    assert_eq!(json["imports"]["retyped"][0][1]["type"], "(i64)");
    assert_eq!(json["exports"]["added"][0]["name"], "added");
    assert_eq!(json["features"], json!({"added": ["SIMD"], "removed": [], "retyped": []}));
    assert_eq!((&json["old"]["memories"][0]["initial"], &json["new"]["memories"][0]["initial"]), (&json!(65_536), &json!(131_072)));
}

#[test]
fn to_forbid_new_imports_takes_something_to_compare_with() {
    let folder = pair();
    assert_eq!(folder.inspect(&["new.wasm", "--deny-new-imports"]).0, 2);
    assert_eq!(folder.inspect(&["--against", "old.wasm"]).0, 2);
}
