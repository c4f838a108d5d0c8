//! Files that are no modules, and modules that lie: an error, and never a panic or the memory that they ask for.

use std::process::Command;

use cargo_sandbox::inspect::Module;

use crate::{Folder, LIBRARY, finish};

#[test]
fn a_file_that_is_something_else_is_named_as_what_it_is() {
    let folder = Folder::new();
    for (content, what) in [
        (b"".as_slice(), "it is empty"),
        (b"(module)", "it looks like WebAssembly text"),
        (b" \n;; a comment\n(module)", "it looks like WebAssembly text"),
        (b"\x7fELF\x02\x01\x01", "inspect the lib.wasm beside it"),
        (b"\0asm\x0d\0\x01\0", "it is a component"),
        (b"\0asm\x02\0\0\0", "another version of the format"),
        (b"\0asm\x01\0", "it ends within the first eight bytes"),
        (b"# README\n", "it does not begin with the bytes 00 61 73 6d"),
        (b"\0asm\x01\0\0\0\x01", "unexpected end"),
    ] {
        folder.write("lib.wasm", content);
        for arguments in [["lib.wasm"].as_slice(), &["lib.wasm", "--json"], &["lib.wasm", "--against", "lib.wasm"]] {
            let (code, text, error) = folder.inspect(arguments);
            assert_eq!((code, text.as_str()), (1, ""), "{what}");
            assert!(error.contains("lib.wasm is no WebAssembly module: ") && error.contains(what), "{what}: {error}");
        }
    }
}

#[test]
fn a_file_that_cannot_be_read_is_an_error() {
    let folder = Folder::new();
    let (code, _, error) = folder.inspect(&["missing.wasm"]);
    assert_eq!(code, 1);
    assert!(error.contains("could not read ") && error.contains("missing.wasm"), "{error}");
    let (code, _, error) = folder.inspect(&["./src"]);
    assert_eq!(code, 1);
    assert!(error.contains("it is no file"), "{error}");
}

#[test]
fn a_module_that_ends_early_is_an_error() {
    let module = wat::parse_str(LIBRARY).unwrap();
    let valid = (0..module.len()).filter(|end| Module::read(&module[..*end]).is_ok()).count();
    // With no section, with the types, with the imports too, and then not before the code of all functions: with that, and with the data.
    assert_eq!(valid, 5);
    assert!(Module::read(&module).is_ok());
}

#[test]
fn any_bit_may_be_wrong() {
    let module = wat::parse_str(LIBRARY).unwrap();
    let (mut valid, mut invalid) = (0, 0);
    for at in 8..module.len() {
        for bit in 0..8 {
            let mut module = module.clone();
            module[at] ^= 1 << bit;
            match Module::read(&module) {
                Ok(read) => {
                    valid += 1;
                    assert_eq!(read.bytes, module.len() as u64);
                }
                Err(message) => {
                    invalid += 1;
                    assert!(message.is_ascii() && !message.contains('\n'), "{message:?}");
                }
            }
        }
    }
    assert!(valid > 100 && invalid > 1_000, "{valid} valid, {invalid} invalid");
}

/// A section: its number, and its content.
fn section(id: u8, content: &[u8]) -> Vec<u8> {
    let mut section = vec![id, u8::try_from(content.len()).unwrap()];
    section.extend(content);
    section
}

fn module(sections: &[Vec<u8>]) -> Vec<u8> {
    [b"\0asm\x01\0\0\0".to_vec(), sections.concat()].concat()
}

/// 4,294,967,295.
const MAX: [u8; 5] = [0xff, 0xff, 0xff, 0xff, 0x0f];

#[test]
fn a_count_in_a_section_reserves_no_memory() {
    for id in 1..=13 {
        let bytes = module(&[section(id, &MAX)]);
        assert!(Module::read(&bytes).is_err(), "section {id}");
    }
    // Functions, locals and parameters without end.
    let many_locals =
        [section(1, &[1, 0x60, 0, 0]), section(3, &[1, 0]), section(10, &[1, 9, 1, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x7f, 0x01, 0x0b])];
    assert!(Module::read(&module(&many_locals)).is_err());
    assert!(Module::read(&module(&[section(1, &[&[1, 0x60], MAX.as_slice()].concat())])).is_err());
}

#[test]
fn what_a_name_section_says_is_not_believed() {
    let names = |content: &[u8]| section(0, &[b"\x04name".as_slice(), content].concat());
    let function = [section(1, &[1, 0x60, 0, 0]), section(3, &[1, 0]), section(10, &[1, 2, 0, 0x0b])];
    for name in [
        // More names than there are bytes.
        names(&[&[1, 5], MAX.as_slice()].concat()),
        // A name that is longer than the section.
        names(&[1, 7, 1, 0, 0xff, 0xff, 0xff, 0xff, 0x0f]),
        // Of a function that is not there.
        names(&[&[1, 8, 1], MAX.as_slice(), &[1, b'x']].concat()),
        // No UTF-8.
        names(&[1, 4, 1, 0, 1, 0xff]),
        // A section that ends before it begins.
        names(&[1]),
    ] {
        let read = Module::read(&module(&[function.concat(), name])).unwrap();
        assert_eq!(read.functions.len(), 1);
        assert_eq!(read.functions[0].name, None);
    }
    let named = names(&[1, 6, 1, 0, 3, b'a', b'b', b'c']);
    let read = Module::read(&module(&[function.concat(), named])).unwrap();
    assert_eq!(read.functions[0].name.as_deref(), Some("abc"));
}

#[test]
fn numbers_at_their_limits_are_shown() {
    let folder = Folder::new();
    folder.module("lib.wasm", "(module (memory i64 0 0x1000000000000) (table i64 0 0xffffffffffffffff funcref))");
    let text = folder.text(&["lib.wasm"]);
    // 2^48 pages of 64 KiB are one byte more than fits.
    assert!(text.contains("18,446,744,073,709,551,615  bytes"), "{text}");
    assert!(text.contains("18,446,744,073,709,551,615  entries"), "{text}");
}

#[test]
fn a_message_about_a_module_is_one_printable_line() {
    let folder = Folder::new();
    let name = [4, 0x1b, b'[', b'2', b'J'];
    let export = [name.as_slice(), &[0, 0]].concat();
    let twice = [&[2], export.as_slice(), &export].concat();
    let bytes = module(&[section(1, &[1, 0x60, 0, 0]), section(3, &[1, 0]), section(7, &twice), section(10, &[1, 2, 0, 0x0b])]);
    folder.write("lib.wasm", bytes);
    let (code, _, error) = folder.inspect(&["lib.wasm"]);
    assert_eq!(code, 1);
    assert!(!error.contains('\u{1b}') && error.lines().count() == 1, "{error:?}");
}

#[test]
#[cfg(target_os = "linux")]
fn a_small_file_does_not_take_much_memory() {
    let folder = Folder::new();
    let parameters = "i32 ".repeat(1_000);
    // Of a function with a thousand parameters 900 exports, and of the smallest function as many as the validator lets pass at a time.
    let exports: String = (0..900).map(|number| format!("(export \"e{number}\" (func 0))")).collect();
    folder.module("lib.wasm", &format!("(module (func (param {parameters})) {} {exports})", "(func)".repeat(200_000)));
    let binary = env!("CARGO_BIN_EXE_cargo-sandbox");
    for arguments in ["lib.wasm", "lib.wasm --json", "lib.wasm --against lib.wasm", "lib.wasm --top 1000000"] {
        // 256 MiB of address space, of which the program itself needs the smaller part.
        let script = format!("ulimit -v 262144; exec '{binary}' sandbox inspect {arguments}");
        let (code, _, error) = finish(Command::new("sh").args(["-c", &script]).current_dir(folder.path()));
        assert_eq!(code, 0, "{arguments}: {error}");
    }
    assert!(folder.text(&["lib.wasm"]).contains("i32, and 976 more)"));
}
