//! One module: what is said of it.

use serde_json::json;

use crate::{Folder, LIBRARY, assert_lines};

#[test]
fn imports_are_explained_and_exports_have_their_types() {
    let folder = Folder::new();
    folder.module("lib.wasm", LIBRARY);
    let text = folder.text(&["lib.wasm"]);
    assert_lines(
        &text,
        &[
            "imports (2): all that it can do besides computing in its own memory",
            "wasi_snapshot_preview1.fd_write writes to stdout, stderr or an open file; denied unless the host grants it",
            "wasi_snapshot_preview1.proc_exit ends the program (exit, abort); denied, ends the call",
            "exported functions (2)",
            "add (i32, i32) -> i32",
            "fill (v128)",
            "other exports (4)",
            "memory memory 131,072 bytes, at most 1,048,576",
            "__indirect_function_table table 3 entries, no maximum",
            "__stack_pointer global mut i32",
            "__cpp_exception exception tag (i32)",
        ],
    );
}

#[test]
fn the_line_for_the_build_script_names_the_imports() {
    let folder = Folder::new();
    folder.module("lib.wasm", LIBRARY);
    let line = "build.rs can keep it to them: .only_imports([\"wasi_snapshot_preview1.fd_write\", \"wasi_snapshot_preview1.proc_exit\"])";
    assert_lines(&folder.text(&["lib.wasm"]), &[line]);
}

#[test]
fn a_module_without_imports_can_only_compute() {
    let folder = Folder::new();
    folder.module("lib.wasm", "(module)");
    assert_lines(&folder.text(&["lib.wasm"]), &["imports: none; it can compute in its own memory, and nothing else"]);
    assert_eq!(folder.json(&["lib.wasm"])["imports"], json!([]));
}

#[test]
fn memory_stack_table_and_static_data_are_told() {
    let folder = Folder::new();
    folder.module("lib.wasm", LIBRARY);
    assert_lines(
        &folder.text(&["lib.wasm"]),
        &[
            "initial 131,072 bytes",
            "maximum 1,048,576 bytes",
            "C stack 65,536 bytes, at the beginning: an overflow traps",
            "static data 18 bytes, without what begins as zeros",
            "initial 3 entries",
            "maximum none of its own; the host has limits",
        ],
    );
    let json = folder.json(&["lib.wasm"]);
    assert_eq!(json["memories"], json!([{"initial": 131_072, "maximum": 1_048_576, "imported": false}]));
    assert_eq!(json["tables"], json!([{"initial": 3, "maximum": null, "imported": false}]));
    assert_eq!((&json["stack"], &json["static_data"]), (&json!(65_536), &json!(18)));
}

#[test]
fn the_stack_cannot_be_told_where_data_lies_below_it() {
    let folder = Folder::new();
    let global = "(global (export \"__stack_pointer\") (mut i32) (i32.const 65536))";
    for (module, stack) in [
        (format!("(module {global} (memory 2) (data (i32.const 65536) \"a\"))"), json!(65_536)),
        (format!("(module {global} (memory 2) (data (i32.const 1024) \"a\"))"), json!(null)),
        (format!("(module (import \"env\" \"base\" (global $base i32)) {global} (memory 2) (data (global.get $base) \"a\"))"), json!(null)),
        ("(module (memory 2))".to_owned(), json!(null)),
        // It need not be exported, if the linker has left its name.
        ("(module (global $__stack_pointer (mut i32) (i32.const 4096)) (memory 2))".to_owned(), json!(4_096)),
    ] {
        folder.module("lib.wasm", &module);
        assert_eq!(folder.json(&["lib.wasm"])["stack"], stack, "{module}");
    }
}

#[test]
fn features_are_those_without_which_it_is_not_valid() {
    let folder = Folder::new();
    for (module, features) in [
        ("(module)", json!([])),
        (LIBRARY, json!(["bulk memory", "exceptions", "SIMD"])),
        ("(module (func (param i32) (result i32) (i32.extend8_s (local.get 0))))", json!(["sign extension"])),
        ("(module (func (param f32) (result i32) (i32.trunc_sat_f32_s (local.get 0))))", json!(["saturating conversions"])),
        ("(module (func (result i32 i32) (i32.const 1) (i32.const 2)))", json!(["multiple results"])),
        ("(module (func $f (return_call $f)))", json!(["tail calls"])),
        ("(module (memory 1 1 shared))", json!(["threads"])),
        ("(module (memory i64 1))", json!(["64-bit memory"])),
        ("(module (memory 1) (memory 1))", json!(["several memories"])),
        ("(module (table 1 externref))", json!(["reference types"])),
        ("(module (global i32 (i32.add (i32.const 1) (i32.const 2))))", json!(["extended constants"])),
        (
            "(module (func (param v128 v128 v128) (result v128) \
             (f32x4.relaxed_madd (local.get 0) (local.get 1) (local.get 2))))",
            json!(["relaxed SIMD", "SIMD"]),
        ),
    ] {
        folder.module("lib.wasm", module);
        assert_eq!(folder.json(&["lib.wasm"])["features"], features, "{module}");
    }
}

#[test]
fn functions_come_by_size_with_their_cpp_names() {
    let folder = Folder::new();
    folder.module("lib.wasm", LIBRARY);
    let text = folder.text(&["lib.wasm", "--top", "2"]);
    let listed: Vec<_> = text.split("largest functions").nth(1).unwrap().lines().skip(1).collect();
    assert!(listed[0].ends_with("%  other::helper(long)"), "{text}");
    assert!(listed[2].ends_with("2 smaller functions; --top shows more"), "{text}");
    assert_eq!(listed.len(), 3, "{text}");

    let json = folder.json(&["lib.wasm"]);
    let functions = json["functions"].as_array().unwrap();
    assert_eq!(functions.len(), 4);
    assert_eq!(functions[0]["name"], "_ZN5other6helperEl");
    assert_eq!(functions[0]["demangled"], "other::helper(long)");
    let add = functions.iter().find(|function| function["name"] == "add").unwrap();
    assert_eq!((&add["exported"], &add["index"], &add["bytes"]), (&json!(true), &json!(2), &json!(7)));
    // A function without a name in the `name` section has the one that it is exported by.
    assert!(functions.iter().any(|function| function["name"] == "fill"));
}

#[test]
fn the_parts_add_up_to_the_file() {
    let folder = Folder::new();
    folder.module("lib.wasm", LIBRARY);
    let json = folder.json(&["lib.wasm"]);
    let sizes = json["sizes"].as_object().unwrap();
    let sum: u64 = sizes.values().map(|bytes| bytes.as_u64().unwrap()).sum();
    assert_eq!(sum, json["bytes"].as_u64().unwrap());
    assert_eq!(sum, std::fs::metadata(folder.path().join("lib.wasm")).unwrap().len());
    let code: u64 = json["functions"].as_array().unwrap().iter().map(|function| function["bytes"].as_u64().unwrap()).sum();
    assert_eq!(code, sizes["exported_code"].as_u64().unwrap() + sizes["other_code"].as_u64().unwrap());
}

#[test]
fn json_says_what_kind_of_power_an_import_is() {
    let folder = Folder::new();
    folder.module(
        "lib.wasm",
        "(module (import \"env\" \"system\" (func (param i32) (result i32))) (import \"env\" \"memory\" (memory 1))
            (import \"sandbox\" \"assert_fail\" (func (param i32 i32 i32 i32)))
            (import \"wasi_snapshot_preview1\" \"sock_send\" (func (param i32 i32 i32 i32 i32) (result i32))))",
    );
    let json = folder.json(&["lib.wasm"]);
    let imports: Vec<_> =
        json["imports"].as_array().unwrap().iter().map(|import| [&import["name"], &import["kind"], &import["access"]]).collect();
    assert_eq!(
        json!(imports),
        json!([
            ["system", "function", "ends-the-call"],
            ["memory", "memory", "not-loaded"],
            ["assert_fail", "function", "ends-the-call"],
            ["sock_send", "function", "denied"],
        ])
    );
    assert_eq!(json["imports"][0]["meaning"], "runs another program; denied, ends the call");
    assert_eq!(json["imports"][0]["type"], "(i32) -> i32");
}

#[test]
fn a_start_function_is_told() {
    let folder = Folder::new();
    folder.module("lib.wasm", "(module (func $f) (start $f))");
    assert_lines(&folder.text(&["lib.wasm"]), &["start: a function of it runs as soon as it is instantiated"]);
}

#[test]
fn names_of_a_module_cannot_drive_the_terminal_or_look_like_others() {
    let folder = Folder::new();
    folder.module(
        "lib.wasm",
        "(module (import \"wasi_snapshot_preview1\" \"fd_writ\u{435}\" (func)) (import \"env\" \"a\\1b[2J\\0ab\" (func))
            (func (export \"\\e2\\80\\aex \")))",
    );
    let text = folder.text(&["lib.wasm"]);
    assert!(text.is_ascii(), "{text}");
    assert!(!text.contains('\u{1b}'), "{text}");
    assert_lines(
        &text,
        &[
            "wasi_snapshot_preview1.fd_writ\\u{435} a function of WASI that this program does not know; denied",
            "env.a\\u{1b}[2J\\u{a}b a function that nothing defines; denied, ends the call",
            "\\u{202e}x\\u{20} ()",
        ],
    );
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let folder = Folder::new();
    folder.module("lib.wasm", LIBRARY);
    let mut program =
        folder.command(&["lib.wasm"]).stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap();
    drop(program.stdout.take());
    let output = program.wait_with_output().unwrap();
    assert_eq!((output.status.code(), String::from_utf8(output.stderr).unwrap().as_str()), (Some(0), ""));
}
