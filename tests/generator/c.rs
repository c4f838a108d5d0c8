//! Writes a header, and the list of leaves that its functions are made of.

use std::fmt::{Result, Write};

use super::leaves::Leaf;
use super::model::{Body, Header, Kind, Member, Record, Type};

/// What the header declares, and the names of its functions.
pub(crate) fn header(header: &Header) -> std::result::Result<String, std::fmt::Error> {
    let mut out = format!("#ifndef {0}\n#define {0}\n\n#include \"record.h\"\n\n#include <stdbool.h>\n\n", header.name.to_uppercase());
    for item in &header.enums {
        let constants: Vec<String> = item.constants.split(", ").map(|constant| format!("{}_{constant}", item.name)).collect();
        writeln!(out, "enum{} {} {{ {} }};", item.attribute, item.name, constants.join(", "))?;
    }
    for record in &header.records {
        out.push('\n');
        if let Some(pack) = record.pack {
            writeln!(out, "#pragma pack(push, {pack})")?;
        }
        if record.tagless {
            out.push_str("typedef ");
            body(header, &record.body, "", 0, &mut out)?;
            writeln!(out, " {};", record.name)?;
        } else {
            body(header, &record.body, &format!(" {}", record.name), 0, &mut out)?;
            writeln!(out, ";")?;
        }
        if record.pack.is_some() {
            writeln!(out, "#pragma pack(pop)")?;
        }
        writeln!(out, "DECLARE_RECORD({}, {})", record.spelling(), record.name)?;
    }
    writeln!(out, "\n#endif")?;
    Ok(out)
}

fn body(header: &Header, body: &Body, tag: &str, depth: usize, out: &mut String) -> Result {
    out.push_str(if body.union { "union" } else { "struct" });
    if body.packed {
        out.push_str(" __attribute__((packed))");
    }
    out.push_str(&body.aligned.map(aligned).unwrap_or_default());
    writeln!(out, "{tag} {{")?;
    for member in &body.members {
        out.push_str(&"    ".repeat(depth + 1));
        match member {
            Member::Plain { name, ty, aligned: align } => {
                declare(header, ty, name, depth + 1, out)?;
                out.push_str(&align.map(aligned).unwrap_or_default());
            }
            Member::Bits { name, ty, width } => {
                let name = name.as_deref().unwrap_or_default();
                out.push_str(&ty.declaration.replace('@', &format!("{name} : {width}")));
            }
            Member::Anonymous(inner) => self::body(header, inner, "", depth + 1, out)?,
            Member::Tail { name, ty, .. } => declare(header, ty, &format!("{name}[]"), depth + 1, out)?,
        }
        out.push_str(";\n");
    }
    out.push_str(&"    ".repeat(depth));
    out.push('}');
    Ok(())
}

fn aligned(bytes: u32) -> String {
    format!(" __attribute__((aligned({bytes})))")
}

/// Declares `name` of a type.
fn declare(header: &Header, ty: &Type, name: &str, depth: usize, out: &mut String) -> Result {
    match ty {
        Type::Array(element, count) => declare(header, element, &format!("{name}[{count}]"), depth, out),
        Type::Leaf(leaf) => {
            out.push_str(&leaf.declaration.replace('@', name));
            Ok(())
        }
        Type::Record(index) => write!(out, "{} {name}", header.records[*index].spelling()),
        Type::Inline(inner) => {
            body(header, inner, "", depth, out)?;
            write!(out, " {name}")
        }
    }
}

/// The definition of a record's functions.
pub(crate) fn definition(record: &Record, leaves: &[Leaf]) -> String {
    let mut out = format!("#define {}_LEAVES(X)", record.name);
    for leaf in leaves {
        let kind = match (leaf.kind, leaf.width) {
            (Kind::Bool, None) => "BOOL",
            (Kind::Bool, Some(_)) => "FLAG",
            (Kind::Float, _) => "FLOAT",
            (Kind::Double, _) => "DOUBLE",
            (Kind::Pointer, _) => "POINTER",
            (Kind::Signed | Kind::Unsigned, None) => "INT",
            (Kind::Signed | Kind::Unsigned, Some(_)) => "BITS",
        };
        let choice = match leaf.choice.modulus {
            1 => String::new(),
            modulus => format!(", {modulus}, {}", leaf.choice.remainder),
        };
        out.push_str(&format!(" \\\n    X({kind}, {}{choice})", leaf.path));
    }
    out.push_str(&format!("\nDEFINE_RECORD({}, {})\n\n", record.spelling(), record.name));
    out
}
