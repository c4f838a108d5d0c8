//! Checks the finished module: what the linker made must be what the runtime expects.

use std::collections::HashMap;

use wasmparser::{CompositeInnerType, ExternalKind, FuncType, Parser, Payload, TypeRef, ValType};

use crate::Error;

/// A function's parameters and result, as Wasm sees them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Signature {
    pub(crate) params: Vec<Wasm>,
    pub(crate) result: Option<Wasm>,
}

/// A Wasm value type that C values are passed as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wasm {
    I32,
    I64,
    F32,
    F64,
}

impl Wasm {
    fn matches(self, ty: ValType) -> bool {
        matches!((self, ty), (Self::I32, ValType::I32) | (Self::I64, ValType::I64) | (Self::F32, ValType::F32) | (Self::F64, ValType::F64))
    }
}

/// What a module imports and exports.
#[derive(Debug, Default)]
struct Module {
    types: Vec<Option<FuncType>>,
    imports: Vec<(String, String)>,
    function_types: Vec<u32>,
    exports: HashMap<String, (ExternalKind, u32)>,
    table_growable: bool,
}

/// What `assert_fail.c` imports, which the runtime always provides.
const ASSERT_FAIL: &str = "sandbox.assert_fail";

/// Checks a module against what was asked for.
pub(crate) fn check(
    library: &str,
    wasm: &[u8],
    expected: &[(String, Signature)],
    globals: &[String],
    allow_imports: &[String],
) -> Result<(), Error> {
    let wrong = |what: String| Error::Module { library: library.to_owned(), what };
    // Whether it is valid, wasmtime says when it precompiles it.
    let module = read(wasm).map_err(|error| unreadable(library, &error))?;

    let mut unresolved = Vec::new();
    for (from, name) in &module.imports {
        let full = format!("{from}.{name}");
        // What wasi-libc imports is denied by the runtime unless the application allows it. The runtime's own import says that an assertion failed.
        if from != "wasi_snapshot_preview1" && full != ASSERT_FAIL && !allow_imports.contains(&full) {
            unresolved.push((full, "the module".to_owned()));
        }
    }
    if !unresolved.is_empty() {
        return Err(Error::Unresolved { library: library.to_owned(), symbols: unresolved, variables: Vec::new() });
    }

    let export = |name: &str, kind: ExternalKind| match module.exports.get(name) {
        Some(&(found, index)) if found == kind => Ok(index),
        _ => Err(wrong(format!("it does not export `{name}`; a flag of the build script must have changed the link"))),
    };
    export("memory", ExternalKind::Memory)?;
    export("__stack_pointer", ExternalKind::Global)?;
    export("__indirect_function_table", ExternalKind::Table)?;
    for function in ["malloc", "free", "_initialize"] {
        export(function, ExternalKind::Func)?;
    }
    for global in globals {
        export(global, ExternalKind::Global)?;
    }
    if !module.table_growable {
        return Err(wrong(
            "its function table cannot grow, so there is no room for callbacks; \
             do not pass --no-growable-table"
                .to_owned(),
        ));
    }
    for (name, signature) in expected {
        let index = export(name, ExternalKind::Func)?;
        let found = module.function_types.get(index as usize).and_then(|ty| module.types.get(*ty as usize)?.as_ref());
        let agrees = found.is_some_and(|found| {
            found.params().len() == signature.params.len()
                && found.params().iter().zip(&signature.params).all(|(found, expected)| expected.matches(*found))
                && match (found.results(), signature.result) {
                    ([], None) => true,
                    ([found], Some(expected)) => expected.matches(*found),
                    _ => false,
                }
        });
        if !agrees {
            return Err(wrong(format!(
                "`{name}` is defined with other parameters or another result than its header declares \
                 (declared {}, defined {}); compile the sources with the defines that the header is read with, \
                 or .block_function(\"{name}\")",
                show(&signature.params, signature.result.as_slice()),
                found.map_or_else(|| "as no function".to_owned(), |found| show(found.params(), found.results())),
            )));
        }
    }
    Ok(())
}

/// The error of a module that is none.
pub(crate) fn unreadable(library: &str, error: &wasmparser::BinaryReaderError) -> Error {
    Error::Module { library: library.to_owned(), what: format!("it cannot be read: {error}") }
}

fn show<T: std::fmt::Debug>(params: &[T], results: &[T]) -> String {
    format!("{params:?} -> {results:?}").to_lowercase()
}

/// Returns what a module imports: from which module, and the name.
pub(crate) fn imports(wasm: &[u8]) -> Result<Vec<(String, String)>, wasmparser::BinaryReaderError> {
    read(wasm).map(|module| module.imports)
}

fn read(wasm: &[u8]) -> Result<Module, wasmparser::BinaryReaderError> {
    let mut module = Module::default();
    for payload in Parser::new(0).parse_all(wasm) {
        match payload? {
            Payload::TypeSection(reader) => {
                for group in reader {
                    for ty in group?.into_types() {
                        module.types.push(match ty.composite_type.inner {
                            CompositeInnerType::Func(function) => Some(function),
                            _ => None,
                        });
                    }
                }
            }
            Payload::ImportSection(reader) => {
                for import in reader.into_imports() {
                    let import = import?;
                    if let TypeRef::Func(ty) = import.ty {
                        module.function_types.push(ty);
                    }
                    module.imports.push((import.module.to_owned(), import.name.to_owned()));
                }
            }
            Payload::FunctionSection(reader) => {
                for ty in reader {
                    module.function_types.push(ty?);
                }
            }
            Payload::TableSection(reader) => {
                for table in reader {
                    let table = table?.ty;
                    module.table_growable = table.maximum.is_none_or(|maximum| maximum > table.initial);
                }
            }
            Payload::ExportSection(reader) => {
                for export in reader {
                    let export = export?;
                    module.exports.insert(export.name.to_owned(), (export.kind, export.index));
                }
            }
            _ => {}
        }
    }
    Ok(module)
}
