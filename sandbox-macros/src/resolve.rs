//! Resolves the types of the input language.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use proc_macro2::{Ident, Span};
use syn::spanned::Spanned;
use syn::{Expr, GenericArgument, Lit, PathArguments};

use crate::ast::{FnType, Item, Scalar, Type, TypeKind};
use crate::diag::{Errors, Kind, Place};
use crate::names::{Name, unraw};

/// Where a type stands; decides which types may stand there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Position {
    Constant,
    Typedef,
    Pointee,
    /// A field of a struct, or an element of an array.
    Field,
    Param,
    Output,
    /// A parameter or result of a function pointer, which is not called here.
    Signature,
}

/// A type that the module declares.
enum Declared {
    Opaque,
    Struct,
    Union,
    Enum(Scalar),
    Typedef(Place, Box<syn::Type>),
}

/// How far a typedef has been resolved.
enum Progress {
    Started,
    Done(Option<Rc<Type>>),
}

/// The types of a module.
pub(crate) struct Types {
    declared: HashMap<String, Declared>,
    typedefs: HashMap<String, Progress>,
    /// Structs that are passed as nothing.
    empty: HashSet<String>,
}

impl Types {
    /// Collects the declarations. Of two with one name the first counts; the checks report the second.
    pub(crate) fn new(items: &[Item<syn::Type>]) -> Self {
        let mut declared = HashMap::new();
        for item in items {
            let (name, ty) = match item {
                Item::Opaque(opaque) => (&opaque.name, Declared::Opaque),
                Item::Struct(item) => (&item.name, if item.union { Declared::Union } else { Declared::Struct }),
                Item::Enum(enumeration) => (&enumeration.name, Declared::Enum(enumeration.repr)),
                Item::Alias(alias) => {
                    (&alias.name, Declared::Typedef(Place::new(Kind::Typedef, &alias.name.c), Box::new(alias.ty.clone())))
                }
                Item::Const(_) | Item::Function(_) | Item::Global(_) => continue,
            };
            declared.entry(name.key()).or_insert(ty);
        }
        Types { declared, typedefs: HashMap::new(), empty: empty_records(items) }
    }

    /// Resolves `ty`. `None` after an error, which is in `errors`.
    pub(crate) fn resolve(&mut self, ty: &syn::Type, position: Position, place: &Place, errors: &mut Errors) -> Option<Type> {
        let kind = match ty {
            // Invisible groups are left by `macro_rules`.
            syn::Type::Group(group) => return self.resolve(&group.elem, position, place, errors),
            syn::Type::Paren(paren) => return self.resolve(&paren.elem, position, place, errors),
            syn::Type::Ptr(pointer) => TypeKind::Pointer(Rc::new(self.resolve(&pointer.elem, Position::Pointee, place, errors)?)),
            syn::Type::Array(array) => {
                let length = array_length(&array.len, place, errors);
                let element = self.resolve(&array.elem, Position::Field, place, errors);
                TypeKind::Array(Rc::new(element?), length?)
            }
            syn::Type::BareFn(function) => TypeKind::Function(Rc::new(self.function(function, place, errors)?)),
            syn::Type::Path(path) => self.path(path, place, errors)?,
            syn::Type::Reference(reference) if position == Position::Constant && is_c_str(&reference.elem) => TypeKind::CStr,
            // How build-support writes a type that it has no word for.
            syn::Type::Macro(ty) if ty.mac.path.is_ident("compile_error") => {
                let why = ty.mac.parse_body::<syn::LitStr>().map_or_else(|_| "a type is not supported yet".to_owned(), |text| text.value());
                errors.on(ty, format_args!("{place}: {why}; {}", place.block()));
                return None;
            }
            _ => {
                let hint = match ty {
                    syn::Type::Reference(_) if position == Position::Constant => "; a string is a `&CStr`: `c\"…\"`",
                    syn::Type::Reference(_) => "; C has pointers: write `*const T` or `*mut T`",
                    syn::Type::Slice(_) => "; an array has a length: `[T; 4]`",
                    syn::Type::Never(_) => "; `!` stands only after the `->` of a C function",
                    _ => "",
                };
                errors.on(ty, format_args!("{place}: this is not a C type{hint}"));
                return None;
            }
        };
        let resolved = Type { span: ty.span(), kind };
        if let Some(problem) = misplaced(resolved.target(), position) {
            errors.on(ty, format_args!("{place}: {problem}, or {}", place.block()));
            return None;
        }
        Some(resolved)
    }

    /// Resolves a name: one that the module declares, or one of the language.
    fn path(&mut self, ty: &syn::TypePath, place: &Place, errors: &mut Errors) -> Option<TypeKind> {
        let segments = &ty.path.segments;
        let (Some(last), None) = (segments.last(), &ty.qself) else {
            errors.on(ty, format_args!("{place}: this is not a C type"));
            return None;
        };
        let bare = segments.iter().rev().skip(1).all(|segment| segment.arguments.is_none());
        match &last.arguments {
            PathArguments::None if bare => self.name(&last.ident, segments.len() > 1, place, errors),
            PathArguments::AngleBracketed(arguments) if bare && last.ident == "Option" => {
                let function = match arguments.args.first() {
                    Some(GenericArgument::Type(inner)) if arguments.args.len() == 1 => bare_function(inner),
                    _ => None,
                };
                let Some(function) = function else {
                    errors.on(ty, format_args!("{place}: only a function pointer is optional: `Option<unsafe extern \"C\" fn(…) -> …>`"));
                    return None;
                };
                Some(TypeKind::Function(Rc::new(self.function(function, place, errors)?)))
            }
            _ => {
                errors.on(ty, format_args!("{place}: C has no generic types; {}", place.block()));
                None
            }
        }
    }

    fn name(&mut self, ident: &Ident, qualified: bool, place: &Place, errors: &mut Errors) -> Option<TypeKind> {
        let text = unraw(ident);
        let builtin = builtin(&text);
        // `::std::os::raw::c_int` means C's type whatever the module declares; `c_int` alone means the module's if there is one.
        if qualified && let Some(kind) = builtin {
            return Some(kind);
        }
        let name = Name::new(ident);
        match self.declared.get(&name.key()) {
            Some(Declared::Opaque) => Some(TypeKind::Opaque(name.ident)),
            Some(Declared::Struct) => Some(TypeKind::Struct(name.ident)),
            Some(Declared::Union) => Some(TypeKind::Union(name.ident)),
            Some(Declared::Enum(repr)) => Some(TypeKind::Enum(name.ident, *repr)),
            Some(Declared::Typedef(..)) => {
                let target = self.typedef(&name.key(), ident.span(), errors)?;
                Some(TypeKind::Alias(name.ident, target))
            }
            None => builtin.or_else(|| {
                errors.on(ident, format_args!("{place}: {}", unknown(&text, place)));
                None
            }),
        }
    }

    /// Resolves a typedef by its key. Its own errors are reported once, whoever asks first.
    pub(crate) fn typedef(&mut self, key: &str, used_at: Span, errors: &mut Errors) -> Option<Rc<Type>> {
        let Some(Declared::Typedef(place, ty)) = self.declared.get(key) else { return None };
        match self.typedefs.get(key) {
            Some(Progress::Done(ty)) => return ty.clone(),
            Some(Progress::Started) => {
                errors.at(used_at, format_args!("{place} is defined by itself; give the type it stands for, or {}", place.block()));
                return None;
            }
            None => {}
        }
        let (place, ty) = (place.clone(), ty.clone());
        self.typedefs.insert(key.to_owned(), Progress::Started);
        let resolved = self.resolve(&ty, Position::Typedef, &place, errors).map(Rc::new);
        self.typedefs.insert(key.to_owned(), Progress::Done(resolved.clone()));
        resolved
    }

    /// Whether C passes nothing for a value of this type.
    fn is_empty(&self, ty: &Type) -> bool {
        matches!(&ty.target().kind, TypeKind::Struct(name) | TypeKind::Union(name) if self.empty.contains(&unraw(name)))
    }

    fn function(&mut self, function: &syn::TypeBareFn, place: &Place, errors: &mut Errors) -> Option<FnType> {
        let before = errors.len();
        let abi = function.abi.as_ref().map(|abi| abi.name.as_ref().is_none_or(|name| name.value() == "C"));
        if abi != Some(true) {
            errors.on(function, format_args!("{place}: a C function pointer is `Option<unsafe extern \"C\" fn(…) -> …>`"));
        }
        // The list behind the parameters is one more.
        let passed = function.inputs.len() + usize::from(function.variadic.is_some());
        if passed > MAX_PARAMS {
            errors.on(&function.inputs, format_args!("{place}: {}", too_many(passed, place)));
        }
        let mut params: Vec<_> =
            function.inputs.iter().filter_map(|input| self.resolve(&input.ty, Position::Signature, place, errors)).collect();
        params.retain(|ty| !self.is_empty(ty));
        let output = match &function.output {
            syn::ReturnType::Default => None,
            // The guest is not believed when it says that its function never returns.
            syn::ReturnType::Type(_, ty) if is_void(ty) || is_never(ty) => None,
            syn::ReturnType::Type(_, ty) => self.resolve(ty, Position::Signature, place, errors).filter(|ty| !self.is_empty(ty)),
        };
        (errors.len() == before).then_some(FnType { params, variadic: function.variadic.is_some(), output })
    }
}

/// The structs without fields, those whose fields are such structs, and their other names.
fn empty_records(items: &[Item<syn::Type>]) -> HashSet<String> {
    let mut empty = HashSet::new();
    fn holds_nothing(ty: &syn::Type, empty: &HashSet<String>) -> bool {
        match ty {
            syn::Type::Path(path) => path.path.segments.last().is_some_and(|last| empty.contains(&Name::new(&last.ident).key())),
            syn::Type::Array(array) => holds_nothing(&array.elem, empty),
            syn::Type::Group(group) => holds_nothing(&group.elem, empty),
            _ => false,
        }
    }
    loop {
        let before = empty.len();
        for item in items {
            let name = match item {
                Item::Struct(item) if item.fields.iter().all(|field| !field.flexible && holds_nothing(&field.ty, &empty)) => &item.name,
                Item::Alias(item) if holds_nothing(&item.ty, &empty) => &item.name,
                _ => continue,
            };
            empty.insert(name.key());
        }
        if empty.len() == before {
            return empty;
        }
    }
}

/// The number of parameters that the runtime has calls for.
pub(crate) const MAX_PARAMS: usize = 32;

pub(crate) fn too_many(count: usize, place: &Place) -> String {
    format!("{count} parameters are more than the {MAX_PARAMS} that are supported; {}, or call it from a shim", place.block())
}

pub(crate) fn is_void(ty: &syn::Type) -> bool {
    match ty {
        syn::Type::Tuple(tuple) => tuple.elems.is_empty(),
        syn::Type::Group(group) => is_void(&group.elem),
        syn::Type::Paren(paren) => is_void(&paren.elem),
        _ => false,
    }
}

pub(crate) fn is_never(ty: &syn::Type) -> bool {
    match ty {
        syn::Type::Never(_) => true,
        syn::Type::Group(group) => is_never(&group.elem),
        syn::Type::Paren(paren) => is_never(&paren.elem),
        _ => false,
    }
}

fn is_c_str(ty: &syn::Type) -> bool {
    match ty {
        syn::Type::Path(path) => path.qself.is_none() && path.path.segments.last().is_some_and(|last| last.ident == "CStr"),
        syn::Type::Group(group) => is_c_str(&group.elem),
        _ => false,
    }
}

fn bare_function(ty: &syn::Type) -> Option<&syn::TypeBareFn> {
    match ty {
        syn::Type::BareFn(function) => Some(function),
        syn::Type::Group(group) => bare_function(&group.elem),
        syn::Type::Paren(paren) => bare_function(&paren.elem),
        _ => None,
    }
}

fn builtin(name: &str) -> Option<TypeKind> {
    match name {
        "bool" => Some(TypeKind::Bool),
        "c_void" => Some(TypeKind::Void),
        _ => Scalar::of_name(name).map(TypeKind::Scalar),
    }
}

/// Says why a type may not stand where it does, and what to write instead.
fn misplaced(target: &Type, position: Position) -> Option<String> {
    use Position::{Constant, Field, Output, Param, Pointee, Signature, Typedef};
    let by_value = match position {
        Param | Signature => "a parameter",
        Output => "a result",
        _ => "a field",
    };
    match (&target.kind, position) {
        (TypeKind::CStr, Constant) => None,
        (TypeKind::CStr, _) => Some("`&CStr` is for constants; write `*const c_char`".into()),
        (TypeKind::Scalar(_) | TypeKind::Bool, _) => None,
        (_, Constant) => Some("a constant is a number, a `bool` or a `&CStr`; write one of these".into()),
        (_, Pointee | Typedef) => None,
        (TypeKind::Void, _) => Some("`c_void` has no values; use a pointer to it (a C function without a result has no `->`)".into()),
        (TypeKind::Opaque(_), Signature) => None,
        (TypeKind::Opaque(name), _) => {
            Some(format!("`{name}` is opaque, so its size is not known and {by_value} cannot hold it; use a pointer, declare its fields"))
        }
        (TypeKind::Array(..), Param | Output | Signature) => {
            Some(format!("an array is not supported as {by_value}; C passes a pointer, write `*mut T`"))
        }
        (_, Field | Param | Output | Signature) => None,
    }
}

fn array_length(len: &Expr, place: &Place, errors: &mut Errors) -> Option<u32> {
    let problem = match len {
        Expr::Group(group) => return array_length(&group.expr, place, errors),
        Expr::Lit(literal) => match &literal.lit {
            Lit::Int(number) if matches!(number.suffix(), "" | "usize") => match number.base10_parse::<u32>() {
                Ok(0) => "an array has elements; write a flexible array member as `[T]`, at the end of its struct".to_owned(),
                Ok(length) => return Some(length),
                Err(_) => "the array is too long for a 32-bit guest; write its real length".to_owned(),
            },
            _ => "the length of an array is a number; write it as one".to_owned(),
        },
        _ => "the length of an array must be a literal number here; write it as one".to_owned(),
    };
    errors.on(len, format_args!("{place}: {problem}, or {}", place.block()));
    None
}

fn unknown(name: &str, place: &Place) -> String {
    match name {
        "i128" | "u128" | "f16" | "f128" | "c_longdouble" => {
            format!("type `{name}` is not supported yet; {}, or use it inside of a shim", place.block())
        }
        "char" | "str" | "String" | "CStr" => format!("`{name}` is a Rust type and not a C type; C's `char` is `c_char`"),
        _ => format!(
            "type `{name}` is not declared in this module; declare it (`pub struct {name};` if only pointers to it are used), or {}",
            place.block()
        ),
    }
}
