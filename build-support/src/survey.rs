//! What would be bound: the steps of a build up to the bindings, without compiling any C source.

use std::collections::HashSet;
use std::fmt;
use std::path::Path;

use sandbox_toolchain::exec;

use crate::bindings::ir::{Kind, TypeItem};
use crate::bindings::select::{self, Form};
use crate::cargo::Directives;
use crate::depfile::is_below;
use crate::pattern::Lists;
use crate::pipeline::{Headers, Setup};
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
    // It does what the error of a build advises: blocks what cannot be bound.
    let mut library = library.clone();
    let items = match select::select(&library, declarations, &setup.system) {
        Err(Error::Unsupported { items, .. }) => items,
        other => other.map(|_| Vec::new())?,
    };
    let mut survey = Survey::default();
    let mut blocked = Vec::new();
    for item in items {
        let refusal = Refusal { name: item.name, reason: item.reason };
        match item.kind {
            Kind::Function => {
                library.block_function(&refusal.name);
                survey.functions.refused.push(refusal);
            }
            Kind::Var => {
                library.block_var(&refusal.name);
                survey.variables.refused.push(refusal);
            }
            Kind::Type => {
                library.block_type(&refusal.name);
                blocked.push(refusal);
            }
        }
    }
    let mut selection = select::select(&library, declarations, &setup.system)?;
    for Refusal { name, reason } in blocked {
        match selection.types.get_mut(&name) {
            Some(form) => *form = Some(Form::Opaque(reason)),
            None => survey.types.refused.push(Refusal { name, reason }),
        }
    }
    let asked: Vec<String> = selection.consts.iter().map(|constant| constant.name.clone()).collect();
    setup.check_layout(&headers, &mut selection)?;

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
    for name in asked.iter().filter(|name| !survey.constants.bound.contains(name)) {
        survey.constants.refused.push(Refusal { name: name.clone(), reason: "the C compiler does not confirm its value".to_owned() });
    }
    let mut known: HashSet<&str> = asked.iter().chain(&survey.functions.bound).chain(&survey.variables.bound).map(String::as_str).collect();
    for item in &declarations.types {
        if let TypeItem::Enum(enumeration) = item {
            known.extend(enumeration.variants.iter().map(|variant| variant.name.as_str()));
        }
    }
    let vars = Lists::new(&library.name, &library.vars.allow, &library.vars.block)?;
    let allowed = |name: &str| !vars.blocks(name) && (vars.allow.is_empty() || vars.allow.iter().any(|pattern| pattern.matches(name)));
    for name in constant_macros(&setup, &headers, |name| allowed(name) && !known.contains(name))? {
        survey.constants.refused.push(Refusal { name, reason: "bindgen cannot compute the value of the macro".to_owned() });
    }
    survey.bindings = setup.bindings(&selection);
    Ok(survey)
}

/// Finds the macros of the library's own headers that are constant expressions: bindgen is silent about those that it cannot compute.
fn constant_macros(setup: &Setup<'_>, headers: &Headers, wanted: impl Fn(&str) -> bool) -> Result<Vec<String>, Error> {
    let probe = setup.probe(&headers.header);
    let mut command = probe.compiler.command(&headers.header, probe.settings)?;
    let text = exec::run(command.args(["-E", "-dD"]).arg(&headers.header))?.stdout;
    let mut names = Vec::new();
    let mut own = false;
    for line in text.lines() {
        if let Some(marker) = line.strip_prefix("# ") {
            let file = marker.split('"').nth(1).unwrap_or_default().replace("\\\\", "\\");
            own = !file.starts_with('<') && !is_below(Path::new(&file), &setup.system);
        } else if own
            && let Some((name, value)) = line.strip_prefix("#define ").and_then(|define| define.split_once(' '))
            // Neither a macro with parameters, nor one that would end the question below.
            && !name.contains('(')
            && !value.contains(['{', '}'])
            && wanted(name)
        {
            names.push(name.to_owned());
        }
    }
    let mut questions = probe.questions();
    let lines: Vec<usize> =
        names.iter().map(|name| questions.line(&format!("_Static_assert(__builtin_constant_p({name}), \"\");"))).collect();
    let wrong = probe.failing_lines(questions, "macros.c")?;
    Ok(names.into_iter().zip(lines).filter(|(_, line)| !wrong.contains(line)).map(|(name, _)| name).collect())
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
        Ok(())
    }
}
