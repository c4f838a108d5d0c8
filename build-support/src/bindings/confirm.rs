//! Asks the C compiler whether functions, variables and fields have the types that bindgen read.
//!
//! Each type is written as C again, and compared with the one that the headers declare. What
//! differs is not bound: it gets a problem, which says how the compiler has it. `volatile`,
//! `restrict` and `_Atomic` are left out on both sides, since the bindings have no word for them.

use std::collections::HashMap;

use crate::Error;
use crate::bindings::ir::{Declarations, FieldKind, FnTy, ScalarKind, Ty, TypeItem, Variable};
use crate::bindings::measure::Spellings;
use crate::bindings::read::STATIC;
use crate::probe::Probe;
use crate::tokens;

/// What a question is about, by its place in the declarations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Item {
    Function(usize),
    Variable(usize),
    Field(usize, usize),
}

/// Gives a problem to each function, variable and record whose type the compiler does not confirm.
pub(crate) fn confirm(probe: &Probe<'_>, declarations: &mut Declarations, spellings: &Spellings) -> Result<(), Error> {
    variables(probe, declarations)?;
    let wrong = differing(probe, declarations, spellings, true)?;
    // bindgen drops a `const` that says nothing, as in `const int f(void)`.
    let anyway = if wrong.is_empty() { Vec::new() } else { differing(probe, declarations, spellings, false)? };
    let asked: Vec<(Item, String)> = wrong.into_iter().filter(|(item, _)| anyway.iter().any(|(other, _)| other == item)).collect();
    if asked.is_empty() {
        return Ok(());
    }
    let text = tokens::without_qualifiers(probe.text, false);
    let probe = Probe { compiler: probe.compiler, text: &text, ..*probe };
    let expressions: Vec<&str> = asked.iter().map(|(_, expression)| expression.as_str()).collect();
    let types = types(&probe, &expressions)?;
    for ((item, expression), ty) in asked.iter().zip(types) {
        let reason = reason(ty.as_deref());
        match *item {
            Item::Function(index) => set(declarations.functions.get_mut(index).map(|function| &mut function.problem), reason),
            Item::Variable(index) => set(declarations.variables.get_mut(index).map(|variable| &mut variable.problem), reason),
            Item::Field(index, _) => {
                let member = expression.rsplit("->").next().unwrap_or_default();
                let record = match declarations.types.get_mut(index) {
                    Some(TypeItem::Record(record)) => Some(&mut record.problem),
                    _ => None,
                };
                set(record, format!("of field `{member}`, {reason}"));
            }
        }
    }
    Ok(())
}

/// Returns what has another type than bindgen read, with or without a look at `const`, and as which
/// expression C has it.
fn differing(probe: &Probe<'_>, declarations: &Declarations, spellings: &Spellings, constant: bool) -> Result<Vec<(Item, String)>, Error> {
    let text = tokens::without_qualifiers(probe.text, !constant);
    let probe = Probe { compiler: probe.compiler, text: &text, ..*probe };
    let spell = Spell { declarations, spellings, constant };
    let mut file = probe.questions();
    let mut asked: Vec<(usize, Item, String)> = Vec::new();
    for (index, function) in declarations.functions.iter().enumerate() {
        let name = &function.name;
        let line = match spell.function(&function.ty) {
            Some(ty) => format!("_Static_assert(__builtin_types_compatible_p(__typeof__({name}), {ty}), \"\");"),
            // At least the number of parameters.
            None => match spell.call(&function.ty) {
                Some(arguments) => format!("enum {{ sandbox_call_{index} = sizeof(__typeof__({name}({arguments})) *) }};"),
                None => continue,
            },
        };
        asked.push((file.line(&line), Item::Function(index), name.to_owned()));
    }
    for (index, variable) in declarations.variables.iter().enumerate() {
        let name = &variable.name;
        let Some(ty) = spell.sized(&variable.ty) else { continue };
        let line = file.line(&format!("_Static_assert(__builtin_types_compatible_p(__typeof__({name}), {ty}), \"\");"));
        asked.push((line, Item::Variable(index), name.clone()));
    }
    for (index, item) in declarations.types.iter().enumerate() {
        let TypeItem::Record(record) = item else { continue };
        let (Some(spelling), None) = (spellings.get(&record.name), &record.problem) else { continue };
        for (place, field) in record.fields.iter().enumerate().filter(|(_, field)| field.kind == FieldKind::Plain) {
            let Some(ty) = spell.ty(&field.ty) else { continue };
            let member = format!("(({spelling}*)0)->{}", field.name);
            let line = file.line(&format!("_Static_assert(__builtin_types_compatible_p(__typeof__({member}), {ty}), \"\");"));
            asked.push((line, Item::Field(index, place), member));
        }
    }
    let wrong = probe.failing_lines(file, "types.i")?;
    Ok(asked.into_iter().filter(|(line, ..)| wrong.contains(line)).map(|(_, item, expression)| (item, expression)).collect())
}

/// Finds the variables that are `static`, and those that are pointers to what bindgen shows as a
/// string.
fn variables(probe: &Probe<'_>, declarations: &mut Declarations) -> Result<(), Error> {
    if declarations.variables.is_empty() {
        return Ok(());
    }
    let mut file = probe.questions();
    let lines: Vec<_> = declarations
        .variables
        .iter()
        .map(|Variable { name, .. }| {
            let pointer = file.line(&format!("_Static_assert(__builtin_types_compatible_p(__typeof__({name}), const char *), \"\");"));
            // What is not `static` cannot become it.
            (pointer, file.line(&format!("static __typeof__({name}) {name};")))
        })
        .collect();
    let wrong = probe.failing_lines(file, "variables.i")?;
    for (variable, (pointer, is_static)) in declarations.variables.iter_mut().zip(lines) {
        if !wrong.contains(&pointer)
            && let Ty::Array(char, _) = &variable.ty
        {
            variable.ty = Ty::Pointer { to: char.clone(), constant: true };
        }
        if !wrong.contains(&is_static) {
            variable.link_name = Some(format!("{}{STATIC}", variable.name));
        }
    }
    Ok(())
}

fn set(problem: Option<&mut Option<String>>, reason: String) {
    if let Some(problem) = problem {
        problem.get_or_insert(reason);
    }
}

fn reason(ty: Option<&str>) -> String {
    match ty {
        Some(ty) if ty.split('[').skip(1).any(|rest| !rest.split(']').next().unwrap_or(rest).bytes().all(|byte| byte.is_ascii_digit())) => {
            format!("the C compiler has it as `{ty}`, with an array of variable length, which the bindings have no word for")
        }
        Some(ty) => format!("the C compiler has it as `{ty}`, and bindgen read something else"),
        None => "the C compiler does not confirm its type".to_owned(),
    }
}

/// Returns the type of each expression in the compiler's words, out of an error that names it.
fn types(probe: &Probe<'_>, expressions: &[&str]) -> Result<Vec<Option<String>>, Error> {
    let mut file = probe.questions();
    file.line("struct sandbox_nothing;");
    let lines: Vec<usize> = expressions
        .iter()
        .enumerate()
        .map(|(number, expression)| {
            file.line(&format!("enum {{ sandbox_type_{number} = _Generic(&({expression}), struct sandbox_nothing *: 0) }};"))
        })
        .collect();
    let errors: HashMap<usize, String> = probe.errors(file, "problems.i")?;
    Ok(lines
        .iter()
        .map(|line| {
            let shown = errors.get(line)?.split_once("type '")?.1;
            let end = shown.find(" not compatible")?;
            // The second of "'size_t *' (aka 'unsigned long *')" is the one without typedefs; the
            // first is the one of the header.
            let ty = shown.get(..end)?.split("' (aka").next()?.trim_end_matches('\'');
            Some(ty.replacen("(*)", "", 1).trim_end_matches('*').trim_end().replace("  ", " "))
        })
        .collect())
}

/// Writes types as C.
struct Spell<'a> {
    declarations: &'a Declarations,
    spellings: &'a Spellings,
    /// Whether to write `const`.
    constant: bool,
}

impl Spell<'_> {
    /// Returns a type as C writes it; `None` for what has no spelling, or is not known.
    fn ty(&self, ty: &Ty) -> Option<String> {
        Some(match ty {
            Ty::Void => "void".to_owned(),
            Ty::Bool => "_Bool".to_owned(),
            Ty::Scalar(scalar) => c_scalar(scalar.name, scalar.size, scalar.kind).to_owned(),
            Ty::Pointer { to, constant: true } if self.constant => format!("__typeof__(const {} *)", self.ty(to)?),
            Ty::Pointer { to, .. } => format!("__typeof__({} *)", self.ty(to)?),
            Ty::Function(function) => format!("__typeof__({} (*)({}))", self.ty(&function.result)?, self.params(function)?),
            Ty::Array(element, length) => format!("__typeof__({}[{length}])", self.ty(element)?),
            Ty::Named(name) => match self.declarations.find(name)? {
                // bindgen has one type for a function and for a pointer to it, whichever the
                // typedef names.
                TypeItem::Alias(alias) => match self.declarations.resolve(&alias.ty) {
                    function @ Ty::Function(_) => self.ty(function)?,
                    _ => alias.c_name.clone(),
                },
                _ => format!("__typeof__({})", self.spellings.get(name)?),
            },
            Ty::Unsupported(_) => return None,
        })
    }

    /// Returns the type of a variable, of which an array may have a length that C does not say.
    fn sized(&self, ty: &Ty) -> Option<String> {
        match ty {
            Ty::Array(element, 0) => Some(format!("__typeof__({}[])", self.ty(element)?)),
            ty => self.ty(ty),
        }
    }

    fn function(&self, function: &FnTy) -> Option<String> {
        Some(format!("__typeof__({} ({}))", self.ty(&function.result)?, self.params(function)?))
    }

    fn params(&self, function: &FnTy) -> Option<String> {
        if function.params.is_empty() {
            // What bindgen mixes up is known as a function of which nothing is known.
            return (!function.variadic).then(|| "void".to_owned());
        }
        let mut params: Vec<String> = function.params.iter().map(|(_, ty)| self.ty(ty)).collect::<Option<_>>()?;
        if function.variadic {
            params.push("...".to_owned());
        }
        Some(params.join(", "))
    }

    /// Returns arguments for a call, of which those whose type is not known are null pointers.
    fn call(&self, function: &FnTy) -> Option<String> {
        if function.params.is_empty() {
            return None;
        }
        let argument = |ty: &Ty| match self.ty(ty) {
            Some(ty) => Some(format!("*({ty} *)0")),
            None if matches!(self.declarations.resolve(ty), Ty::Function(_) | Ty::Pointer { .. }) => Some("(void *)0".to_owned()),
            None => None,
        };
        Some(function.params.iter().map(|(_, ty)| argument(ty)).collect::<Option<Vec<_>>>()?.join(", "))
    }
}

/// Returns the C type that has a scalar's name in the bindings.
fn c_scalar(name: &str, size: u64, kind: ScalarKind) -> &'static str {
    match name {
        "c_char" => "char",
        "c_int" | "i32" => "int",
        "c_uint" | "u32" => "unsigned int",
        "c_long" | "isize" => "long",
        "c_ulong" | "usize" => "unsigned long",
        _ => match (kind, size) {
            (ScalarKind::Signed, 1) => "signed char",
            (ScalarKind::Unsigned, 1) => "unsigned char",
            (ScalarKind::Signed, 2) => "short",
            (ScalarKind::Unsigned, 2) => "unsigned short",
            (ScalarKind::Signed, _) => "long long",
            (ScalarKind::Unsigned, _) => "unsigned long long",
            (ScalarKind::Float, 4) => "float",
            (ScalarKind::Float, _) => "double",
        },
    }
}
