//! How two modules differ, as text.

use std::io::{self, Write};
use std::path::Path;

use super::super::super::names::{plain, shown};
use super::super::super::table::{self, change, number};
use super::super::super::{Changed, Comparison, Export, Kind, Limits, Module, Resized};
use super::{Left, Right, functions_with_code, head, import_rows, parts};

pub(in super::super) fn comparison(comparison: &Comparison, top: usize, folder: &Path, out: &mut dyn Write) -> io::Result<()> {
    let Comparison { old, new, features, .. } = comparison;
    head("old: ", old, folder, out)?;
    head("new: ", new, folder, out)?;
    imports(comparison, out)?;
    if comparison.is_empty() {
        return writeln!(out, "\nnothing else has changed");
    }
    exports(&comparison.exports, out)?;
    if !features.is_empty() {
        let added = features.added.iter().map(|name| format!("+ {name}"));
        let lines: Vec<_> = added.chain(features.removed.iter().map(|name| format!("- {name}"))).collect();
        writeln!(out, "\nfeatures\n  {}", lines.join("\n  "))?;
    }
    memory(&old.module, &new.module, out)?;
    sizes(&old.module, &new.module, out)?;
    functions(&comparison.functions, top, out)
}

/// What a reviewer must not miss: first, and in capitals where there are new powers.
fn imports(comparison: &Comparison, out: &mut dyn Write) -> io::Result<()> {
    let Changed { added, removed, retyped } = &comparison.imports;
    if comparison.imports.is_empty() {
        let count = comparison.new.module.imports.len();
        return writeln!(out, "\nimports: the same {}", if count == 0 { "none".to_owned() } else { number(count as u64) });
    }
    if !added.is_empty() {
        writeln!(out, "\nNEW IMPORTS ({}): IT CAN ASK FOR MORE THAN BEFORE", number(added.len() as u64))?;
        import_rows("+ ", added, out)?;
    }
    if !removed.is_empty() {
        writeln!(out, "\nimports that are gone ({})", number(removed.len() as u64))?;
        import_rows("- ", removed, out)?;
    }
    if !retyped.is_empty() {
        writeln!(out, "\nimports of another type ({})", number(retyped.len() as u64))?;
        let rows: Vec<_> = retyped.iter().map(|(old, new)| [format!("~ {}", new.shown()), format!("{}, was {}", new.ty, old.ty)]).collect();
        table::write(out, [Left, Left], &rows)?;
    }
    Ok(())
}

fn exports(exports: &Changed<Export>, out: &mut dyn Write) -> io::Result<()> {
    if exports.is_empty() {
        return Ok(());
    }
    let row = |sign: &str, export: &Export, ty: String| [format!("{sign} {}", plain(&export.name)), export.kind.word().to_owned(), ty];
    let mut rows: Vec<_> = exports.added.iter().map(|export| row("+", export, export.ty.clone())).collect();
    rows.extend(exports.removed.iter().map(|export| row("-", export, export.ty.clone())));
    rows.extend(exports.retyped.iter().map(|(old, new)| row("~", new, format!("{}, was {}", new.ty, old.ty))));
    writeln!(out, "\nexports")?;
    table::write(out, [Left, Left, Left], &rows)
}

fn memory(old: &Module, new: &Module, out: &mut dyn Write) -> io::Result<()> {
    let limits = |limits: &[Limits], kind| limits.iter().map(|limits| limits.text(kind)).collect::<Vec<_>>().join("; ");
    let stack = |bytes: Option<u64>| bytes.map_or_else(|| "cannot be told".to_owned(), |bytes| format!("{} bytes", number(bytes)));
    let start = |start: bool| if start { "a function runs at once" } else { "none" }.to_owned();
    let mut rows = Vec::new();
    let mut row = |name: &str, old: String, new: String| {
        if old != new {
            rows.push([name.to_owned(), old, "->".to_owned(), new]);
        }
    };
    row("memory", limits(&old.memories, Kind::Memory), limits(&new.memories, Kind::Memory));
    row("C stack", stack(old.stack), stack(new.stack));
    row("static data", format!("{} bytes", number(old.static_data)), format!("{} bytes", number(new.static_data)));
    row("table", limits(&old.tables, Kind::Table), limits(&new.tables, Kind::Table));
    row("start", start(old.start), start(new.start));
    if rows.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nmemory and table")?;
    table::write(out, [Left, Left, Left, Left], &rows)
}

fn sizes(old: &Module, new: &Module, out: &mut dyn Write) -> io::Result<()> {
    let after = parts(&new.sizes, functions_with_code(new));
    let mut rows: Vec<_> = parts(&old.sizes, functions_with_code(old))
        .into_iter()
        .zip(after)
        .filter(|((_, old), (_, new))| old != new)
        .map(|((_, old), (what, new))| row(old, new, what))
        .collect();
    rows.push(row(old.bytes, new.bytes, "in all".to_owned()));
    writeln!(out, "\nsize (old, new, change)")?;
    table::write(out, [Right, Right, Right, Left], &rows)
}

fn functions(functions: &[Resized], top: usize, out: &mut dyn Write) -> io::Result<()> {
    if functions.is_empty() || top == 0 {
        return Ok(());
    }
    let count = |which: fn(&Resized) -> bool| number(functions.iter().filter(|function| which(function)).count() as u64);
    writeln!(
        out,
        "\nfunctions (old, new, change): {} added, {} removed, {} grown, {} shrunk",
        count(|function| function.old.is_none()),
        count(|function| function.new.is_none()),
        count(|function| function.old.zip(function.new).is_some_and(|(old, new)| new > old)),
        count(|function| function.old.zip(function.new).is_some_and(|(old, new)| new < old)),
    )?;
    let size = |bytes: Option<u64>| bytes.map_or_else(|| "-".to_owned(), number);
    let rows: Vec<_> = functions
        .iter()
        .take(top)
        .map(|function| {
            let name = function.name.as_deref().map_or_else(|| "functions without a name".to_owned(), shown);
            let change = change(function.old.unwrap_or(0), function.new.unwrap_or(0));
            [size(function.old), size(function.new), change, name]
        })
        .collect();
    table::write(out, [Right, Right, Right, Left], &rows)?;
    if functions.len() > top {
        writeln!(out, "  and {} more; --top shows them", number((functions.len() - top) as u64))?;
    }
    Ok(())
}

fn row(old: u64, new: u64, what: String) -> [String; 4] {
    [number(old), number(new), change(old, new), what]
}
