//! Writes the test of a library: what `record!` in `tests/it/record.rs` reads.

use super::leaves::{Leaf, Union};
use super::model::{Kind, Record};

/// The library, and a test of the records that have fields.
pub(crate) fn test(library: &str, records: &[&str]) -> String {
    let records = records.join(", ");
    format!(
        "sandbox::include_library!({library});\n\n#[test]\nfn {library}_agrees() {{\n    Trial::run({library}::record_area, &[{records}]);\n}}\n\n"
    )
}

/// A record's list of leaves.
pub(crate) fn record(library: &str, record: &Record, leaves: &[Leaf]) -> String {
    let name = &record.name;
    let leaves: String = leaves.iter().map(|leaf| format!("    {};\n", self::leaf(leaf))).collect();
    format!("record! {{ {library}::{name} [{name}_layout {name}_fill {name}_check] |v, p|\n{leaves}}}\n\n")
}

/// Says why the bindings have no fields for a record, in the words of its documentation.
pub(crate) fn reason(bindings: &str, name: &str) -> Option<String> {
    let opaque = format!("pub struct {name};");
    let mut before = "";
    for line in bindings.lines() {
        if line.trim() == opaque {
            return Some(before.trim().trim_start_matches("/// ").to_owned());
        }
        before = line;
    }
    None
}

fn leaf(leaf: &Leaf) -> String {
    let kind = match (leaf.kind, leaf.width) {
        (Kind::Signed, Some(width)) => format!("Signed({width})"),
        (Kind::Unsigned, Some(width)) => format!("Unsigned({width})"),
        (Kind::Signed | Kind::Unsigned | Kind::Pointer, _) => "Whole".to_owned(),
        (Kind::Bool, _) => "Bool".to_owned(),
        (Kind::Float, _) => "Float".to_owned(),
        (Kind::Double, _) => "Double".to_owned(),
    };
    let choice = match leaf.choice.modulus {
        1 => String::new(),
        modulus => format!("[{modulus} {}]", leaf.choice.remainder),
    };
    let mut out = format!("{kind}{choice}: {}", leaf.place);
    if let Some(value) = &leaf.value {
        out.push_str(&format!(", {}", value.expression));
        for step in &value.unions {
            let Union { variable, union, member } = step;
            out.push_str(&format!(", {variable} = {union} => {member} set_{member}"));
        }
    }
    out
}
