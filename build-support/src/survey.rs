//! What would be bound: the steps of a build up to the link.

use std::fmt;

use crate::bindings::ir::{Kind, TypeItem};
use crate::bindings::select::{self, Form, Selection};
use crate::cargo::Directives;
use crate::error::UnsupportedItem;
use crate::pipeline::{Headers, Setup};
use crate::{Error, Library};

/// Says what of a library's headers would be bound, and what would not and why; see [`Library::survey`].
///
/// Shown with `{}`, it is a table; `cargo sandbox survey` prints it of a package or a folder.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Survey {
    /// The library's name.
    pub library: String,
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
    let selection = select::select(library, &headers.declarations, &setup.system)?;
    setup.check_layout(&headers, &selection)?;
    // The headers alone say nothing of what the sources define.
    if library.has_no_sources() {
        return Survey::of(&setup, &headers, &selection, &[]);
    }
    let linked = setup.objects(directives).and_then(|objects| setup.link(&headers, selection.clone(), &objects, true));
    match linked {
        Ok(linked) => Survey::of(&setup, &headers, &linked.selection, &linked.undefined),
        Err(error) => Survey::not_linked(&setup, &headers, &selection, &error),
    }
}

impl Survey {
    /// Says what is bound of a selection, of which the sources do not define some.
    pub(crate) fn of(
        setup: &Setup<'_>,
        headers: &Headers,
        selection: &Selection<'_>,
        undefined: &[UnsupportedItem],
    ) -> Result<Self, Error> {
        let (library, declarations) = (setup.library, &headers.declarations);
        let mut survey = Self { library: library.name.clone(), ..Self::default() };
        for UnsupportedItem { name, reason, kind, .. } in selection.left_out.iter().chain(undefined) {
            match kind {
                Kind::Function => &mut survey.functions.refused,
                Kind::Var => &mut survey.variables.refused,
                Kind::Type if selection.types.contains_key(name) => continue,
                Kind::Type => &mut survey.types.refused,
            }
            .push(Refusal { name: name.clone(), reason: reason.clone() });
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
        let refused = selection.refused_consts.iter().map(|item| Refusal { name: item.name.to_owned(), reason: item.reason.to_owned() });
        survey.constants.refused = refused.collect();
        survey.bindings = setup.bindings(selection);
        Ok(survey)
    }

    /// Says what would be bound, had the build not failed.
    pub(crate) fn not_linked(setup: &Setup<'_>, headers: &Headers, selection: &Selection<'_>, error: &Error) -> Result<Self, Error> {
        Ok(Self { not_linked: Some(error.to_string()), ..Self::of(setup, headers, selection, &[])? })
    }
}

impl fmt::Display for Survey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { functions, types, constants, variables, opaque, .. } = self;
        let kinds = [
            ("function", "functions", functions),
            ("type", "types", types),
            ("constant", "constants", constants),
            ("variable", "global variables", variables),
        ];
        writeln!(f, "{:<16}  {:>7}  {:>7}", self.library, "bound", "refused")?;
        for (_, kinds, items) in kinds {
            writeln!(f, "{kinds:<16}  {:>7}  {:>7}", items.bound.len(), items.refused.len())?;
        }
        let mut reasons: Vec<(&str, &Refusal)> =
            kinds.iter().flat_map(|(kind, _, items)| items.refused.iter().map(move |item| (*kind, item))).collect();
        section(f, "refused", &reasons)?;
        reasons.clear();
        reasons.extend(opaque.iter().map(|item| ("type", item)));
        section(f, "bound without their fields", &reasons)?;
        if let Some(error) = &self.not_linked {
            writeln!(f, "\nnot known is which of them the sources define, since the build fails:\n{error}")?;
        }
        Ok(())
    }
}

/// Lists items below a title, in columns.
fn section(f: &mut fmt::Formatter<'_>, title: &str, items: &[(&str, &Refusal)]) -> fmt::Result {
    let Some(longest) = items.iter().map(|(_, item)| item.name.len()).max() else { return Ok(()) };
    let longest = longest.min(40);
    writeln!(f, "\n{title}")?;
    items.iter().try_for_each(|(kind, Refusal { name, reason })| writeln!(f, "  {kind:<8}  {name:<longest$}  {reason}"))
}
