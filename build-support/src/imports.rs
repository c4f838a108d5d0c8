//! Holds a module to the imports that its build script names.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use wasmparser::{BinaryReaderError, ElementItems, ExternalKind, KnownCustom, Name, Operator, Parser, Payload, TypeRef};

use crate::{Error, Library};

/// How many functions of a chain of calls are named.
const CHAIN: usize = 6;

/// Fails if the module imports what the build script does not name; returns a warning of names that it does not import.
///
/// That is no error: fewer powers do no harm, and the libc of one toolchain imports what that of another does not.
pub(crate) fn check(library: &Library, wasm: &[u8]) -> Result<String, Error> {
    let Some(only) = &library.only_imports else { return Ok(String::new()) };
    let wrong = |error: BinaryReaderError| Error::Module { library: library.name.clone(), what: format!("it cannot be read: {error}") };
    let calls = Calls::read(wasm).map_err(wrong)?;
    let imported: BTreeSet<&String> = calls.imports.keys().collect();
    let named: BTreeSet<&String> = only.iter().collect();
    let extra: Vec<_> = imported.difference(&named).filter(|name| !library.allow_imports.contains(name)).copied().collect();
    if !extra.is_empty() {
        // What is named stays: another toolchain may need it.
        let line = line(named.iter().chain(&extra).copied());
        let imports = extra.into_iter().map(|name| (name.clone(), calls.user(name))).collect();
        return Err(Error::Imports { library: library.name.clone(), imports, line });
    }
    let unused: Vec<_> = named.difference(&imported).map(|name| format!("`{name}`")).collect();
    if unused.is_empty() {
        return Ok(String::new());
    }
    let line = line(named.intersection(&imported).copied());
    Ok(format!(
        "library `{}` does not import {}; leave it out, since a later version could use it unnoticed: {line}",
        library.name,
        unused.join(", ")
    ))
}

/// The line for the build script.
fn line<'a>(names: impl Iterator<Item = &'a String>) -> String {
    let names: BTreeSet<_> = names.map(|name| format!("{name:?}")).collect();
    format!(".only_imports([{}])", names.into_iter().collect::<Vec<_>>().join(", "))
}

/// Which function of a module calls which.
#[derive(Debug, Default)]
struct Calls {
    /// The imports, and the indices of the functions among them.
    imports: BTreeMap<String, Vec<u32>>,
    /// Of each function those that call it, or take its address.
    callers: HashMap<u32, BTreeSet<u32>>,
    names: HashMap<u32, String>,
    exported: BTreeSet<u32>,
    /// Those that can be called through a pointer.
    pointed: BTreeSet<u32>,
}

impl Calls {
    fn read(wasm: &[u8]) -> Result<Self, BinaryReaderError> {
        let mut calls = Self::default();
        let mut next = 0_u32;
        for payload in Parser::new(0).parse_all(wasm) {
            match payload? {
                Payload::ImportSection(reader) => {
                    for import in reader.into_imports() {
                        let import = import?;
                        let indices = calls.imports.entry(format!("{}.{}", import.module, import.name)).or_default();
                        if let TypeRef::Func(_) = import.ty {
                            indices.push(next);
                            next += 1;
                        }
                    }
                }
                Payload::ExportSection(reader) => {
                    for export in reader {
                        let export = export?;
                        if export.kind == ExternalKind::Func {
                            calls.exported.insert(export.index);
                            calls.names.insert(export.index, export.name.to_owned());
                        }
                    }
                }
                Payload::ElementSection(reader) => {
                    for element in reader {
                        if let ElementItems::Functions(functions) = element?.items {
                            for function in functions {
                                calls.pointed.insert(function?);
                            }
                        }
                    }
                }
                Payload::CodeSectionEntry(body) => {
                    let mut operators = body.get_operators_reader()?;
                    while !operators.eof() {
                        if let Operator::Call { function_index }
                        | Operator::ReturnCall { function_index }
                        | Operator::RefFunc { function_index } = operators.read()?
                        {
                            calls.callers.entry(function_index).or_default().insert(next);
                        }
                    }
                    next += 1;
                }
                Payload::CustomSection(reader) => {
                    let KnownCustom::Name(parts) = reader.as_known() else { continue };
                    for part in parts {
                        let Name::Function(names) = part? else { continue };
                        for naming in names {
                            let naming = naming?;
                            calls.names.entry(naming.index).or_insert_with(|| naming.name.to_owned());
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(calls)
    }

    /// Says who uses an import: the shortest chain of calls to it, from an export if there is one, or else from a function pointer.
    fn user(&self, import: &str) -> String {
        let indices = self.imports.get(import).map(Vec::as_slice).unwrap_or_default();
        // Each function with the one that it was reached from.
        let mut reached: HashMap<u32, Option<u32>> = indices.iter().map(|index| (*index, None)).collect();
        let mut queue: VecDeque<u32> = indices.iter().copied().collect();
        let mut pointer = indices.iter().copied().find(|index| self.pointed.contains(index));
        let mut last = None;
        while let Some(function) = queue.pop_front() {
            for caller in self.callers.get(&function).into_iter().flatten() {
                if reached.contains_key(caller) {
                    continue;
                }
                reached.insert(*caller, Some(function));
                queue.push_back(*caller);
                last = Some(*caller);
                if self.exported.contains(caller) {
                    return self.chain(*caller, &reached, "");
                }
                if pointer.is_none() && self.pointed.contains(caller) {
                    pointer = Some(*caller);
                }
            }
        }
        match (pointer, last) {
            (Some(pointer), _) => self.chain(pointer, &reached, "called through a pointer"),
            (None, Some(last)) => self.chain(last, &reached, ""),
            (None, None) => "used by the module".to_owned(),
        }
    }

    /// Writes a chain of calls, from the import up.
    fn chain(&self, end: u32, reached: &HashMap<u32, Option<u32>>, how: &str) -> String {
        let mut functions = Vec::new();
        let mut at = Some(end);
        while let Some(function) = at {
            at = reached.get(&function).copied().flatten();
            // The import itself is not its own user.
            if at.is_some() {
                let name = self.names.get(&function).map_or_else(|| format!("function {function}"), |name| format!("`{name}`"));
                functions.push(name);
            }
        }
        functions.reverse();
        if functions.len() > CHAIN {
            functions.splice(CHAIN - 2..functions.len() - 1, ["others".to_owned()]);
        }
        let mut text = match functions.join(", called by ") {
            chain if chain.is_empty() => "used".to_owned(),
            chain => format!("used by {chain}"),
        };
        if !how.is_empty() {
            text.push_str(if functions.is_empty() { " " } else { ", " });
            text.push_str(how);
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A module with nothing in it.
    const EMPTY: &[u8] = b"\0asm\x01\0\0\0";

    #[test]
    fn a_name_that_is_not_imported_is_a_warning_with_the_line_to_write() {
        let mut library = Library::new("x");
        assert_eq!(check(&library, EMPTY).unwrap(), "");
        library.only_imports([]);
        assert_eq!(check(&library, EMPTY).unwrap(), "");
        library.only_imports(["wasi_snapshot_preview1.fd_write"]);
        let warning = check(&library, EMPTY).unwrap();
        assert!(warning.contains("does not import `wasi_snapshot_preview1.fd_write`"), "{warning}");
        assert!(warning.ends_with(": .only_imports([])"), "{warning}");
    }

    #[test]
    fn a_module_that_cannot_be_read_is_an_error() {
        let mut library = Library::new("x");
        library.only_imports([]);
        assert!(matches!(check(&library, b"\0asm\x01\0\0\0\x02\xff"), Err(Error::Module { .. })));
    }
}
