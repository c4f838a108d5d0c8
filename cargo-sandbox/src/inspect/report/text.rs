//! The same as text.

use std::io::{self, Write};
use std::path::Path;

use super::super::names::{plain, printable, shown};
use super::super::table::{self, Align, count, number};
use super::super::{Export, Found, Function, Import, Kind, Limits, Module, Sizes};
use super::{Subject, relative};

use Align::{Left, Right};

mod difference;

pub(super) use difference::comparison;

pub(super) fn libraries(libraries: &[Found], folder: &Path, out: &mut dyn Write) -> io::Result<()> {
    if libraries.is_empty() {
        return writeln!(out, "no library was built yet; build a package whose build script has one");
    }
    let rows: Vec<_> = libraries
        .iter()
        .map(|found| {
            let older = if found.older == 0 { String::new() } else { format!("(and {} older)", number(found.older as u64)) };
            let by = format!("by {}", printable(&found.package));
            [printable(&found.library), number(found.bytes), "bytes".to_owned(), by, format!("{} {older}", relative(&found.path, folder))]
        })
        .collect();
    writeln!(out, "libraries that were built here ({}); inspect one by its name", number(rows.len() as u64))?;
    table::write(out, [Left, Right, Left, Left, Left], &rows)
}

pub(super) fn module(subject: &Subject, top: usize, folder: &Path, out: &mut dyn Write) -> io::Result<()> {
    let module = &subject.module;
    head("", subject, folder, out)?;
    imports(module, out)?;
    exports(&module.exports, out)?;
    memory(module, out)?;
    writeln!(out, "\nfeatures\n  {}", if module.features.is_empty() { "none".to_owned() } else { module.features.join(", ") })?;
    sizes(module, out)?;
    functions(&module.functions, module.sizes, top, out)
}

/// Says which module it is, and that there are others of its name.
fn head(role: &str, subject: &Subject, folder: &Path, out: &mut dyn Write) -> io::Result<()> {
    let path = relative(&subject.path, folder);
    let bytes = number(subject.module.bytes);
    let Some(found) = &subject.library else {
        return writeln!(out, "{role}{path}, {bytes} bytes");
    };
    let (library, package) = (printable(&found.library), printable(&found.package));
    writeln!(out, "{role}{library}, built by {package}, {bytes} bytes\n  {path}")?;
    if found.older > 0 {
        writeln!(out, "  the newest; there {} {} older", if found.older == 1 { "is" } else { "are" }, number(found.older as u64))?;
    }
    for other in &subject.others {
        writeln!(out, "  also built by {} (--package): {}", printable(&other.package), relative(&other.path, folder))?;
    }
    Ok(())
}

fn imports(module: &Module, out: &mut dyn Write) -> io::Result<()> {
    if module.imports.is_empty() {
        writeln!(out, "\nimports: none; it can compute in its own memory, and nothing else")?;
    } else {
        writeln!(out, "\nimports ({}): all that it can do besides computing in its own memory", number(module.imports.len() as u64))?;
        import_rows("", &module.imports, out)?;
        let names: Vec<_> = module.imports.iter().map(|import| format!("\"{}\"", import.shown())).collect();
        writeln!(out, "  build.rs can keep it to them: .only_imports([{}])", names.join(", "))?;
    }
    if module.start {
        writeln!(out, "start: a function of it runs as soon as it is instantiated")?;
    }
    Ok(())
}

fn import_rows(sign: &str, imports: &[Import], out: &mut dyn Write) -> io::Result<()> {
    let rows: Vec<_> = imports.iter().map(|import| [format!("{sign}{}", import.shown()), import.meaning.clone()]).collect();
    table::write(out, [Left, Left], &rows)
}

fn exports(exports: &[Export], out: &mut dyn Write) -> io::Result<()> {
    let mut sorted: Vec<_> = exports.iter().collect();
    sorted.sort_by(|a, b| (a.kind, &a.name).cmp(&(b.kind, &b.name)));
    let (functions, others): (Vec<_>, Vec<_>) = sorted.into_iter().partition(|export| export.kind == Kind::Function);
    writeln!(out, "\nexported functions ({})", number(functions.len() as u64))?;
    let rows: Vec<_> = functions.iter().map(|export| [plain(&export.name), export.ty.clone()]).collect();
    table::write(out, [Left, Left], &rows)?;
    writeln!(out, "\nother exports ({})", number(others.len() as u64))?;
    let rows: Vec<_> = others.iter().map(|export| [plain(&export.name), export.kind.word().to_owned(), export.ty.clone()]).collect();
    table::write(out, [Left, Left, Left], &rows)
}

fn memory(module: &Module, out: &mut dyn Write) -> io::Result<()> {
    let mut rows: Vec<_> = module.memories.iter().flat_map(|limits| limit_rows(*limits, "bytes")).collect();
    rows.push(match module.stack {
        Some(bytes) => ["C stack".to_owned(), number(bytes), "bytes, at the beginning: an overflow traps".to_owned()],
        None => ["C stack".to_owned(), "?".to_owned(), "it cannot be told where it ends".to_owned()],
    });
    rows.push(["static data".to_owned(), number(module.static_data), "bytes, without what begins as zeros".to_owned()]);
    writeln!(out, "\nmemory")?;
    table::write(out, [Left, Right, Left], &rows)?;
    if module.tables.is_empty() {
        return Ok(());
    }
    let rows: Vec<_> = module.tables.iter().flat_map(|limits| limit_rows(*limits, "entries")).collect();
    writeln!(out, "\ntable of function pointers")?;
    table::write(out, [Left, Right, Left], &rows)
}

fn limit_rows(limits: Limits, unit: &str) -> [[String; 3]; 2] {
    let imported = if limits.imported { ", imported" } else { "" };
    [
        [format!("initial{imported}"), number(limits.initial), unit.to_owned()],
        match limits.maximum {
            Some(maximum) => ["maximum".to_owned(), number(maximum), unit.to_owned()],
            None => ["maximum".to_owned(), "none".to_owned(), "of its own; the host has limits".to_owned()],
        },
    ]
}

fn sizes(module: &Module, out: &mut dyn Write) -> io::Result<()> {
    let parts = parts(&module.sizes, functions_with_code(module));
    let mut rows: Vec<_> = parts.into_iter().map(|(what, bytes)| [number(bytes), percent(bytes, module.bytes), what]).collect();
    rows.push([number(module.bytes), String::new(), "in all".to_owned()]);
    writeln!(out, "\nsize")?;
    table::write(out, [Right, Right, Left], &rows)
}

/// Counts the functions with code: those that are exported, and the others.
fn functions_with_code(module: &Module) -> [usize; 2] {
    let exported = module.functions.iter().filter(|function| function.exported).count();
    [exported, module.functions.len() - exported]
}

/// Names the parts of a file.
fn parts(sizes: &Sizes, [exported, others]: [usize; 2]) -> [(String, u64); 6] {
    [
        (format!("code of {}", count(exported, "exported function")), sizes.exported_code),
        (format!("code of {}", count(others, "other function")), sizes.other_code),
        ("static data".to_owned(), sizes.data),
        ("names of functions".to_owned(), sizes.names),
        ("other custom sections".to_owned(), sizes.custom),
        ("imports, exports, types, tables".to_owned(), sizes.rest),
    ]
}

fn functions(functions: &[Function], sizes: Sizes, top: usize, out: &mut dyn Write) -> io::Result<()> {
    let code = sizes.exported_code + sizes.other_code;
    if functions.is_empty() || top == 0 {
        return Ok(());
    }
    writeln!(out, "\nlargest functions (percent of the code)")?;
    let (first, rest) = functions.split_at(top.min(functions.len()));
    let mut rows: Vec<_> = first
        .iter()
        .map(|function| {
            let name = function.name.as_deref().map_or_else(|| format!("function {} (no name)", function.index), shown);
            [number(function.bytes), percent(function.bytes, code), format!("{name}{}", if function.exported { " (exported)" } else { "" })]
        })
        .collect();
    if !rest.is_empty() {
        let bytes = rest.iter().map(|function| function.bytes).sum();
        rows.push([number(bytes), percent(bytes, code), format!("{}; --top shows more", count(rest.len(), "smaller function"))]);
    }
    table::write(out, [Right, Right, Left], &rows)
}

fn percent(part: u64, whole: u64) -> String {
    // Tenths, in whole numbers.
    let tenths = (u128::from(part) * 1_000 + u128::from(whole / 2)) / u128::from(whole.max(1));
    format!("{}.{} %", tenths / 10, tenths % 10)
}
