//! What the file of a module says.

use std::collections::{BTreeSet, HashMap};
use std::fmt::{Display, Write as _};

use serde::Serialize;
use wasmparser::{
    BinaryReaderError, CompositeInnerType, ExternalKind, FuncType, GlobalType, MemoryType, Parser, Payload, TableType, TypeRef,
};

use super::names::{Names, printable};
use super::powers::{self, Access};
use super::stack::{Layout, constant};
use super::table::number;
use super::{features, names};

/// The bytes of a page of linear memory, unless the memory says otherwise.
const PAGE_LOG2: u32 = 16;
/// How many parameters or results are shown.
const PARAMETERS: usize = 24;

/// A valid module.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Module {
    /// The size of the file, in bytes.
    pub bytes: u64,
    /// What it imports, in the order of the file: all that it can do besides computing.
    pub imports: Vec<Import>,
    /// What it exports, in the order of the file.
    pub exports: Vec<Export>,
    /// Its memories, imported ones too, in bytes.
    pub memories: Vec<Limits>,
    /// Its tables, imported ones too, in elements.
    pub tables: Vec<Limits>,
    /// The size of the C stack, in bytes, where it can be told.
    pub stack: Option<u64>,
    /// The bytes of all data segments.
    pub static_data: u64,
    /// A function runs as soon as the module is instantiated.
    pub start: bool,
    /// The features of WebAssembly without which it is not valid.
    pub features: Vec<&'static str>,
    /// The functions with code, the largest first.
    pub functions: Vec<Function>,
    /// What the bytes of the file are.
    pub sizes: Sizes,
}

/// One import.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Import {
    /// Where it comes from.
    pub module: String,
    /// Its name there.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// Its type, as text.
    #[serde(rename = "type")]
    pub ty: String,
    /// What the runtime does with it.
    pub access: Access,
    /// The same in plain words.
    pub meaning: String,
}

impl Import {
    /// Gives `module.name`.
    #[must_use]
    pub fn full_name(&self) -> String {
        format!("{}.{}", self.module, self.name)
    }

    /// Gives the name as it is shown.
    pub(super) fn shown(&self) -> String {
        format!("{}.{}", names::plain(&self.module), names::plain(&self.name))
    }
}

/// One export.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Export {
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// Its type, as text.
    #[serde(rename = "type")]
    pub ty: String,
}

/// What an import or export is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Kind {
    /// A function.
    Function,
    /// A linear memory.
    Memory,
    /// A table, such as that of function pointers.
    Table,
    /// A global of WebAssembly; a variable of C as its address.
    Global,
    /// The tag of an exception.
    Tag,
}

impl Kind {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Function => "function",
            Self::Memory => "memory",
            Self::Table => "table",
            Self::Global => "global",
            Self::Tag => "exception tag",
        }
    }
}

/// How large a memory or table is, and may become.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Limits {
    /// At the beginning.
    pub initial: u64,
    /// At most; `None` if the module sets no limit.
    pub maximum: Option<u64>,
    /// It comes from outside.
    pub imported: bool,
}

impl Limits {
    pub(super) fn text(self, kind: Kind) -> String {
        let unit = if kind == Kind::Memory { "bytes" } else { "entries" };
        let maximum = self.maximum.map_or_else(|| "no maximum".to_owned(), |maximum| format!("at most {}", number(maximum)));
        format!("{} {unit}, {maximum}", number(self.initial))
    }
}

/// A function with code.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Function {
    /// Its index, among all functions.
    pub index: u32,
    /// Its symbol, out of the `name` section, or the name that it is exported by.
    pub name: Option<String>,
    /// It is exported.
    pub exported: bool,
    /// The bytes of its code.
    pub bytes: u64,
}

/// What the bytes of a file are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Sizes {
    /// The code of exported functions.
    pub exported_code: u64,
    /// The code of all others.
    pub other_code: u64,
    /// The section of data segments.
    pub data: u64,
    /// The `name` section.
    pub names: u64,
    /// Other sections that do not matter for running: debug information, and the like.
    pub custom: u64,
    /// The rest: imports, exports, types, tables, and what is between.
    pub rest: u64,
}

impl Module {
    /// Reads and validates the bytes of a module.
    ///
    /// # Errors
    /// What is wrong, where the bytes are no valid module.
    pub fn read(bytes: &[u8]) -> Result<Self, String> {
        let reason = |error: BinaryReaderError| printable(&error.to_string());
        // Everything after this relies on a valid module.
        let features = features::used(bytes).map_err(reason)?;
        let mut reader = Reader::default();
        for payload in Parser::new(0).parse_all(bytes) {
            reader.add(payload.map_err(reason)?).map_err(reason)?;
        }
        Ok(reader.finish(bytes.len() as u64, features))
    }
}

/// What has been read so far. Each index space begins with what is imported.
#[derive(Default)]
struct Reader<'a> {
    types: Vec<Option<FuncType>>,
    functions: Vec<u32>,
    tags: Vec<u32>,
    globals: Vec<GlobalType>,
    imported_functions: usize,
    code: Vec<u64>,
    imports: Vec<(&'a str, &'a str, TypeRef)>,
    exports: Vec<(&'a str, ExternalKind, u32)>,
    memories: Vec<(MemoryType, bool)>,
    tables: Vec<(TableType, bool)>,
    /// Those that begin as a constant.
    constants: HashMap<usize, u64>,
    names: Names<'a>,
    layout: Layout,
    start: bool,
    sizes: Sizes,
}

impl<'a> Reader<'a> {
    fn add(&mut self, payload: Payload<'a>) -> Result<(), BinaryReaderError> {
        match payload {
            Payload::TypeSection(reader) => {
                for group in reader {
                    for ty in group?.into_types() {
                        self.types.push(match ty.composite_type.inner {
                            CompositeInnerType::Func(function) => Some(function),
                            _ => None,
                        });
                    }
                }
            }
            Payload::ImportSection(reader) => {
                for import in reader.into_imports() {
                    let import = import?;
                    match import.ty {
                        TypeRef::Func(ty) | TypeRef::FuncExact(ty) => self.functions.push(ty),
                        TypeRef::Memory(ty) => self.memories.push((ty, true)),
                        TypeRef::Table(ty) => self.tables.push((ty, true)),
                        TypeRef::Global(ty) => self.globals.push(ty),
                        TypeRef::Tag(ty) => self.tags.push(ty.func_type_idx),
                    }
                    self.imports.push((import.module, import.name, import.ty));
                }
                self.imported_functions = self.functions.len();
            }
            Payload::FunctionSection(reader) => {
                for ty in reader {
                    self.functions.push(ty?);
                }
            }
            Payload::TableSection(reader) => {
                for table in reader {
                    self.tables.push((table?.ty, false));
                }
            }
            Payload::MemorySection(reader) => {
                for memory in reader {
                    self.memories.push((memory?, false));
                }
            }
            Payload::TagSection(reader) => {
                for tag in reader {
                    self.tags.push(tag?.func_type_idx);
                }
            }
            Payload::GlobalSection(reader) => {
                for global in reader {
                    let global = global?;
                    if let Some(number) = constant(&global.init_expr) {
                        self.constants.insert(self.globals.len(), number);
                    }
                    self.globals.push(global.ty);
                }
            }
            Payload::ExportSection(reader) => {
                for export in reader {
                    let export = export?;
                    self.exports.push((export.name, export.kind, export.index));
                }
            }
            Payload::StartSection { .. } => self.start = true,
            Payload::CodeSectionEntry(body) => self.code.push(body.range().len() as u64),
            Payload::DataSection(reader) => {
                self.sizes.data = reader.range().len() as u64;
                for segment in reader {
                    self.layout.add(&segment?);
                }
            }
            Payload::CustomSection(reader) => {
                let bytes = reader.range().len() as u64;
                if reader.name() == "name" {
                    self.sizes.names += bytes;
                    self.names.read(reader.as_known());
                } else {
                    self.sizes.custom += bytes;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn finish(self, bytes: u64, features: Vec<&'static str>) -> Module {
        let mut sizes = self.sizes;
        let functions = self.sized_functions();
        for function in &functions {
            *(if function.exported { &mut sizes.exported_code } else { &mut sizes.other_code }) += function.bytes;
        }
        let known = [sizes.exported_code, sizes.other_code, sizes.data, sizes.names, sizes.custom];
        sizes.rest = known.into_iter().fold(bytes, u64::saturating_sub);
        Module {
            bytes,
            imports: self.imports.iter().map(|(module, name, ty)| self.import(module, name, ty)).collect(),
            exports: self.exports.iter().map(|(name, kind, index)| self.export(name, *kind, *index)).collect(),
            memories: self.memories.iter().map(|(ty, imported)| memory(ty, *imported)).collect(),
            tables: self.tables.iter().map(|(ty, imported)| table(ty, *imported)).collect(),
            stack: self.layout.stack(self.stack_pointer()),
            static_data: self.layout.data,
            start: self.start,
            features,
            functions,
            sizes,
        }
    }

    /// Gives the functions with code, the largest first.
    fn sized_functions(&self) -> Vec<Function> {
        let mut names: HashMap<u32, &str> = HashMap::new();
        let exported: BTreeSet<u32> = self.exports.iter().filter(|export| is_function(export.1)).map(|export| export.2).collect();
        for (name, _, index) in self.exports.iter().filter(|export| is_function(export.1)) {
            names.entry(*index).or_insert(name);
        }
        names.extend(self.names.functions.iter().copied());
        let indices = (0..).skip(self.imported_functions);
        let mut functions: Vec<Function> = indices
            .zip(&self.code)
            .map(|(index, bytes)| Function {
                index,
                name: names.get(&index).map(|name| (*name).to_owned()),
                exported: exported.contains(&index),
                bytes: *bytes,
            })
            .collect();
        functions.sort_by_key(|function| (std::cmp::Reverse(function.bytes), function.index));
        functions
    }

    /// Gives the number that the stack pointer begins with.
    fn stack_pointer(&self) -> Option<u64> {
        let exported = self.exports.iter().filter(|export| export.1 == ExternalKind::Global).map(|export| (export.2, export.0));
        let mut named = exported.chain(self.names.globals.iter().copied());
        let (index, _) = named.find(|(_, name)| *name == "__stack_pointer")?;
        self.constants.get(&usize::try_from(index).ok()?).copied()
    }

    fn import(&self, module: &str, name: &str, ty: &TypeRef) -> Import {
        let (kind, ty) = match ty {
            TypeRef::Func(ty) | TypeRef::FuncExact(ty) => (Kind::Function, self.signature(*ty)),
            TypeRef::Memory(ty) => (Kind::Memory, memory(ty, true).text(Kind::Memory)),
            TypeRef::Table(ty) => (Kind::Table, table(ty, true).text(Kind::Table)),
            TypeRef::Global(ty) => (Kind::Global, global(ty)),
            TypeRef::Tag(ty) => (Kind::Tag, self.signature(ty.func_type_idx)),
        };
        let (access, meaning) = powers::explain(module, name, kind);
        Import { module: module.to_owned(), name: name.to_owned(), kind, ty, access, meaning }
    }

    fn export(&self, name: &str, kind: ExternalKind, index: u32) -> Export {
        let at = index as usize;
        let (kind, ty) = match kind {
            ExternalKind::Func | ExternalKind::FuncExact => (Kind::Function, self.functions.get(at).map(|ty| self.signature(*ty))),
            ExternalKind::Memory => (Kind::Memory, self.memories.get(at).map(|(ty, imported)| memory(ty, *imported).text(Kind::Memory))),
            ExternalKind::Table => (Kind::Table, self.tables.get(at).map(|(ty, imported)| table(ty, *imported).text(Kind::Table))),
            ExternalKind::Global => (Kind::Global, self.globals.get(at).map(global)),
            ExternalKind::Tag => (Kind::Tag, self.tags.get(at).map(|ty| self.signature(*ty))),
        };
        Export { name: name.to_owned(), kind, ty: ty.unwrap_or_default() }
    }

    fn signature(&self, ty: u32) -> String {
        let Some(Some(ty)) = self.types.get(ty as usize) else { return String::new() };
        let params = format!("({})", list(ty.params()));
        match ty.results() {
            [] => params,
            [only] => format!("{params} -> {only}"),
            results => format!("{params} -> ({})", list(results)),
        }
    }
}

fn is_function(kind: ExternalKind) -> bool {
    matches!(kind, ExternalKind::Func | ExternalKind::FuncExact)
}

fn list(types: &[impl Display]) -> String {
    let mut text = String::new();
    for (count, ty) in types.iter().enumerate() {
        if count == PARAMETERS {
            let _ = write!(text, ", and {} more", types.len() - PARAMETERS);
            break;
        }
        let _ = write!(text, "{}{ty}", if count == 0 { "" } else { ", " });
    }
    text
}

fn global(ty: &GlobalType) -> String {
    format!("{}{}", if ty.mutable { "mut " } else { "" }, ty.content_type)
}

fn memory(ty: &MemoryType, imported: bool) -> Limits {
    let bytes = |pages: u64| pages.saturating_mul(1_u64.checked_shl(ty.page_size_log2.unwrap_or(PAGE_LOG2)).unwrap_or(u64::MAX));
    Limits { initial: bytes(ty.initial), maximum: ty.maximum.map(bytes), imported }
}

fn table(ty: &TableType, imported: bool) -> Limits {
    Limits { initial: ty.initial, maximum: ty.maximum, imported }
}
