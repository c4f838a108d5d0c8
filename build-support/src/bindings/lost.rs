//! Bit-fields that bindgen loses: in a union, those before one without a name and of width 0 (`unsigned a : 3, : 0;`).
//!
//! Such a union would look complete and is not. The compiler lists all fields, so these unions are found and refused.

use sandbox_toolchain::exec;

use crate::Error;
use crate::bindings::ir::Record;
use crate::probe::Probe;

/// A union of which bindgen loses fields.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct LossyUnion {
    /// Its tag, if it has one.
    name: Option<String>,
    size: u64,
    kept: Vec<String>,
    lost: Vec<String>,
}

impl LossyUnion {
    /// Tells whether this is what bindgen makes of it. A union without a tag is known by its fields and its size.
    pub(crate) fn is(&self, record: &Record) -> bool {
        match &self.name {
            Some(name) => record.c_name.as_ref() == Some(name),
            None => {
                let fields = record.fields.iter().filter(|field| !field.unnamed()).map(|field| &field.name);
                record.size == Some(self.size) && fields.eq(&self.kept)
            }
        }
    }

    pub(crate) fn problem(&self) -> String {
        format!("bindgen leaves out its fields {}, before a bit-field of width 0", self.lost.join(", "))
    }
}

/// Finds them in what the compiler says of the headers.
pub(crate) fn find(probe: &Probe<'_>) -> Result<Vec<LossyUnion>, Error> {
    let path = probe.write(probe.text, "records.i")?;
    let mut command = probe.command(&path)?;
    command.args(["-w", "-fsyntax-only", "-Xclang", "-fdump-record-layouts-complete"]).arg(path);
    let dump = exec::run(&mut command)?.stdout;
    Ok(dump.split("*** Dumping AST Record Layout").filter_map(lossy).collect())
}

/// Reads one record of the dump: lines such as `    0:0-19 |   int32_t m2`, indented by nesting. `None` if nothing is lost.
fn lossy(block: &str) -> Option<LossyUnion> {
    let mut lines = block.lines().filter_map(|line| line.split_once("| "));
    let head = lines.next()?.1.strip_prefix("union ")?;
    let mut union = LossyUnion { name: (!head.contains('(')).then(|| head.trim().to_owned()), ..LossyUnion::default() };
    // Bit-fields one after the other, and whether the last of them has width 0.
    let (mut run, mut ends) = (Vec::new(), false);
    for (place, field) in lines {
        let size = field.strip_prefix("[sizeof=").and_then(|size| size.split(',').next());
        let member = field.strip_prefix("  ").filter(|field| !field.starts_with(' '));
        let name =
            member.and_then(|field| field.split_once(' ')).and_then(|(_, rest)| rest.rsplit(' ').next()).filter(|name| !name.is_empty());
        if member.is_some() && place.contains(':') {
            ends = place.contains(":-");
            run.extend(name.map(str::to_owned));
        } else if member.is_some() || size.is_some() {
            let bits = std::mem::take(&mut run);
            if std::mem::take(&mut ends) { &mut union.lost } else { &mut union.kept }.extend(bits);
            union.kept.extend(name.map(str::to_owned));
        }
        union.size = size.and_then(|size| size.parse().ok()).unwrap_or(union.size);
    }
    (!union.lost.is_empty()).then_some(union)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_of_bit_fields_that_ends_with_width_0_is_lost() {
        let block = "\n         0 | union u\n         0 |   int a\n     0:0-4 |   int8_t b\n       0:- |   _Bool \n           | [sizeof=4, align=4]\n";
        let union = lossy(block).unwrap();
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        assert_eq!(union, LossyUnion { name: Some("u".to_owned()), size: 4, kept: names(&["a"]), lost: names(&["b"]) });
    }

    #[test]
    fn others_are_whole() {
        let blocks = [
            "\n 0 | union u\n 0:- |   short \n 0:0-4 |   int8_t b\n | [sizeof=4, align=4]\n",
            "\n 0 | union u\n 0:0-4 |   int8_t b\n 0 |   int a\n 0:- |   int \n | [sizeof=4, align=4]\n",
            "\n 0 | struct s\n 0:0-4 |   int8_t b\n 1:- |   int \n | [sizeof=4, align=4]\n",
        ];
        assert!(blocks.iter().all(|block| lossy(block).is_none()));
    }
}
