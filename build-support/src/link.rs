//! Links the objects to a reactor: a Wasm library module that exports the allowed functions and
//! nothing else.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use sandbox_toolchain::{ExceptionSupport, ExecError, SetjmpSupport, Toolchain, exec};

use crate::compile::{describe, run};
use crate::{Error, Library, check};

/// What the runtime needs of every module, besides `memory` and the table.
pub(crate) const RUNTIME_EXPORTS: [&str; 3] = ["malloc", "free", "__stack_pointer"];

/// Bytes of heap that a sandbox begins with, unless the build script chooses otherwise, or limits
/// the memory.
const INITIAL_HEAP: u64 = 1 << 20;

/// What goes into one link.
#[derive(Debug)]
pub(crate) struct Link<'a> {
    pub(crate) library: &'a Library,
    pub(crate) toolchain: &'a Toolchain,
    pub(crate) setjmp: Option<&'a SetjmpSupport>,
    pub(crate) objects: &'a [PathBuf],
    /// The symbols of the allowed functions.
    pub(crate) functions: &'a [String],
    /// The symbols of the allowed variables.
    pub(crate) variables: &'a [String],
    /// Whether there is C++ among the sources, and whether it can throw.
    pub(crate) cxx: Option<&'a ExceptionSupport>,
    /// A folder for the linker's own files.
    pub(crate) folder: &'a Path,
}

/// Links the module, with debug information, to `output`; returns the linker's warnings.
pub(crate) fn link(link: &Link<'_>, output: &Path) -> Result<String, Error> {
    let library = link.library;
    let mut command = exec::tool(if link.cxx.is_some() { link.toolchain.clangxx() } else { link.toolchain.clang() });
    command
        .args(link.toolchain.link_flags())
        .arg("-mexec-model=reactor")
        // A stack overflow then runs into address 0 and traps, instead of running into the data.
        .arg("-Wl,--stack-first")
        .arg(format!("-Wl,-z,stack-size={}", library.stack_size))
        .args([
            "-Wl,--export-table",
            "-Wl,--growable-table",
            "-Wl,--gc-sections",
            // All missing symbols at once, not the first twenty.
            "-Wl,--error-limit=0",
        ]);
    // With a limit there may be no room for what was not asked for.
    if let Some(bytes) = library.initial_heap.or(library.memory_limit.is_none().then_some(INITIAL_HEAP)) {
        // More than Wasm's address space is for the linker to refuse.
        command.arg(format!("-Wl,--initial-heap={}", bytes.min(1 << 33).next_multiple_of(64 << 10)));
    }
    if let Some(bytes) = library.memory_limit {
        command.arg(format!("-Wl,--max-memory={}", bytes.next_multiple_of(64 << 10)));
    }
    for symbol in RUNTIME_EXPORTS.into_iter().chain(link.functions.iter().chain(link.variables).map(String::as_str)) {
        command.arg(format!("-Wl,--export={symbol}"));
    }
    let named = library.named_imports();
    let env: Vec<&str> = named.iter().filter_map(|import| import.strip_prefix("env.")).collect();
    if !env.is_empty() {
        let file = link.folder.join("allowed-imports.txt");
        std::fs::write(&file, env.join("\n")).map_err(Error::io("write", &file))?;
        // Not through -Wl, which splits at a comma of the path.
        let mut flag = OsString::from("--allow-undefined-file=");
        flag.push(&file);
        command.arg("-Xlinker").arg(flag);
    }
    command.args(link.objects);
    command.args(libc_parts(link));
    if let Some(setjmp) = link.setjmp {
        command.args(&setjmp.link_flags);
    }
    if let Some(exceptions) = link.cxx {
        // The runtime tells by this tag that what escaped is a C++ exception, and names its type.
        command.args(&exceptions.link_flags).arg("-Wl,--export-if-defined=__cpp_exception");
    }
    // By its name alone: in that of its folder the linker would take a `%` for a place to fill in.
    if let (Some(folder), Some(name)) = (output.parent(), output.file_name()) {
        command.current_dir(folder).arg("-o").arg(name);
    }
    run(&mut command).map_err(|error| explain(link, &mut command, output, &error))
}

/// Returns the parts of wasi-libc beside `libc.a` that may be needed: what emulates signals,
/// clocks, `getpid` and `mmap`, of which the linker takes what is used, and `printf` and `scanf` of
/// `long double`, which would replace those of libc in every module.
fn libc_parts(link: &Link<'_>) -> Vec<OsString> {
    let folders = ["lib", "lib/wasm32-wasip1", "lib/wasm32-wasi"].map(|folder| link.toolchain.sysroot().join(folder));
    let has = |name: &str| folders.iter().any(|folder| folder.join(format!("lib{name}.a")).is_file());
    let mut parts = Vec::new();
    if has(LONG_DOUBLE) && link.objects.iter().any(|object| std::fs::read(object).is_ok_and(|bytes| uses_long_double(&bytes))) {
        parts.push(LONG_DOUBLE);
    }
    parts.extend(["wasi-emulated-signal", "wasi-emulated-process-clocks", "wasi-emulated-getpid", "wasi-emulated-mman"]);
    parts.into_iter().filter(|name| has(name)).map(|name| format!("-l{name}").into()).collect()
}

const LONG_DOUBLE: &str = "c-printscan-long-double";

/// Says whether an object has a format for a `long double`, such as `%.3Lf`, or names a function
/// that reads one.
fn uses_long_double(object: &[u8]) -> bool {
    let format = |rest: &[u8]| {
        let flags = rest.iter().take(20).take_while(|byte| b"0123456789.*+- #$'".contains(byte)).count();
        matches!(rest.get(flags..), Some([b'L', kind, ..]) if b"aAeEfFgG".contains(kind))
    };
    let reads = [b"strtold".as_slice(), b"wcstold"];
    object.iter().enumerate().any(|(at, byte)| match byte {
        b'%' => object.get(at + 1..).is_some_and(format),
        b's' | b'w' => object.get(at..).is_some_and(|rest| reads.iter().any(|name| rest.starts_with(name))),
        _ => false,
    })
}

/// Names the functions that two source files define, and advises what to do.
fn defined_twice(stderr: &str) -> Option<String> {
    let mut lines = stderr.lines();
    let mut found = String::new();
    while let Some(line) = lines.next() {
        let Some((_, symbol)) = line.split_once("duplicate symbol: ") else { continue };
        let files: Vec<String> = lines.by_ref().take(2).filter_map(|line| Some(user_name(line.split_once("defined in ")?.1))).collect();
        let symbol = if matches!(symbol, "__main_argc_argv" | "__main_void" | "__original_main") { "main" } else { symbol };
        // The linker has three names for `main`.
        let line = format!("\n  `{symbol}`: {}", files.join(" and "));
        if !found.contains(&line) {
            found.push_str(&line);
        }
    }
    let advice = "two source files define the same; leave one of them out, from a .glob(…) by .exclude(\"…\")";
    (!found.is_empty()).then(|| format!("{advice}:{found}"))
}

/// Turns the linker's complaints about symbols into errors that say what to do.
fn explain(link: &Link<'_>, command: &mut Command, output: &Path, error: &ExecError) -> Error {
    let (library, tool) = (link.library.name.clone(), describe(error));
    let ExecError::Failed { stderr, .. } = error else {
        return Error::Link { library, tool };
    };
    let missing: Vec<String> = stderr
        .lines()
        .filter_map(|line| line.split_once("symbol exported via --export not found: "))
        .map(|(_, symbol)| symbol.trim().to_owned())
        .collect();
    if !missing.is_empty() {
        let cxx = missing.iter().filter(|name| link.cxx.is_some() && defines_as_cxx(link.objects, name)).cloned().collect();
        let (variables, functions) = missing.into_iter().partition(|symbol| link.variables.contains(symbol));
        return Error::Undefined { library, functions, variables, cxx };
    }
    if let Some(twice) = defined_twice(stderr) {
        return Error::Link { library, tool: format!("{tool}\n{twice}") };
    }
    let mut undefined = undefined(stderr);
    if undefined.is_empty() {
        return Error::Link { library, tool };
    }
    if link.cxx.is_some_and(|exceptions| !exceptions.works) && undefined.iter().any(|(_, symbol)| symbol == "__cxa_throw") {
        return Error::Exceptions { library, toolchain: link.toolchain.root().to_owned(), tool };
    }
    if link.cxx.is_some() {
        name_cxx(command, output, &mut undefined);
    }
    let mut symbols: Vec<(String, String)> = Vec::new();
    for (user, symbol) in undefined {
        let symbol = format!("env.{symbol}");
        match symbols.iter_mut().find(|(known, _)| *known == symbol) {
            Some((_, users)) if users.split(", ").any(|known| known == user) => {}
            Some((_, users)) => users.push_str(&format!(", {user}")),
            None => symbols.push((symbol, user)),
        }
    }
    Error::Unresolved { library, symbols, variables: Vec::new() }
}

/// Reads what the linker misses: who uses a symbol, and the symbol as the linker shows it.
fn undefined(stderr: &str) -> Vec<(String, String)> {
    let lines = stderr.lines().filter_map(|line| line.split_once(": undefined symbol: "));
    lines.map(|(before, symbol)| (user_name(before), symbol.trim().to_owned())).collect()
}

/// Replaces the C++ names that the linker shows by the symbols, which an import is allowed by, and
/// mentions the names with the users.
///
/// clang passes no `--no-demangle` on to this linker. So it links once more, with imports in place
/// of what is missing.
fn name_cxx(command: &mut Command, output: &Path, undefined: &mut [(String, String)]) {
    let imports = run(command.arg("-Wl,--allow-undefined")).ok().and_then(|_| check::imports(&std::fs::read(output).ok()?).ok());
    for (_, symbol) in imports.unwrap_or_default() {
        let Some(name) = cpp_demangle::Symbol::new(&symbol).ok().and_then(|parsed| parsed.demangle().ok()) else {
            continue;
        };
        let name = without_spaces(&name);
        for (user, shown) in undefined.iter_mut().filter(|(_, shown)| without_spaces(shown) == name) {
            user.push_str(&format!(" as `{shown}`"));
            *shown = symbol.clone();
        }
    }
}

/// Makes the names of two demanglers the same, of which one writes `> >` and the other `>>`.
fn without_spaces(name: &str) -> String {
    name.split(' ').collect()
}

/// Whether an object has the symbol that a C++ compiler makes of a function's or variable's name.
fn defines_as_cxx(objects: &[PathBuf], name: &str) -> bool {
    let symbol = format!("_Z{}{name}", name.len());
    objects.iter().any(|object| {
        let bytes = std::fs::read(object).unwrap_or_default();
        bytes.windows(symbol.len()).any(|window| window == symbol.as_bytes())
    })
}

/// Turns "wasm-ld: error: /out/0d5c…-bzlib.c.o" into "bzlib.c", the name by which a user knows it.
fn user_name(before: &str) -> String {
    let path = before.rsplit(": ").next().unwrap_or(before);
    let file = path.rsplit(['/', '\\']).next().unwrap_or(path);
    let source = file.strip_suffix(".o").and_then(|object| object.split_once('-'));
    match source {
        Some((key, name)) if key.bytes().all(|byte| byte.is_ascii_hexdigit()) => name.to_owned(),
        _ => file.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_of_a_long_double_are_seen() {
        for text in ["%Lf", "x%-8.3Lg", "%*.*La", "call strtold"] {
            assert!(uses_long_double(text.as_bytes()), "{text}");
        }
        for text in ["%f", "%ld", "100 %  of L", "%L", "%", "strtod", "%lf %d L"] {
            assert!(!uses_long_double(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn an_object_is_shown_as_its_source() {
        assert_eq!(user_name("wasm-ld: error: /tmp/out/obj/0d5c1e-bzlib.c.o"), "bzlib.c");
        assert_eq!(user_name("wasm-ld: error: /usr/lib/libc.a(printf.o)"), "libc.a(printf.o)");
    }
}
