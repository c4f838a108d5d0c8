//! Unnamed members, as C code sees them.
//!
//! C has no name for an anonymous struct or union: its members belong to the struct around it. bindgen gives it a field
//! `__bindgen_anon_1` and a type of its own. Here the members of anonymous structs become fields of the outer struct, and
//! those of everything anonymous in a union become members of the union. An anonymous union in a struct stays one field,
//! since its members share their bytes; only its name becomes a readable one.

use std::collections::{HashMap, HashSet};

use crate::bindings::ir::{Declarations, Field, FieldKind, FnTy, Record, Ty, TypeItem};

/// Replaces the unnamed members of every record.
pub(crate) fn flatten(declarations: &mut Declarations) {
    for index in 0..declarations.types.len() {
        let Some(TypeItem::Record(record)) = declarations.types.get(index) else { continue };
        let (mut fields, mut problem) = (Vec::new(), record.problem.clone());
        for field in &record.fields {
            expand(declarations, record, record, Some(0), field, &mut fields, &mut problem);
        }
        let mut unions = 0;
        for field in fields.iter_mut().filter(|field| field.kind == FieldKind::Anonymous) {
            unions += 1;
            field.name = format!("anonymous_{unions}");
        }
        if let Some(TypeItem::Record(record)) = declarations.types.get_mut(index) {
            record.fields = fields;
            record.problem = problem;
        }
    }
    rename(declarations);
}

/// Adds a field of `parent`, or what stands for it, to the fields of `outer`. The parent begins at byte `start` of it, as far as
/// bindgen says: it places every field with a name, and the members of a union begin where the union does.
/// What is wrong with an unnamed member is wrong with what it becomes a part of.
fn expand(
    declarations: &Declarations,
    outer: &Record,
    parent: &Record,
    start: Option<u64>,
    field: &Field,
    fields: &mut Vec<Field>,
    problem: &mut Option<String>,
) {
    let inner = match &field.ty {
        Ty::Named(name) if field.unnamed() => match declarations.find(name) {
            Some(TypeItem::Record(inner)) => Some(inner),
            _ => None,
        },
        _ => None,
    };
    let within = if parent.union { Some(0) } else { field.offset };
    let offset = start.zip(within).map(|(start, within)| start + within);
    match inner {
        Some(inner) if outer.union || !inner.union => {
            *problem = problem.take().or_else(|| Some(format!("of an unnamed member, {}", inner.problem.as_ref()?)));
            for member in &inner.fields {
                expand(declarations, outer, inner, offset, member, fields, problem);
            }
        }
        Some(_) => fields.push(Field { kind: FieldKind::Anonymous, offset: None, ..field.clone() }),
        None => fields.push(Field { offset, ..field.clone() }),
    }
}

/// Names the types that have no name in C after what has them inside: a field (`outer_field`), a
/// typedef of a pointer or an array (`name_target`), a variable (`name_type`).
fn rename(declarations: &mut Declarations) {
    let mut taken: HashSet<String> = declarations.types.iter().map(|item| item.name().to_owned()).collect();
    let mut names: HashMap<String, String> = HashMap::new();
    let mut give = |ty: &Ty, mut name: String, names: &mut HashMap<String, String>| {
        if let Some(inner) = unnamed_type(declarations, ty)
            && !names.contains_key(&inner.name)
        {
            while !taken.insert(name.clone()) {
                name.push('_');
            }
            names.insert(inner.name.clone(), name);
        }
    };
    // What is behind a typedef of a pointer, or the type of a variable alone, is in no other type.
    for item in &declarations.types {
        if let TypeItem::Alias(alias) = item {
            give(&alias.ty, format!("{}_target", alias.name), &mut names);
        }
    }
    for variable in &declarations.variables {
        give(&variable.ty, format!("{}_type", variable.name), &mut names);
    }
    // An outer type comes before those inside of it, or else keeps bindgen's name for them.
    for item in &declarations.types {
        let TypeItem::Record(outer) = item else { continue };
        let outer_name = names.get(&outer.name).unwrap_or(&outer.name).clone();
        for field in &outer.fields {
            give(&field.ty, format!("{outer_name}_{}", field.name), &mut names);
        }
    }
    apply(declarations, &names);
}

/// The record without a name that a field holds, points to, or is an array of.
fn unnamed_type<'a>(declarations: &'a Declarations, ty: &Ty) -> Option<&'a Record> {
    match ty {
        Ty::Pointer { to: inner, .. } | Ty::Array(inner, _) => unnamed_type(declarations, inner),
        Ty::Named(name) => match declarations.find(name) {
            Some(TypeItem::Record(record)) if record.made_up => Some(record),
            _ => None,
        },
        _ => None,
    }
}

fn apply(declarations: &mut Declarations, names: &HashMap<String, String>) {
    let renamed = |ty: &mut Ty| {
        if let Ty::Named(name) = ty
            && let Some(new) = names.get(name)
        {
            name.clone_from(new);
        }
    };
    declarations.each_type(renamed);
    for item in &mut declarations.types {
        if let TypeItem::Record(record) = item
            && let Some(new) = names.get(&record.name)
        {
            record.name.clone_from(new);
        }
    }
    declarations.index_again();
}

impl Declarations {
    /// Calls `change` for every type that is mentioned anywhere, the inner ones first.
    pub(crate) fn each_type(&mut self, mut change: impl FnMut(&mut Ty)) {
        for item in &mut self.types {
            match item {
                TypeItem::Record(record) => record.fields.iter_mut().for_each(|field| visit(&mut field.ty, &mut change)),
                TypeItem::Alias(alias) => visit(&mut alias.ty, &mut change),
                TypeItem::Enum(_) => {}
            }
        }
        for function in &mut self.functions {
            visit_function(&mut function.ty, &mut change);
        }
        for variable in &mut self.variables {
            visit(&mut variable.ty, &mut change);
        }
    }
}

fn visit(ty: &mut Ty, change: &mut impl FnMut(&mut Ty)) {
    match ty {
        Ty::Pointer { to: inner, .. } | Ty::Array(inner, _) => visit(inner, change),
        Ty::Function(function) => visit_function(function, change),
        Ty::Void | Ty::Bool | Ty::Scalar(_) | Ty::Named(_) | Ty::Unsupported(_) => {}
    }
    change(ty);
}

fn visit_function(function: &mut FnTy, change: &mut impl FnMut(&mut Ty)) {
    function.params.iter_mut().for_each(|(_, ty)| visit(ty, change));
    visit(&mut function.result, change);
}
