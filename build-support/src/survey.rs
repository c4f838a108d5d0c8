//! What would be bound: the steps of a build up to the link.

use std::fmt;

use crate::bindings::ir::{Kind, TypeItem};
use crate::bindings::select::{self, Form};
use crate::cargo::Directives;
use crate::error::UnsupportedItem;
use crate::pattern::Lists;
use crate::pipeline::Setup;
use crate::{Error, Library};

/// Says what of a library's headers would be bound, and what would not and why; see [`Library::survey`].
///
/// Shown with `{}`, it is a short report.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Survey {
    /// The functions.
    pub functions: Surveyed,
    /// Structs, unions, enums and typedefs.
    pub types: Surveyed,
    /// Those of the bound types that are opaque, although C knows their fields.
    pub opaque: Vec<Refusal>,
    /// Macros and enumerators of unnamed enums; those of named enums come with their types.
    pub constants: Surveyed,
    /// Global variables.
    pub variables: Surveyed,
    /// The input of `sandbox::library!`, as a build would write it to `bindings.rs`.
    pub bindings: String,
    /// Why it is not known which functions the sources define: what a build would fail with.
    pub not_linked: Option<String>,
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
    // Anywhere else these lines are noise.
    if library.out_dir.is_none() {
        directives.print();
    }
    survey
}

fn survey(library: &Library, directives: &mut Directives) -> Result<Survey, Error> {
    let setup = Setup::find(library, directives)?;
    let headers = setup.read_headers(directives)?;
    let declarations = &headers.declarations;
    let mut survey = Survey::default();
    let selection = select::select(library, declarations, &setup.system)?;
    setup.check_layout(&headers, &selection)?;
    let link = || {
        let objects = setup.objects(directives)?;
        setup.link(&headers, selection.clone(), &objects, true)
    };
    // The headers alone say nothing of what the sources define.
    let (selection, undefined) = match (!library.has_no_sources()).then(link) {
        None => (selection, Vec::new()),
        Some(Ok(linked)) => (linked.selection, linked.undefined),
        Some(Err(error)) => {
            survey.not_linked = Some(error.to_string());
            (selection, Vec::new())
        }
    };
    for UnsupportedItem { name, reason, kind, .. } in selection.left_out.iter().cloned().chain(undefined) {
        match kind {
            Kind::Function => &mut survey.functions.refused,
            Kind::Var => &mut survey.variables.refused,
            Kind::Type if selection.types.contains_key(&name) => continue,
            Kind::Type => &mut survey.types.refused,
        }
        .push(Refusal { name, reason });
    }

    for (name, form) in &selection.types {
        survey.types.bound.push(name.clone());
        let incomplete = matches!(declarations.find(name), Some(TypeItem::Record(record)) if record.incomplete);
        if let (Some(Form::Opaque(reason)), false) = (form, incomplete) {
            survey.opaque.push(Refusal { name: name.clone(), reason: reason.clone() });
        }
    }
    survey.functions.bound = selection.functions.iter().map(|function| function.name.clone()).collect();
    survey.variables.bound = selection.variables.iter().map(|variable| variable.name.clone()).collect();
    survey.constants.bound = selection.consts.iter().map(|constant| constant.name.clone()).collect();
    let vars = Lists::new(&library.name, &library.vars.allow, &library.vars.block)?;
    let allowed = |name: &str| !vars.blocks(name) && (vars.allow.is_empty() || vars.allow.iter().any(|pattern| pattern.matches(name)));
    for (name, reason) in declarations.refused_consts.iter().filter(|(name, _)| allowed(name)) {
        survey.constants.refused.push(Refusal { name: name.clone(), reason: (*reason).to_owned() });
    }
    survey.bindings = setup.bindings(&selection);
    Ok(survey)
}

impl fmt::Display for Survey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { functions, types, constants, variables, .. } = self;
        for (kind, items) in [("functions", functions), ("types", types), ("constants", constants), ("global variables", variables)] {
            writeln!(f, "{}: {} bound, {} refused", kind, items.bound.len(), items.refused.len())?;
            for item in &items.refused {
                writeln!(f, "  `{}`: {}", item.name, item.reason)?;
            }
        }
        writeln!(f, "opaque types: {}", self.opaque.len())?;
        for item in &self.opaque {
            writeln!(f, "  `{}`: {}", item.name, item.reason)?;
        }
        if let Some(error) = &self.not_linked {
            writeln!(f, "which of them the sources define is not known, since they do not build:\n{error}")?;
        }
        Ok(())
    }
}
