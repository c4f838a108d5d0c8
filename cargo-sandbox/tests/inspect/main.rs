//! `cargo sandbox inspect` with modules that the tests write.

mod broken;
mod comparison;
mod libraries;
mod module;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

/// A module of the form that build-support makes: the stack first, then data, with the exports that the runtime needs.
const LIBRARY: &str = r#"(module $lib
    (type $two (func (param i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
    (memory (export "memory") 2 16)
    (table (export "__indirect_function_table") 3 funcref)
    (global $__stack_pointer (export "__stack_pointer") (mut i32) (i32.const 65536))
    (tag $__cpp_exception (export "__cpp_exception") (param i32))
    (elem (i32.const 1) func $helper $_ZN5other6helperEl)
    (func $add (export "add") (type $two) (i32.add (local.get 0) (local.get 1)))
    (func $helper (param i32) (drop (call $fd_write (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))))
    (func $_ZN5other6helperEl (param i32)
        (call $helper (local.get 0)) (call $helper (local.get 0)) (call $helper (local.get 0)) (call $proc_exit (local.get 0)))
    (func (export "fill") (param v128) (memory.fill (i32.const 0) (i32.const 0) (i32.const 8)))
    (data (i32.const 65536) "static data")
    (data "passive"))"#;

/// A folder with files; a package named `one`, so that there is a target folder.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        folder.write("Cargo.toml", "[package]\nname = \"one\"\nedition = \"2024\"\n[workspace]\n");
        folder.write("src/lib.rs", "");
        folder
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn write(&self, path: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }

    /// Writes a module from its text.
    fn module(&self, path: &str, text: &str) -> PathBuf {
        self.write(path, wat::parse_str(text).unwrap())
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-sandbox"));
        command.args(["sandbox", "inspect"]).args(arguments).current_dir(self.path());
        // Where the tests themselves are built is no matter of the package.
        command.env_remove("CARGO_TARGET_DIR");
        command
    }

    fn inspect(&self, arguments: &[&str]) -> (i32, String, String) {
        finish(&mut self.command(arguments))
    }

    /// What is written when all is well.
    #[track_caller]
    fn text(&self, arguments: &[&str]) -> String {
        let (code, text, error) = self.inspect(arguments);
        assert_eq!((code, error.as_str()), (0, ""), "{text}");
        text
    }

    #[track_caller]
    fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.text(&[arguments, &["--json"]].concat())).unwrap()
    }
}

fn finish(command: &mut Command) -> (i32, String, String) {
    let output = command.output().unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
}

/// Checks that each of the lines is there, whatever spaces separate its words.
#[track_caller]
fn assert_lines(text: &str, lines: &[&str]) {
    let found: Vec<String> = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    for line in lines {
        assert!(found.iter().any(|found| found == line), "`{line}` is no line of:\n{text}");
    }
}
