//! Links the objects to a reactor: a Wasm library module that exports the allowed functions and nothing else.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use sandbox_toolchain::{ExecError, SetjmpSupport, Toolchain};

use crate::compile::{describe, run};
use crate::{Error, Library};

/// What the runtime needs of every module, besides `memory` and the table.
pub(crate) const RUNTIME_EXPORTS: [&str; 3] = ["malloc", "free", "__stack_pointer"];

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
    pub(crate) cxx: bool,
    /// Whether the user asked for debug information with a flag.
    pub(crate) debug_info: bool,
    /// A folder for the linker's own files.
    pub(crate) folder: &'a Path,
}

/// Links the module to `output`; returns the linker's warnings.
pub(crate) fn link(link: &Link<'_>, output: &Path) -> Result<String, Error> {
    let library = link.library;
    let mut command = Command::new(if link.cxx { link.toolchain.clangxx() } else { link.toolchain.clang() });
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
    if !link.debug_info {
        // A distribution's libc may carry debug information, several times the size of its code. Function names stay.
        command.arg("-Wl,--strip-debug");
    }
    if let Some(bytes) = library.memory_limit {
        command.arg(format!("-Wl,--max-memory={}", bytes.next_multiple_of(64 << 10)));
    }
    for symbol in RUNTIME_EXPORTS.into_iter().chain(link.functions.iter().chain(link.variables).map(String::as_str)) {
        command.arg(format!("-Wl,--export={symbol}"));
    }
    let env: Vec<&str> = library.allow_imports.iter().filter_map(|import| import.strip_prefix("env.")).collect();
    if !env.is_empty() {
        let file = link.folder.join("allowed-imports.txt");
        std::fs::write(&file, env.join("\n")).map_err(Error::io("write", &file))?;
        // Not through -Wl, which splits at a comma of the path.
        let mut flag = OsString::from("--allow-undefined-file=");
        flag.push(&file);
        command.arg("-Xlinker").arg(flag);
    }
    command.args(link.objects);
    if let Some(setjmp) = link.setjmp {
        command.args(&setjmp.link_flags);
    }
    command.arg("-o").arg(output);
    run(&mut command).map_err(|error| explain(&library.name, link.variables, &error))
}

/// Turns the linker's complaints about symbols into errors that say what to do.
fn explain(library: &str, variables: &[String], error: &ExecError) -> Error {
    let ExecError::Failed { stderr, .. } = error else {
        return Error::Link { library: library.to_owned(), tool: describe(error) };
    };
    let missing: Vec<String> = stderr
        .lines()
        .filter_map(|line| line.split_once("symbol exported via --export not found: "))
        .map(|(_, symbol)| symbol.trim().to_owned())
        .collect();
    if !missing.is_empty() {
        let (variables, functions) = missing.into_iter().partition(|symbol| variables.contains(symbol));
        return Error::Undefined { library: library.to_owned(), functions, variables };
    }
    let mut symbols: Vec<(String, String)> = Vec::new();
    for line in stderr.lines() {
        let Some((before, symbol)) = line.split_once(": undefined symbol: ") else {
            continue;
        };
        let user = user_name(before);
        let symbol = format!("env.{}", symbol.trim());
        match symbols.iter_mut().find(|(known, _)| *known == symbol) {
            Some((_, users)) if users.split(", ").any(|known| known == user) => {}
            Some((_, users)) => users.push_str(&format!(", {user}")),
            None => symbols.push((symbol, user)),
        }
    }
    if symbols.is_empty() {
        return Error::Link { library: library.to_owned(), tool: describe(error) };
    }
    Error::Unresolved { library: library.to_owned(), symbols }
}

/// Turns "wasm-ld: error: /out/003-bzlib.o" into "bzlib.c", the name by which a user knows it.
fn user_name(before: &str) -> String {
    let path = before.rsplit(": ").next().unwrap_or(before);
    let file = path.rsplit(['/', '\\']).next().unwrap_or(path);
    match file.strip_suffix(".o") {
        Some(stem) => match stem.split_once('-') {
            Some((number, stem)) if number.bytes().all(|byte| byte.is_ascii_digit()) => {
                format!("{stem}.c")
            }
            _ => format!("{stem}.c"),
        },
        None => file.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_is_shown_as_its_source() {
        assert_eq!(user_name("wasm-ld: error: /tmp/out/obj/003-bzlib.o"), "bzlib.c");
        assert_eq!(user_name("wasm-ld: error: /usr/lib/libc.a(printf.o)"), "libc.a(printf.o)");
    }
}
