//! The same as JSON.

use std::io::{self, Write};

use serde::Serialize;

use super::super::names::demangled;
use super::super::{Changed, Comparison, Export, Found, Function, Import, Limits, Module, Resized, Sizes};
use super::Subject;

#[derive(Serialize)]
struct Head<'a> {
    path: String,
    library: Option<&'a str>,
    package: Option<&'a str>,
    older: usize,
    others: &'a [Found],
    bytes: u64,
}

#[derive(Serialize)]
struct Facts<'a> {
    memories: &'a [Limits],
    tables: &'a [Limits],
    stack: Option<u64>,
    static_data: u64,
    start: bool,
    sizes: &'a Sizes,
}

#[derive(Serialize)]
struct Row<'a> {
    index: u32,
    name: Option<&'a str>,
    demangled: Option<String>,
    exported: bool,
    bytes: u64,
}

#[derive(Serialize)]
struct Grown<'a> {
    name: Option<&'a str>,
    demangled: Option<String>,
    old: Option<u64>,
    new: Option<u64>,
}

pub(super) fn libraries(libraries: &[Found], out: &mut dyn Write) -> io::Result<()> {
    #[derive(Serialize)]
    struct Json<'a> {
        libraries: &'a [Found],
    }
    put(&Json { libraries }, out)
}

pub(super) fn module(subject: &Subject, out: &mut dyn Write) -> io::Result<()> {
    #[derive(Serialize)]
    struct Json<'a> {
        #[serde(flatten)]
        head: Head<'a>,
        imports: &'a [Import],
        exports: &'a [Export],
        features: &'a [&'static str],
        #[serde(flatten)]
        facts: Facts<'a>,
        #[serde(serialize_with = "rows")]
        functions: &'a [Function],
    }
    let module = &subject.module;
    let (imports, exports, features, functions) = (&*module.imports, &*module.exports, &*module.features, &*module.functions);
    put(&Json { head: head(subject), imports, exports, features, facts: facts(module), functions }, out)
}

pub(super) fn comparison(comparison: &Comparison, out: &mut dyn Write) -> io::Result<()> {
    #[derive(Serialize)]
    struct Side<'a> {
        #[serde(flatten)]
        head: Head<'a>,
        #[serde(flatten)]
        facts: Facts<'a>,
    }
    #[derive(Serialize)]
    struct Json<'a> {
        old: Side<'a>,
        new: Side<'a>,
        imports: &'a Changed<Import>,
        exports: &'a Changed<Export>,
        features: &'a Changed<&'static str>,
        #[serde(serialize_with = "grown")]
        functions: &'a [Resized],
    }
    let side = |subject| Side { head: head(subject), facts: facts(&subject.module) };
    let Comparison { old, new, imports, exports, features, functions } = comparison;
    put(&Json { old: side(old), new: side(new), imports, exports, features, functions }, out)
}

fn head(subject: &Subject) -> Head<'_> {
    let library = subject.library.as_ref();
    Head {
        path: subject.path.to_string_lossy().into_owned(),
        library: library.map(|found| &*found.library),
        package: library.map(|found| &*found.package),
        older: library.map_or(0, |found| found.older),
        others: &subject.others,
        bytes: subject.module.bytes,
    }
}

fn facts(module: &Module) -> Facts<'_> {
    let Module { memories, tables, stack, static_data, start, sizes, .. } = module;
    Facts { memories, tables, stack: *stack, static_data: *static_data, start: *start, sizes }
}

/// One at a time: demangled names can be longer than the file.
fn rows<S: serde::Serializer>(functions: &[Function], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(functions.iter().map(|function| Row {
        index: function.index,
        name: function.name.as_deref(),
        demangled: function.name.as_deref().and_then(demangled),
        exported: function.exported,
        bytes: function.bytes,
    }))
}

fn grown<S: serde::Serializer>(functions: &[Resized], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(functions.iter().map(|function| Grown {
        name: function.name.as_deref(),
        demangled: function.name.as_deref().and_then(demangled),
        old: function.old,
        new: function.new,
    }))
}

fn put(json: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, json)?;
    writeln!(out)
}
