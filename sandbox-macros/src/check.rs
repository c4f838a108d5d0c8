//! The rules of the input language.

use std::collections::{HashMap, HashSet};

use syn::spanned::Spanned;
use syn::{Expr, Lit, UnOp};

use crate::ast::{Alias, Bits, Const, Enum, Field, Function, Global, Item, Layout, Library, Output, Param, Scalar, Struct, Type, TypeKind};
use crate::diag::{Errors, Kind, Place};
use crate::names::Name;
use crate::resolve::{MAX_PARAMS, Position, Types, is_never, is_void, too_many};

/// Checks everything and resolves the types. `None` after an error.
pub(crate) fn library(library: Library<syn::Type>, errors: &mut Errors) -> Option<Library<Type>> {
    names_are_unique(&library.items, errors);

    let mut types = Types::new(&library.items);
    let mut items = Vec::new();
    for item in library.items {
        let checked = match item {
            Item::Const(item) => constant(item, &mut types, errors).map(Item::Const),
            Item::Alias(item) => alias(item, &mut types, errors).map(Item::Alias),
            Item::Opaque(item) => Some(Item::Opaque(item)),
            Item::Struct(item) => structure(item, &mut types, errors).map(Item::Struct),
            Item::Enum(item) => Some(Item::Enum(enumeration(item, errors))),
            Item::Function(item) => function(item, &mut types, errors).map(Item::Function),
            Item::Global(item) => global(item, &mut types, errors).map(Item::Global),
        };
        items.extend(checked);
    }
    no_struct_in_itself(&items, errors);
    (errors.len() == 0).then_some(Library {
        docs: library.docs,
        vis: library.vis,
        name: library.name,
        precompiled: library.precompiled,
        metering: library.metering,
        lines: library.lines,
        items,
    })
}

/// Types and values have a name space each, as in Rust; an enum is in both.
fn names_are_unique(items: &[Item<syn::Type>], errors: &mut Errors) {
    let mut types = Names::default();
    let mut values = Names::default();
    for item in items {
        match item {
            Item::Const(item) => values.add(Kind::Constant, &item.name, errors),
            Item::Function(item) => values.add(Kind::Function, &item.name, errors),
            Item::Global(item) => values.add(Kind::Variable, &item.name, errors),
            Item::Alias(item) => types.add(Kind::Typedef, &item.name, errors),
            Item::Opaque(item) => types.add(Kind::Struct, &item.name, errors),
            Item::Struct(item) => types.add(item.kind(), &item.name, errors),
            Item::Enum(item) => {
                types.add(Kind::Enum, &item.name, errors);
                values.add_only(Kind::Enum, &item.name, errors);
                for constant in &item.constants {
                    values.add(Kind::Constant, &constant.name, errors);
                }
            }
        }
    }
}

#[derive(Default)]
struct Names(HashMap<String, Place>);

impl Names {
    fn add(&mut self, kind: Kind, name: &Name, errors: &mut Errors) {
        if name.key() == "Library" {
            let place = Place::new(kind, &name.c);
            errors.at(
                name.span(),
                format_args!("{place} has the name of the module's marker type; {}, or reach it through a shim", place.block()),
            );
        } else {
            self.add_only(kind, name, errors);
        }
    }

    /// Leaves out the look at `Library`.
    fn add_only(&mut self, kind: Kind, name: &Name, errors: &mut Errors) {
        let place = Place::new(kind, &name.c);
        if let Some(first) = self.0.get(&name.key()) {
            errors.at(name.span(), format_args!("{place}: the name is taken by {first}; keep one of them, or {}", place.block()));
        } else {
            self.0.insert(name.key(), place);
        }
    }
}

fn constant(item: Const<syn::Type>, types: &mut Types, errors: &mut Errors) -> Option<Const<Type>> {
    let place = Place::new(Kind::Constant, &item.name.c);
    let ty = types.resolve(&item.ty, Position::Constant, &place, errors)?;
    if let Some(problem) = unfit(&item.value, &ty) {
        errors.on(&item.value, format_args!("{place}: {problem}"));
        return None;
    }
    Some(Const { docs: item.docs, vis: item.vis, name: item.name, ty, value: item.value })
}

/// Says why `value` is no constant of type `ty`.
fn unfit(value: &Expr, ty: &Type) -> Option<String> {
    let Some((negative, literal)) = literal(value) else {
        return Some("the value of a constant is a literal; write the number or the string".into());
    };
    match (&ty.target().kind, literal) {
        (TypeKind::CStr, Lit::CStr(_)) if !negative => None,
        (TypeKind::CStr, _) => Some("write a C string: `c\"…\"`".into()),
        (TypeKind::Bool, Lit::Bool(_)) if !negative => None,
        (TypeKind::Bool, _) => Some("write `true` or `false`".into()),
        (TypeKind::Scalar(scalar), Lit::Float(number)) if scalar.range().is_none() => suffix(number.suffix(), *scalar),
        (TypeKind::Scalar(scalar), Lit::Int(number)) if scalar.range().is_some() => {
            integer(value, *scalar).err().or_else(|| suffix(number.suffix(), *scalar))
        }
        (TypeKind::Scalar(scalar), _) if scalar.range().is_some() => Some("write an integer".into()),
        (TypeKind::Scalar(_), _) => Some("write a floating-point number, as in `1.0`".into()),
        _ => Some("a constant is a number, a `bool` or a `&CStr`".into()),
    }
}

fn suffix(suffix: &str, scalar: Scalar) -> Option<String> {
    let primitive = scalar.primitive();
    (!suffix.is_empty() && suffix != primitive)
        .then(|| format!("the suffix `{suffix}` is not the type's, which is `{primitive}` in this guest; remove it"))
}

/// The literal behind an optional minus sign.
fn literal(value: &Expr) -> Option<(bool, &Lit)> {
    match value {
        Expr::Group(group) => literal(&group.expr),
        Expr::Paren(paren) => literal(&paren.expr),
        Expr::Lit(lit) => Some((false, &lit.lit)),
        Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => match literal(&unary.expr)? {
            (false, lit @ (Lit::Int(_) | Lit::Float(_))) => Some((true, lit)),
            _ => None,
        },
        _ => None,
    }
}

/// The number that `value` writes down, if type `scalar` has it.
fn integer(value: &Expr, scalar: Scalar) -> Result<i128, String> {
    let Some((negative, Lit::Int(number))) = literal(value) else {
        return Err("write the value as an integer".into());
    };
    let number = number.base10_parse::<i128>().map_err(|_| "the number is too large for any C type".to_owned())?;
    in_range(if negative { -number } else { number }, scalar)
}

fn in_range(number: i128, scalar: Scalar) -> Result<i128, String> {
    match scalar.range() {
        Some((min, max)) if (min..=max).contains(&number) => Ok(number),
        _ => Err(format!("{number} does not fit `{}`, which the type is in this guest; correct one of them", scalar.primitive())),
    }
}

fn alias(item: Alias<syn::Type>, types: &mut Types, errors: &mut Errors) -> Option<Alias<Type>> {
    let ty = types.typedef(&item.name.key(), item.ty.span(), errors)?;
    Some(Alias { docs: item.docs, vis: item.vis, name: item.name, ty: Type::clone(&ty) })
}

fn structure(item: Struct<syn::Type>, types: &mut Types, errors: &mut Errors) -> Option<Struct<Type>> {
    let place = Place::new(item.kind(), &item.name.c);
    let explicit = item.explicit().is_some();
    let count = item.fields.len();
    let mut seen = HashSet::new();
    let mut fields = Vec::new();
    for (index, field) in item.fields.into_iter().enumerate() {
        let place = place.part(format_args!("field `{}`", field.name.c));
        if !seen.insert(field.name.key()) {
            errors.at(field.name.span(), format_args!("{place} is declared twice; keep one, or {}", place.block()));
        }
        if explicit && field.offset.is_none() && field.bits.is_none() {
            errors.at(
                field.name.span(),
                format_args!("{place}: with an explicit layout each field says where it is: `#[offset(…)]`, in bytes"),
            );
        }
        if field.flexible && !item.union && index + 1 < count {
            errors.at(
                field.name.span(),
                format_args!("{place}: only the last field can be a flexible array; an array has a length: `[T; 4]`"),
            );
        }
        let Some(ty) = types.resolve(&field.ty, Position::Field, &place, errors) else { continue };
        if field.anonymous && !matches!(ty.kind, TypeKind::Struct(_) | TypeKind::Union(_)) {
            errors.at(field.name.span(), format_args!("{place}: only a struct or a union can be anonymous"));
        }
        if let Some(bits) = &field.bits
            && let Some(problem) = misfit(bits, &ty, item.layout.as_ref().filter(|_| explicit))
        {
            errors.on(&bits.width, format_args!("{place}: {problem}"));
        }
        let Field { docs, vis, name, offset, bits, anonymous, flexible, .. } = field;
        fields.push(Field { docs, vis, name, offset, bits, anonymous, flexible, ty });
    }
    if let Some(layout) = &item.layout {
        sound_layout(layout, &place, errors);
    }
    if !item.union {
        bits_apart(&fields, &place, errors);
    }
    let Struct { docs, vis, name, union, layout, .. } = item;
    (fields.len() == count).then_some(Struct { docs, vis, name, union, layout, fields })
}

/// What the C compiler says of every type.
fn sound_layout(layout: &Layout, place: &Place, errors: &mut Errors) {
    let (size, align) = (number(&layout.size), number(&layout.align));
    if !align.is_power_of_two() {
        errors.on(&layout.align, format_args!("{place}: an alignment is a power of two, in bytes"));
    } else if size % align != 0 {
        errors.on(&layout.size, format_args!("{place}: a size is a multiple of the alignment"));
    }
}

/// Two bit-fields of a struct share no bit.
fn bits_apart(fields: &[Field<Type>], place: &Place, errors: &mut Errors) {
    let mut ranges: Vec<(u64, u64, &Field<Type>)> = fields
        .iter()
        .filter_map(|field| {
            let bits = field.bits.as_ref()?;
            let offset = number(&bits.offset);
            Some((offset, offset.saturating_add(number(&bits.width)), field))
        })
        .collect();
    ranges.sort_by_key(|(offset, ..)| *offset);
    for pair in ranges.windows(2) {
        if let [(_, end, first), (offset, _, second)] = pair
            && offset < end
        {
            let (first, second) = (&first.name, &second.name);
            errors
                .at(second.span(), format_args!("{place}: the bit-fields `{}` and `{}` overlap; correct their places", first.c, second.c));
        }
    }
}

/// A number of bytes or bits, which the parser has looked at.
fn number(literal: &syn::LitInt) -> u64 {
    literal.base10_parse().unwrap_or(u64::MAX)
}

/// Says why `bits` are no bit-field of type `ty` in a struct with that layout.
fn misfit(bits: &Bits, ty: &Type, explicit: Option<&Layout>) -> Option<String> {
    let Some(layout) = explicit else {
        return Some(
            "where a bit-field is does not follow from the fields; write `#[layout(size = …, align = …, explicit)]` on the struct".into(),
        );
    };
    let most = match &ty.target().kind {
        TypeKind::Bool => 8,
        TypeKind::Scalar(scalar) | TypeKind::Enum(_, scalar) if scalar.range().is_some() => scalar.bits(),
        _ => return Some("a bit-field is an integer, a `bool` or an enum".into()),
    };
    let (offset, width) = (number(&bits.offset), number(&bits.width));
    if !(1..=most).contains(&width) {
        return Some(format!("a bit-field of this type has 1 to {most} bits; correct the width"));
    }
    let end = offset.saturating_add(width).div_ceil(8);
    (end > number(&layout.size)).then(|| "it ends behind the struct; correct the place or the size".into())
}

fn global(item: Global<syn::Type>, types: &mut Types, errors: &mut Errors) -> Option<Global<Type>> {
    let place = Place::new(Kind::Variable, &item.name.c);
    let ty = types.resolve(&item.ty, Position::Pointee, &place, errors)?;
    Some(Global { docs: item.docs, vis: item.vis, name: item.name, link_name: item.link_name, ty })
}

fn enumeration(mut item: Enum, errors: &mut Errors) -> Enum {
    let place = Place::new(Kind::Enum, &item.name.c);
    let mut next = 0;
    for constant in &mut item.constants {
        let number = match &constant.value {
            Some(value) => integer(value, item.repr).and_then(|number| match literal(value) {
                Some((_, Lit::Int(int))) if !int.suffix().is_empty() && int.suffix() != item.repr.primitive() => {
                    Err("the suffix is not the enum's type; remove it".to_owned())
                }
                _ => Ok(number),
            }),
            None => in_range(next, item.repr),
        };
        match number {
            Ok(number) => {
                constant.number = number;
                next = number + 1;
            }
            Err(problem) => {
                let place = place.part(format_args!("constant `{}`", constant.name.c));
                let span = constant.value.as_ref().map_or(constant.name.span(), Spanned::span);
                errors.at(span, format_args!("{place}: {problem}, or {}", place.block()));
                next = 0;
            }
        }
    }
    item
}

fn function(item: Function<syn::Type>, types: &mut Types, errors: &mut Errors) -> Option<Function<Type>> {
    let place = Place::new(Kind::Function, &item.name.c);
    let count = item.params.len();
    // The list behind the parameters is one more.
    let passed = count + usize::from(item.variadic);
    if passed > MAX_PARAMS {
        errors.at(item.name.span(), format_args!("{place}: {}", too_many(passed, &place)));
    }
    let mut params = Vec::new();
    for (index, param) in item.params.into_iter().enumerate() {
        let place = match &param.name {
            Some(name) => place.part(format_args!("parameter `{}`", name.c)),
            None => place.part(format_args!("parameter {}", index + 1)),
        };
        if let Some(ty) = types.resolve(&param.ty, Position::Param, &place, errors) {
            params.push(Param { name: param.name, ty });
        }
    }
    let output = match item.output {
        Output::Void => Output::Void,
        Output::Value(ty) if is_void(&ty) => Output::Void,
        Output::Value(ty) if is_never(&ty) => Output::Never,
        Output::Value(ty) => Output::Value(types.resolve(&ty, Position::Output, &place.part("result"), errors)?),
        Output::Never => Output::Never,
    };
    (params.len() == count).then_some(Function {
        docs: item.docs,
        vis: item.vis,
        name: item.name,
        link_name: item.link_name,
        params,
        variadic: item.variadic,
        output,
    })
}

/// A struct that holds itself has no size.
fn no_struct_in_itself(items: &[Item<Type>], errors: &mut Errors) {
    let structs: HashMap<String, &Struct<Type>> = items
        .iter()
        .filter_map(|item| match item {
            Item::Struct(structure) => Some((structure.name.key(), structure)),
            _ => None,
        })
        .collect();
    let mut finished = HashSet::new();
    for item in items {
        if let Item::Struct(structure) = item {
            visit(structure, &structs, &mut Vec::new(), &mut finished, errors);
        }
    }
}

/// Follows fields by value; `path` is the way here.
fn visit(
    structure: &Struct<Type>,
    structs: &HashMap<String, &Struct<Type>>,
    path: &mut Vec<String>,
    finished: &mut HashSet<String>,
    errors: &mut Errors,
) {
    let key = structure.name.key();
    if finished.contains(&key) {
        return;
    }
    path.push(key.clone());
    for field in &structure.fields {
        let Some(inner) = held(&field.ty).and_then(|name| structs.get(&name)) else { continue };
        if path.contains(&inner.name.key()) {
            let place = Place::new(structure.kind(), &structure.name.c).part(format_args!("field `{}`", field.name.c));
            errors.at(
                field.ty.span,
                format_args!("{place}: `{}` would hold itself; hold a pointer, as C has to, or {}", inner.name.c, place.block()),
            );
        } else {
            visit(inner, structs, path, finished, errors);
        }
    }
    path.pop();
    finished.insert(key);
}

/// The struct that a field holds by value.
fn held(ty: &Type) -> Option<String> {
    match &ty.target().kind {
        TypeKind::Struct(name) | TypeKind::Union(name) => Some(crate::names::unraw(name)),
        TypeKind::Array(element, _) => held(element),
        _ => None,
    }
}
