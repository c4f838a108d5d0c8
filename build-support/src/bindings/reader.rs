//! Reads bindgen's output back into declarations.

use std::collections::HashMap;

use quote::ToTokens;
use syn::{Expr, Fields, ForeignItem, GenericArgument, ImplItem, Item, Lit, PathArguments, ReturnType, Type, UnOp};

use crate::bindings::flatten::flatten;
use crate::bindings::ir::{
    Alias, Const, Declarations, Enum, Field, FieldKind, FnTy, Function, Record, Scalar, Ty, TypeItem, Value, Variable, Variant, made_up,
};
use crate::bindings::lost::LossyUnion;
use crate::bindings::read::Notes;

/// Sizes, alignments and offsets, by the texts of bindgen's layout assertions.
type Layouts = HashMap<String, u64>;

/// Builds the declarations from bindgen's output and what it told besides.
pub(crate) fn declarations(file: &syn::File, notes: Notes, lossy: &[LossyUnion], tags: HashMap<String, String>) -> Declarations {
    let mut layouts = Layouts::new();
    let mut variants: HashMap<String, Vec<Variant>> = HashMap::new();
    let mut bit_fields: HashMap<String, Vec<BitField>> = HashMap::new();
    for item in &file.items {
        match item {
            Item::Const(item) if item.ident == "_" => read_layouts(&item.expr, &mut layouts),
            Item::Impl(item) if item.trait_.is_none() => {
                let constants = item.items.iter().filter_map(|item| match item {
                    ImplItem::Const(item) => {
                        let name = c_name(&item.ident.to_string(), &notes);
                        Some(Variant { name, doc: doc(&item.attrs), value: enum_value(&item.expr)? })
                    }
                    _ => None,
                });
                let name = item.self_ty.to_token_stream().to_string();
                variants.entry(name.clone()).or_default().extend(constants);
                bit_fields.entry(name).or_default().extend(item.items.iter().filter_map(bit_field));
            }
            _ => {}
        }
    }
    let mut found = Declarations::default();
    let mut anonymous: HashMap<String, Scalar> = HashMap::new();
    for item in &file.items {
        match item {
            Item::Struct(item) => {
                let name = item.ident.to_string();
                if name.starts_with("__Bindgen") || name == "__IncompleteArrayField" {
                    continue;
                }
                if let Some(repr) = enum_repr(item) {
                    if made_up(&name) {
                        anonymous.insert(name, repr);
                    } else {
                        let variants = variants.remove(&name).unwrap_or_default();
                        let doc = doc(&item.attrs);
                        found.push_type(TypeItem::Enum(Enum { name, doc, repr, variants }));
                    }
                } else {
                    let fields = match &item.fields {
                        Fields::Named(fields) => fields.named.iter().collect(),
                        _ => Vec::new(),
                    };
                    let bits = bit_fields.remove(&name).unwrap_or_default();
                    found.push_type(TypeItem::Record(record(name, &item.attrs, &fields, &bits, &layouts, &notes)));
                }
            }
            Item::Union(item) => {
                let name = item.ident.to_string();
                let fields: Vec<_> = item.fields.named.iter().collect();
                let bits = bit_fields.remove(&name).unwrap_or_default();
                let record = record(name, &item.attrs, &fields, &bits, &layouts, &notes);
                let problem = record.problem.clone().or_else(|| Some(lossy.iter().find(|union| union.is(&record))?.problem()));
                found.push_type(TypeItem::Record(Record { union: true, problem, ..record }));
            }
            Item::Type(item) => {
                let name = c_name(&item.ident.to_string(), &notes);
                let plain = name.strip_suffix('_').filter(|plain| !notes.names.contains(&name) && notes.names.contains(*plain));
                let c_name = plain.unwrap_or(&name).to_owned();
                found.push_type(TypeItem::Alias(Alias { name, c_name, doc: doc(&item.attrs), ty: ty(&item.ty) }));
            }
            Item::Use(item) => found.types_of_use(&item.tree),
            Item::Const(item) if item.ident != "_" => {
                let name = c_name(&item.ident.to_string(), &notes);
                match &*item.expr {
                    // An enumerator of an unnamed enum.
                    Expr::Call(_) => {
                        if let Some(number) = enum_value(&item.expr) {
                            found.consts.push(Const { name, doc: doc(&item.attrs), value: Value::Int(number, "c_int") });
                        }
                    }
                    // A `const` variable, whose value bindgen knows.
                    expr => {
                        let ty = match expr {
                            Expr::Lit(literal) if matches!(literal.lit, Lit::CStr(_)) => text_variable(&literal.lit),
                            _ => ty(&item.ty),
                        };
                        found.const_variables.push(name.clone());
                        found.variables.push(Variable { link_name: None, doc: doc(&item.attrs), ty, name, problem: None });
                    }
                }
            }
            Item::ForeignMod(item) => {
                for item in &item.items {
                    match item {
                        ForeignItem::Fn(item) => found.functions.push(function(item, &notes)),
                        ForeignItem::Static(item) => {
                            let name = c_name(&item.ident.to_string(), &notes);
                            let link_name = link_name(&item.attrs).filter(|link| *link != name);
                            found.variables.push(Variable { link_name, doc: doc(&item.attrs), ty: ty(&item.ty), name, problem: None });
                        }
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
    // An unnamed enum has no name to bind: its fields and constants get its integer type.
    found.each_type(|ty| {
        if let Ty::Named(name) = ty
            && let Some(scalar) = anonymous.get(name)
        {
            *ty = Ty::Scalar(*scalar);
        }
    });
    flatten(&mut found);
    found.files = notes.files;
    found.tags = tags;
    found
}

impl Declarations {
    /// `pub use self::tag as name;` is how bindgen writes a typedef of an enum.
    fn types_of_use(&mut self, tree: &syn::UseTree) {
        match tree {
            syn::UseTree::Path(path) => self.types_of_use(&path.tree),
            syn::UseTree::Rename(rename) => {
                let ty = Ty::Named(rename.ident.to_string());
                let name = rename.rename.to_string();
                self.push_type(TypeItem::Alias(Alias { c_name: name.clone(), name, doc: None, ty }));
            }
            _ => {}
        }
    }
}

/// Takes back the `_` that bindgen appends to a keyword.
fn c_name(name: &str, notes: &Notes) -> String {
    match name.strip_suffix('_') {
        Some(plain) if syn::parse_str::<syn::Ident>(plain).is_err() && notes.names.contains(plain) => plain.to_owned(),
        _ => name.to_owned(),
    }
}

fn record(name: String, attrs: &[syn::Attribute], fields: &[&syn::Field], bits: &[BitField], layouts: &Layouts, notes: &Notes) -> Record {
    let mut record = Record {
        c_name: notes.records.get(&name).cloned().flatten(),
        doc: doc(attrs),
        size: layouts.get(&format!("Size of {name}")).copied(),
        align: layouts.get(&format!("Alignment of {name}")).copied(),
        made_up: made_up(&name),
        ..Record::default()
    };
    let c = |rust: &str| {
        let plain = rust.strip_suffix('_').unwrap_or(rust);
        let known = |field: &str| notes.fields.contains(&(name.clone(), field.to_owned()));
        if known(rust) || !known(plain) { rust.to_owned() } else { plain.to_owned() }
    };
    for field in fields {
        let rust = field.ident.as_ref().map(ToString::to_string).unwrap_or_default();
        // A struct that is only declared, and one that is declared inside another.
        if fields.len() == 1 && (rust == "_unused" || rust == "_address" && record.size.is_none()) {
            record.incomplete = true;
        } else if rust.starts_with("_bitfield_") {
            record.fields.extend(bits.iter().filter(|bits| bits.unit == rust).map(|bits| Field {
                name: c(&bits.name),
                doc: bits.doc.clone(),
                ty: bits.ty.clone(),
                kind: FieldKind::BitField,
                offset: None,
                bits: None,
            }));
        } else if rust.starts_with("_bindgen_opaque_blob") {
            record.problem = Some("bindgen does not understand its fields".to_owned());
        } else if !rust.starts_with("__bindgen_padding_") && rust != "_bindgen_align" {
            let (ty, kind) = field_ty(&field.ty);
            let offset = layouts.get(&format!("Offset of field: {name}::{rust}")).copied();
            record.fields.push(Field { doc: doc(&field.attrs), ty, kind, offset, bits: None, name: c(&rust) });
        }
    }
    if record.size.is_none() && !record.incomplete {
        record.problem.get_or_insert_with(|| "bindgen does not know its layout".to_owned());
    }
    record.name = name;
    record
}

/// What bindgen wraps the type of a field in: a flexible array, or what a union must not drop.
fn field_ty(syntax: &Type) -> (Ty, FieldKind) {
    if let Type::Path(path) = syntax
        && let Some(last) = path.path.segments.last()
        && let PathArguments::AngleBracketed(arguments) = &last.arguments
        && let Some(GenericArgument::Type(inner)) = arguments.args.first()
    {
        match last.ident.to_string().as_str() {
            "__IncompleteArrayField" => return (ty(inner), FieldKind::Flexible),
            "ManuallyDrop" => return field_ty(inner),
            _ => {}
        }
    }
    (ty(syntax), FieldKind::Plain)
}

/// A bit-field, by the method with which bindgen reads it.
struct BitField {
    /// The field of bindgen's that holds it.
    unit: String,
    name: String,
    doc: Option<String>,
    ty: Ty,
}

/// Reads `fn low(&self) -> c_uint { … self._bitfield_1.get_const::<0usize, 3u8>() … }`.
fn bit_field(item: &ImplItem) -> Option<BitField> {
    let ImplItem::Fn(method) = item else { return None };
    let ReturnType::Type(_, output) = &method.sig.output else { return None };
    if method.sig.receiver().is_none_or(|receiver| receiver.mutability.is_some()) {
        return None;
    }
    let body = method.block.to_token_stream().to_string();
    let unit = body.split_whitespace().find(|token| token.starts_with("_bitfield_"))?.to_owned();
    Some(BitField { unit, name: method.sig.ident.to_string(), doc: doc(&method.attrs), ty: ty(output) })
}

/// A `#[repr(transparent)]` tuple struct of one integer is bindgen's form of an enum.
fn enum_repr(item: &syn::ItemStruct) -> Option<Scalar> {
    let transparent =
        item.attrs.iter().any(|attr| attr.path().is_ident("repr") && attr.to_token_stream().to_string().contains("transparent"));
    match &item.fields {
        Fields::Unnamed(fields) if transparent => match ty(&fields.unnamed.first()?.ty) {
            Ty::Scalar(scalar) => Some(scalar),
            // C23's `enum e : bool`.
            Ty::Bool => Scalar::of_name("u8"),
            _ => None,
        },
        _ => None,
    }
}

fn function(item: &syn::ForeignItemFn, notes: &Notes) -> Function {
    let name = c_name(&item.sig.ident.to_string(), notes);
    let params = item
        .sig
        .inputs
        .iter()
        .filter_map(|input| match input {
            syn::FnArg::Typed(param) => {
                let name = param.pat.to_token_stream().to_string();
                Some((given(name), ty(&param.ty)))
            }
            syn::FnArg::Receiver(_) => None,
        })
        .collect();
    let (mut result, noreturn) = result(&item.sig.output);
    forget_function(&mut result);
    Function {
        link_name: link_name(&item.attrs).filter(|link| *link != name),
        doc: doc(&item.attrs),
        ty: FnTy { params, result, noreturn, variadic: item.sig.variadic.is_some() },
        name,
        problem: None,
    }
}

fn link_name(attrs: &[syn::Attribute]) -> Option<String> {
    attrs.iter().find_map(|attr| match &attr.meta {
        syn::Meta::NameValue(pair) if pair.path.is_ident("link_name") => match &pair.value {
            // The leading 1 tells LLVM not to decorate the symbol.
            Expr::Lit(literal) => match &literal.lit {
                Lit::Str(text) => Some(text.value().trim_start_matches('\u{1}').to_owned()),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    })
}

/// Drops the name that bindgen gives to a parameter without one: `arg1`.
fn given(name: String) -> Option<String> {
    let numbered = name.strip_prefix("arg").is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit()));
    (!numbered && name != "_").then_some(name)
}

fn result(output: &ReturnType) -> (Ty, bool) {
    match output {
        ReturnType::Default => (Ty::Void, false),
        ReturnType::Type(_, result) if matches!(**result, Type::Never(_)) => (Ty::Void, true),
        ReturnType::Type(_, result) => (ty(result), false),
    }
}

/// Reads a type of bindgen's output.
fn ty(syntax: &Type) -> Ty {
    match syntax {
        Type::Paren(inner) => ty(&inner.elem),
        Type::Group(inner) => ty(&inner.elem),
        Type::Tuple(tuple) if tuple.elems.is_empty() => Ty::Void,
        Type::Ptr(pointer) => Ty::Pointer { to: Box::new(ty(&pointer.elem)), constant: pointer.const_token.is_some() },
        Type::Array(array) => match int(&array.len).and_then(|length| u64::try_from(length).ok()) {
            Some(length) => Ty::Array(Box::new(ty(&array.elem)), length),
            None => Ty::Unsupported("an array of unknown length".to_owned()),
        },
        Type::BareFn(function) => {
            let params = function
                .inputs
                .iter()
                .map(|input| (input.name.as_ref().and_then(|(name, _)| given(name.to_string())), ty(&input.ty)))
                .collect();
            let (mut result, noreturn) = result(&function.output);
            if forget_function(&mut result) {
                return unknown_function();
            }
            Ty::Function(Box::new(FnTy { params, result, noreturn, variadic: function.variadic.is_some() }))
        }
        Type::Path(path) => match path.path.segments.last() {
            Some(last) => named(last),
            None => Ty::Unsupported("a type without a name".to_owned()),
        },
        other => Ty::Unsupported(format!("`{}`", other.to_token_stream())),
    }
}

/// `fn(...)`: bindgen mixes up the parameters of a function pointer that returns a function pointer, unless that one has a typedef
/// (rust-bindgen issue 2713). Rather no signature than a wrong one.
fn unknown_function() -> Ty {
    Ty::Function(Box::new(FnTy { params: Vec::new(), result: Ty::Void, noreturn: false, variadic: true }))
}

/// Does so for a result that is a pointer to a function, or to such a pointer. Says whether it is
/// one.
fn forget_function(result: &mut Ty) -> bool {
    match result {
        Ty::Pointer { to, .. } => forget_function(to),
        Ty::Function(_) => {
            *result = unknown_function();
            true
        }
        _ => false,
    }
}

fn named(segment: &syn::PathSegment) -> Ty {
    let name = segment.ident.to_string();
    match name.as_str() {
        // Without arguments it is a type of the library's that has this name.
        "Option" if !segment.arguments.is_none() => match &segment.arguments {
            PathArguments::AngleBracketed(arguments) => match arguments.args.first() {
                Some(GenericArgument::Type(inner)) => ty(inner),
                _ => Ty::Unsupported("a function pointer that cannot be read".to_owned()),
            },
            _ => Ty::Unsupported("a function pointer that cannot be read".to_owned()),
        },
        "c_void" => Ty::Void,
        "bool" => Ty::Bool,
        "u128" => Ty::Unsupported("`long double` or `unsigned __int128`".to_owned()),
        "i128" => Ty::Unsupported("`__int128`".to_owned()),
        "__BindgenComplex" => Ty::Unsupported("a `_Complex` number".to_owned()),
        "__BindgenFloat16" => Ty::Unsupported("`_Float16`".to_owned()),
        "__BindgenLongDouble" => Ty::Unsupported("`long double`".to_owned()),
        _ => Scalar::of_name(&name).map_or(Ty::Named(name), Ty::Scalar),
    }
}

/// Reads `["Size of x"][::std::mem::size_of::<x>() - 4usize];` and its like.
fn read_layouts(expr: &Expr, layouts: &mut Layouts) {
    let Expr::Block(block) = expr else { return };
    for statement in &block.block.stmts {
        let syn::Stmt::Expr(Expr::Index(index), _) = statement else { continue };
        let (Expr::Array(texts), Expr::Binary(difference)) = (&*index.expr, &*index.index) else { continue };
        let Some(Expr::Lit(text)) = texts.elems.first() else { continue };
        if let (Lit::Str(text), Some(number)) = (&text.lit, int(&difference.right))
            && let Ok(number) = u64::try_from(number)
        {
            layouts.insert(text.value(), number);
        }
    }
}

fn int(expr: &Expr) -> Option<i128> {
    match expr {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Int(number) => number.base10_parse().ok(),
            _ => None,
        },
        Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => Some(-int(&unary.expr)?),
        Expr::Paren(paren) => int(&paren.expr),
        Expr::Group(group) => int(&group.expr),
        _ => None,
    }
}

/// Reads `color(3)`, or `toggle(true)`.
fn enum_value(expr: &Expr) -> Option<i128> {
    match expr {
        Expr::Call(call) => enum_value(call.args.first()?),
        Expr::Lit(literal) if let Lit::Bool(value) = &literal.lit => Some(value.value.into()),
        other => int(other),
    }
}

/// The type of a `const` variable that bindgen shows as a string: an array, or else a pointer,
/// which the compiler decides.
fn text_variable(literal: &Lit) -> Ty {
    let length = match literal {
        Lit::CStr(text) => text.value().as_bytes_with_nul().len(),
        _ => 0,
    };
    Scalar::of_name("c_char").map_or(Ty::Void, |char| Ty::Array(Box::new(Ty::Scalar(char)), length as u64))
}

/// Keeps a short C comment; a long one belongs to the library's own manual.
fn doc(attrs: &[syn::Attribute]) -> Option<String> {
    let lines: Vec<String> = attrs
        .iter()
        .filter_map(|attr| match &attr.meta {
            syn::Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
                Expr::Lit(literal) => match &literal.lit {
                    // Doxygen's `<` says that a comment is about what comes before it.
                    Lit::Str(text) => Some(text.value().trim_start().trim_start_matches('<').to_owned()),
                    _ => None,
                },
                _ => None,
            },
            _ => None,
        })
        .collect();
    let text = lines.join("\n");
    let text = text.trim();
    let short = text.lines().count() <= 12 && text.len() <= 800;
    (!text.is_empty() && short).then(|| text.to_owned())
}
