//! What would be bound: the steps of a build up to the bindings, without compiling any C source.

use std::collections::BTreeSet;
use std::fmt;

use crate::bindings::ir::TypeItem;
use crate::bindings::select::{self, Form};
use crate::cargo::Directives;
use crate::pipeline::Setup;
use crate::{Error, Library};

/// Says what of a library's headers would be bound, and what would not and why; see [`Library::survey`].
///
/// Shown with `{}`, it is a short report.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Survey {
    /// The functions.
    pub functions: Surveyed,
    /// Structs, unions, enums and typedefs.
    pub types: Surveyed,
    /// Those of the bound types that are opaque, although C knows their fields.
    pub opaque: Vec<Refusal>,
    /// Macros and enumerators of unnamed enums.
    pub constants: Surveyed,
    /// The input of `sandbox::library!`, as a build would write it to `bindings.rs`.
    pub bindings: String,
}

/// What becomes of one kind of C item.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Surveyed {
    /// The names of what is bound.
    pub bound: Vec<String>,
    /// What the patterns allow and the bindings cannot express.
    pub refused: Vec<Refusal>,
}

/// Names a C item that is not bound, or not with its fields.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refusal {
    /// The C name.
    pub name: String,
    /// Why it is not bound.
    pub reason: String,
}

/// Runs the steps of a build that read headers.
pub(crate) fn run(library: &Library) -> Result<Survey, Error> {
    let mut directives = Directives::default();
    let survey = survey(library, &mut directives);
    directives.print();
    survey
}

fn survey(library: &Library, directives: &mut Directives) -> Result<Survey, Error> {
    let setup = Setup::find(library, directives)?;
    let headers = setup.read_headers(directives)?;
    let declarations = &headers.declarations;
    let mut library = library.clone();
    let items = match select::select(&library, declarations, &setup.system) {
        Err(Error::Unsupported { items, .. }) => items,
        other => other.map(|_| Vec::new())?,
    };
    let (mut functions, mut types) = (Surveyed::default(), Surveyed::default());
    for item in items {
        let refusal = Refusal { name: item.name, reason: item.reason };
        if declarations.functions.iter().any(|function| function.name == refusal.name) {
            library.block_function(&refusal.name);
            functions.refused.push(refusal);
        } else {
            library.block_type(&refusal.name);
            types.refused.push(refusal);
        }
    }
    let mut selection = select::select(&library, declarations, &setup.system)?;
    let asked: Vec<String> = selection.consts.iter().map(|constant| constant.name.clone()).collect();
    setup.check_layout(&headers, &mut selection)?;

    let mut opaque = Vec::new();
    for (name, form) in &selection.types {
        types.bound.push(name.clone());
        let incomplete = matches!(declarations.find(name), Some(TypeItem::Record(record)) if record.incomplete);
        if let (Some(Form::Opaque(reason)), false) = (form, incomplete) {
            opaque.push(Refusal { name: name.clone(), reason: reason.clone() });
        }
    }
    functions.bound = selection.functions.iter().map(|function| function.name.clone()).collect();
    let mut constants = Surveyed { bound: selection.consts.iter().map(|constant| constant.name.clone()).collect(), ..Surveyed::default() };
    let bound: BTreeSet<&String> = constants.bound.iter().collect();
    for name in asked.iter().filter(|name| !bound.contains(name)) {
        constants.refused.push(Refusal { name: name.clone(), reason: "the C compiler does not confirm its value".to_owned() });
    }
    let bindings = setup.bindings(&selection);
    Ok(Survey { functions, types, opaque, constants, bindings })
}

impl fmt::Display for Survey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (kind, items) in [("functions", &self.functions), ("types", &self.types), ("constants", &self.constants)] {
            writeln!(f, "{}: {} bound, {} refused", kind, items.bound.len(), items.refused.len())?;
            for item in &items.refused {
                writeln!(f, "  `{}`: {}", item.name, item.reason)?;
            }
        }
        writeln!(f, "opaque types: {}", self.opaque.len())?;
        for item in &self.opaque {
            writeln!(f, "  `{}`: {}", item.name, item.reason)?;
        }
        Ok(())
    }
}
