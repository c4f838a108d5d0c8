//! Reads the tokens of an invocation.
//!
//! The tokens are cut into items, fields and parameters first, and each piece is parsed on its own: a mistake in one
//! hides none in the next.

use proc_macro2::{Ident, Span, TokenStream};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Token, Visibility};

use crate::ast::{Alias, Const, Enum, EnumConstant, Field, Function, Global, Item, Library, Opaque, Output, Param, Scalar, Struct};
use crate::attr::{self, Allowed, Attrs};
use crate::diag::{Errors, Kind, Place};
use crate::names::Name;
use crate::pieces::{Piece, pieces_of_items, pieces_of_list, too_deep};

type Unresolved = syn::Type;

const MODULE_FORM: &str = "`sandbox::library!` takes one module: `#[precompiled(unsafe(include_bytes!(…)))] pub mod name { … }`";

/// Reads the whole input. `None` when not even the module was found; its error is in `errors` then.
pub(crate) fn library(input: TokenStream, errors: &mut Errors) -> Option<Library<Unresolved>> {
    if too_deep(&input) {
        errors.on(input, "a declaration in here is nested too deeply; leave it out");
        return None;
    }
    let end = input.clone().into_iter().last().map_or(Span::call_site(), |last| last.span());
    let head = |input: ParseStream<'_>| {
        let attributes = Attribute::parse_outer(input)?;
        let vis: Visibility = input.parse()?;
        input.parse::<Token![mod]>()?;
        let name = name(input)?;
        let body = braced(input)?;
        let rest: TokenStream = input.parse()?;
        Ok((attributes, vis, name, body, rest))
    };
    let (attributes, vis, name, body, rest) = match head.parse2(input) {
        Ok(head) => head,
        Err(error) => {
            errors.push_in(MODULE_FORM, &at_end(error, end));
            return None;
        }
    };
    if !rest.is_empty() {
        errors.on(rest, "one module per `sandbox::library!`; write another invocation for the next one");
    }
    let attrs = attr::read(attributes, attr::MODULE, &format!("module `{}`", name.c), errors);
    if !attrs.has("precompiled") {
        errors.at(
            name.span(),
            format_args!(
                "module `{}` does not say where the compiled library is; write `#[precompiled(unsafe(include_bytes!(…)))]` before it \
                 (what `sandbox::include_library!` reads has it)",
                name.c
            ),
        );
    }

    let mut items = Vec::new();
    for piece in pieces_of_items(body, errors) {
        item(piece, &mut items, errors);
    }
    Some(Library { docs: attrs.docs, vis, name, precompiled: attrs.precompiled, metering: attrs.metering, lines: attrs.lines, items })
}

/// Reads one piece, which may be a whole `extern` block.
fn item(piece: Piece, items: &mut Vec<Item<Unresolved>>, errors: &mut Errors) {
    let end = piece.end;
    let read = |input: ParseStream<'_>| {
        let start = Start { attributes: Attribute::parse_outer(input)?, vis: input.parse()? };
        if input.peek(Token![const]) && !input.peek2(Token![fn]) && !input.peek2(Token![unsafe]) {
            constant(input, start, errors).map(|constant| items.push(Item::Const(constant)))
        } else if input.peek(Token![type]) {
            alias(input, start, errors).map(|alias| items.push(Item::Alias(alias)))
        } else if input.peek(Token![struct]) {
            input.parse::<Token![struct]>()?;
            record(input, Kind::Struct, start, errors).map(|structure| items.push(structure))
        } else if input.peek(Token![enum]) {
            enumeration(input, start, errors).map(|enumeration| items.push(Item::Enum(enumeration)))
        } else if input.peek(Token![union]) && input.peek2(Ident::peek_any) {
            input.parse::<Token![union]>()?;
            record(input, Kind::Union, start, errors).map(|union| items.push(union))
        } else if input.peek(Token![static]) {
            refuse(input, "a C variable is declared inside `extern \"C\" { … }`")
        } else if input.peek(Token![extern]) || (input.peek(Token![unsafe]) && input.peek2(Token![extern])) {
            extern_block(input, start, items, errors)
        } else if input.peek(Token![fn]) || input.peek2(Token![fn]) {
            refuse(input, "a C function is declared inside `extern \"C\" { … }`")
        } else {
            refuse(input, "expected a C declaration: `const`, `type`, `struct`, `union`, `enum` or `extern \"C\" { … }`")
        }
    };
    if let Err(error) = read.parse2(piece.tokens) {
        errors.push(at_end(error, end));
    }
}

/// What each item begins with.
struct Start {
    attributes: Vec<Attribute>,
    vis: Visibility,
}

impl Start {
    fn attrs(&mut self, allowed: Allowed, place: &Place, errors: &mut Errors) -> Attrs {
        attr::read(std::mem::take(&mut self.attributes), allowed, &place.to_string(), errors)
    }
}

fn constant(input: ParseStream<'_>, mut start: Start, errors: &mut Errors) -> syn::Result<Const<Unresolved>> {
    input.parse::<Token![const]>()?;
    let name = name(input)?;
    let place = Place::new(Kind::Constant, &name.c);
    let docs = start.attrs(attr::NONE, &place, errors).docs;
    inside(&place, || {
        input.parse::<Token![:]>()?;
        let ty = ty(input)?;
        input.parse::<Token![=]>()?;
        let value = input.parse()?;
        input.parse::<Token![;]>()?;
        Ok(Const { docs, vis: start.vis, name, ty, value })
    })
}

fn alias(input: ParseStream<'_>, mut start: Start, errors: &mut Errors) -> syn::Result<Alias<Unresolved>> {
    input.parse::<Token![type]>()?;
    let name = name(input)?;
    let place = Place::new(Kind::Typedef, &name.c);
    let docs = start.attrs(attr::NONE, &place, errors).docs;
    inside(&place, || {
        no_generics(input, &place)?;
        input.parse::<Token![=]>()?;
        let ty = ty(input)?;
        input.parse::<Token![;]>()?;
        Ok(Alias { docs, vis: start.vis, name, ty })
    })
}

/// Reads a struct or a union behind its keyword.
fn record(input: ParseStream<'_>, kind: Kind, mut start: Start, errors: &mut Errors) -> syn::Result<Item<Unresolved>> {
    let name = name(input)?;
    let place = Place::new(kind, &name.c);
    let attrs = start.attrs(attr::STRUCT, &place, errors);
    if let Some(repr) = attrs.repr
        && repr != "C"
    {
        errors.on(
            &repr,
            format_args!(
                "{place}: `repr({repr})` says nothing here; write where the fields are: `#[layout(size = …, align = …, explicit)]`, and \
                 `#[offset(…)]` on each field"
            ),
        );
    }
    inside(&place, || {
        no_generics(input, &place)?;
        if input.peek(Token![;]) {
            let token = input.parse::<Token![;]>()?;
            if attrs.layout.is_some() {
                errors.on(token, format_args!("{place}: an opaque type has no layout; remove `#[layout]`, or give its fields"));
            }
            return Ok(Item::Opaque(Opaque { docs: attrs.docs, vis: start.vis, name }));
        }
        if input.peek(syn::token::Paren) {
            return refuse(input, "a C struct has named fields: `pub struct name { … }`, or none that are known: `pub struct name;`");
        }
        let list = braced(input)?;
        if list.is_empty() && attrs.layout.is_none() {
            let step = place.block();
            errors.at(name.span(), format_args!("{place} has no fields; declare it opaque: `pub struct {};`, or {step}", name.c));
        }
        let mut fields = Vec::new();
        for piece in pieces_of_list(list) {
            let end = piece.end;
            let read = |input: ParseStream<'_>| field(input, &place, errors);
            match read.parse2(piece.tokens) {
                Ok(field) => fields.push(field),
                Err(error) => errors.push_in(&place, &at_end(error, end)),
            }
        }
        Ok(Item::Struct(Struct { docs: attrs.docs, vis: start.vis, name, union: kind == Kind::Union, layout: attrs.layout, fields }))
    })
}

fn field(input: ParseStream<'_>, place: &Place, errors: &mut Errors) -> syn::Result<Field<Unresolved>> {
    let attributes = Attribute::parse_outer(input)?;
    let vis = input.parse()?;
    let name = name(input)?;
    let place = place.part(format_args!("field `{}`", name.c));
    let attrs = attr::read(attributes, attr::FIELD, &place.to_string(), errors);
    const BITS: &str = "write the place of a bit-field as an attribute: `#[bits(offset = 3, width = 5)] name: c_uint`, in bits";
    if input.peek(Token![:]) && input.peek2(syn::LitInt) {
        return refuse(input, BITS);
    }
    input.parse::<Token![:]>()?;
    let ty = ty(input)?;
    if input.peek(Token![:]) {
        return refuse(input, BITS);
    }
    input.parse::<Token![,]>()?;
    let (ty, flexible) = element(ty);
    Ok(Field { docs: attrs.docs, vis, name, offset: attrs.offset, bits: attrs.bits, anonymous: attrs.anonymous, flexible, ty })
}

fn enumeration(input: ParseStream<'_>, mut start: Start, errors: &mut Errors) -> syn::Result<Enum> {
    let keyword = input.parse::<Token![enum]>()?;
    let name = name(input)?;
    let place = Place::new(Kind::Enum, &name.c);
    let attrs = start.attrs(attr::ENUM, &place, errors);
    let repr = match &attrs.repr {
        Some(repr) => Scalar::of_name(&repr.to_string()).filter(|scalar| scalar.range().is_some()),
        None => None,
    };
    if repr.is_none() {
        let span = attrs.repr.as_ref().map_or(keyword.span, Ident::span);
        errors.at(span, format_args!("{place}: the guest's integer type of the enum is needed, as in `#[repr(u32)]`"));
    }
    inside(&place, || {
        no_generics(input, &place)?;
        let mut constants = Vec::new();
        for piece in pieces_of_list(braced(input)?) {
            let end = piece.end;
            let read = |input: ParseStream<'_>| enum_constant(input, &place, errors);
            match read.parse2(piece.tokens) {
                Ok(constant) => constants.push(constant),
                Err(error) => errors.push_in(&place, &at_end(error, end)),
            }
        }
        let repr_span = attrs.repr.as_ref().map_or(name.span(), Ident::span);
        Ok(Enum { docs: attrs.docs, vis: start.vis, name, repr: repr.unwrap_or(Scalar::U32), repr_span, constants })
    })
}

fn enum_constant(input: ParseStream<'_>, place: &Place, errors: &mut Errors) -> syn::Result<EnumConstant> {
    let attributes = Attribute::parse_outer(input)?;
    let name = name(input)?;
    let place = place.part(format_args!("constant `{}`", name.c));
    let docs = attr::read(attributes, attr::NONE, &place.to_string(), errors).docs;
    if input.peek(syn::token::Paren) || input.peek(syn::token::Brace) {
        return refuse(input, "a C enum constant is a number and holds no fields");
    }
    let value = match input.parse::<Option<Token![=]>>()? {
        Some(_) => Some(input.parse()?),
        None => None,
    };
    input.parse::<Token![,]>()?;
    Ok(EnumConstant { docs, name, value, number: 0 })
}

fn extern_block(input: ParseStream<'_>, start: Start, items: &mut Vec<Item<Unresolved>>, errors: &mut Errors) -> syn::Result<()> {
    attr::read(start.attributes, attr::NONE, "extern block", errors);
    input.parse::<Option<Token![unsafe]>>()?;
    let abi: syn::Abi = input.parse()?;
    if let Some(name) = &abi.name
        && name.value() != "C"
    {
        errors.on(name, "a C library is called by the \"C\" ABI: write `extern \"C\" { … }`");
    }
    for piece in pieces_of_items(braced(input)?, errors) {
        let end = piece.end;
        let read = |input: ParseStream<'_>| foreign_item(input, errors);
        match read.parse2(piece.tokens) {
            Ok(item) => items.push(item),
            Err(error) => errors.push(at_end(error, end)),
        }
    }
    Ok(())
}

fn foreign_item(input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<Item<Unresolved>> {
    let mut start = Start { attributes: Attribute::parse_outer(input)?, vis: input.parse()? };
    if input.peek(Token![static]) {
        return variable(input, start, errors).map(Item::Global);
    }
    input.parse::<Option<Token![unsafe]>>()?;
    if !input.peek(Token![fn]) {
        return refuse(
            input,
            "expected a function, `pub fn name(parameter: type, …) -> type;`, or a variable, `pub static name: type;` (types are declared outside the `extern` block)",
        );
    }
    input.parse::<Token![fn]>()?;
    let name = name(input)?;
    let place = Place::new(Kind::Function, &name.c);
    let link_name = start.attrs(attr::FUNCTION, &place, errors);
    inside(&place, || {
        no_generics(input, &place)?;
        let list;
        syn::parenthesized!(list in input);
        let (mut params, mut variadic) = (Vec::new(), false);
        for piece in pieces_of_list(list.parse()?) {
            let end = piece.end;
            let read = |input: ParseStream<'_>| param(input, &place, errors);
            match read.parse2(piece.tokens) {
                Ok(_) if variadic => errors.at(end, format_args!("{place}: `...` stands behind the last parameter")),
                Ok(Some(param)) => params.push(param),
                Ok(None) => variadic = true,
                Err(error) => errors.push_in(&place, &at_end(error, end)),
            }
        }
        let output = match input.parse::<syn::ReturnType>()? {
            syn::ReturnType::Default => Output::Void,
            syn::ReturnType::Type(_, ty) => Output::Value(*ty),
        };
        if input.peek(syn::token::Brace) {
            return refuse(input, "the library has the body; write `;` here");
        }
        input.parse::<Token![;]>()?;
        Ok(Item::Function(Function {
            docs: link_name.docs,
            vis: start.vis,
            name,
            link_name: link_name.link_name,
            params,
            variadic,
            output,
        }))
    })
}

/// Reads a parameter; `None` for `...`.
fn param(input: ParseStream<'_>, place: &Place, errors: &mut Errors) -> syn::Result<Option<Param<Unresolved>>> {
    attr::read(Attribute::parse_outer(input)?, attr::NONE, &place.to_string(), errors);
    let name = if input.peek(Token![_]) {
        input.parse::<Token![_]>()?;
        input.parse::<Token![:]>()?;
        None
    } else if input.peek(Ident::peek_any) && input.peek2(Token![:]) && !input.peek2(Token![::]) {
        let name = name(input)?;
        input.parse::<Token![:]>()?;
        Some(name)
    } else {
        None
    };
    if input.peek(Token![...]) {
        input.parse::<Token![...]>()?;
        input.parse::<Option<Token![,]>>()?;
        return Ok(None);
    }
    let ty = ty(input)?;
    input.parse::<Token![,]>()?;
    Ok(Some(Param { name, ty }))
}

fn variable(input: ParseStream<'_>, mut start: Start, errors: &mut Errors) -> syn::Result<Global<Unresolved>> {
    input.parse::<Token![static]>()?;
    // C's `const` makes no difference: the guest can write all of its memory.
    input.parse::<Option<Token![mut]>>()?;
    let name = name(input)?;
    let place = Place::new(Kind::Variable, &name.c);
    let attrs = start.attrs(attr::VARIABLE, &place, errors);
    inside(&place, || {
        input.parse::<Token![:]>()?;
        let ty = ty(input)?;
        if input.peek(Token![=]) {
            return refuse(input, "the library has the value; write `;` here");
        }
        input.parse::<Token![;]>()?;
        let (ty, _) = element(ty);
        Ok(Global { docs: attrs.docs, vis: start.vis, name, link_name: attrs.link_name, ty })
    })
}

/// Takes the element of `[T]`, an array whose length C does not say.
fn element(ty: syn::Type) -> (syn::Type, bool) {
    match ty {
        syn::Type::Slice(slice) => (*slice.elem, true),
        other => (other, false),
    }
}

fn no_generics(input: ParseStream<'_>, place: &Place) -> syn::Result<()> {
    if input.peek(Token![<]) {
        let step = format!("C has no generics; {}", place.block());
        return refuse(input, &step);
    }
    Ok(())
}

/// Reads a C name: any identifier, keywords too, but not `_`.
fn name(input: ParseStream<'_>) -> syn::Result<Name> {
    if input.peek(Token![_]) {
        return Err(input.error("a C item needs a name; give it one"));
    }
    Ok(Name::new(&input.call(Ident::parse_any)?))
}

/// Reads a type, without syn's list of all that Rust would allow.
fn ty(input: ParseStream<'_>) -> syn::Result<syn::Type> {
    input.parse().map_err(|error: syn::Error| {
        if error.to_string().starts_with("expected one of: `for`") { syn::Error::new(error.span(), "expected a C type") } else { error }
    })
}

fn braced(input: ParseStream<'_>) -> syn::Result<TokenStream> {
    let body;
    syn::braced!(body in input);
    body.parse()
}

/// An error here; the rest of the piece is not looked at.
fn refuse<T>(input: ParseStream<'_>, message: &str) -> syn::Result<T> {
    Err(input.error(message))
}

/// Names `place` in the errors of `read`.
fn inside<T>(place: &Place, read: impl FnOnce() -> syn::Result<T>) -> syn::Result<T> {
    read().map_err(|error| {
        let message = error.to_string();
        let place = place.to_string();
        if message.starts_with(&place) { error } else { syn::Error::new(error.span(), format!("{place}: {message}")) }
    })
}

/// Moves an error about missing tokens, which syn puts on the whole invocation, to where they are missing.
fn at_end(error: syn::Error, end: Span) -> syn::Error {
    let message = error.to_string();
    if message.contains("unexpected end of input") { syn::Error::new(end, message) } else { error }
}
