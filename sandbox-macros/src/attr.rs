//! The attributes of the input language.

use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, ExprLit, Ident, Lit, LitInt, LitStr, Meta, Token, parse_quote};

use crate::ast::{Bits, Docs, Layout, Metering, Precompiled};
use crate::diag::Errors;

/// What the attributes of one item said.
#[derive(Default)]
pub(crate) struct Attrs {
    pub(crate) docs: Docs,
    pub(crate) precompiled: Option<Precompiled>,
    pub(crate) metering: Option<Metering>,
    pub(crate) lines: Option<Expr>,
    pub(crate) layout: Option<Layout>,
    pub(crate) offset: Option<LitInt>,
    pub(crate) bits: Option<Bits>,
    pub(crate) anonymous: bool,
    pub(crate) repr: Option<Ident>,
    pub(crate) link_name: Option<LitStr>,
    /// The names of those that were there, good or bad.
    seen: Vec<String>,
}

/// The attributes that make sense at one place, besides docs.
pub(crate) type Allowed = &'static [&'static str];

pub(crate) const MODULE: Allowed = &["precompiled", "metering", "lines"];
pub(crate) const STRUCT: Allowed = &["layout", "repr"];
pub(crate) const FIELD: Allowed = &["offset", "bits", "anonymous"];
pub(crate) const ENUM: Allowed = &["repr"];
pub(crate) const FUNCTION: Allowed = &["link_name"];
pub(crate) const VARIABLE: Allowed = &["link_name"];
pub(crate) const NONE: Allowed = &[];

/// Reads the attributes of `what`, of which only `allowed` ones may occur.
pub(crate) fn read(attributes: Vec<Attribute>, allowed: Allowed, what: &str, errors: &mut Errors) -> Attrs {
    let mut attrs = Attrs::default();
    for attribute in attributes {
        let path = attribute.path();
        let name = path.get_ident().map(ToString::to_string).unwrap_or_default();
        if name == "doc"
            && let Meta::NameValue(doc) = &attribute.meta
        {
            let text = &doc.value;
            attrs.docs.push(quote::quote!(#text));
            continue;
        }
        if !allowed.contains(&name.as_str()) {
            let known = allowed.iter().map(|known| format!(", `#[{known}]`")).collect::<String>();
            errors.on(path, format_args!("{what}: this attribute means nothing here; remove it (understood are docs{known})"));
            continue;
        }
        if attrs.has(&name) {
            errors.on(path, format_args!("{what}: `#[{name}]` is given twice; remove one"));
            continue;
        }
        if let Err(error) = attrs.set(&name, &attribute) {
            errors.push_in(what, &error);
        }
        attrs.seen.push(name);
    }
    attrs
}

impl Attrs {
    /// Tells whether an attribute was written, be it with mistakes.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.seen.iter().any(|seen| seen == name)
    }

    fn set(&mut self, name: &str, attribute: &Attribute) -> syn::Result<()> {
        match name {
            "precompiled" => self.precompiled = Some(precompiled(attribute)?),
            "metering" => self.metering = Some(attribute.parse_args()?),
            "lines" => self.lines = Some(attribute.parse_args()?),
            "layout" => self.layout = Some(attribute.parse_args()?),
            "offset" => self.offset = Some(bytes(attribute.parse_args()?)?),
            "bits" => self.bits = Some(attribute.parse_args()?),
            "anonymous" => {
                attribute.meta.require_path_only()?;
                self.anonymous = true;
            }
            "repr" => self.repr = Some(attribute.parse_args()?),
            _ => self.link_name = Some(link_name(attribute)?),
        }
        Ok(())
    }
}

/// Reads `#[precompiled(unsafe(EXPR))]`.
fn precompiled(attribute: &Attribute) -> syn::Result<Precompiled> {
    const FORM: &str = "write `#[precompiled(unsafe(include_bytes!(…)))]`; `unsafe`, because the bytes are machine code that is run: \
                        they must come from this project's own build";
    let list = attribute.meta.require_list().map_err(|_| syn::Error::new_spanned(attribute.path(), FORM))?;
    let form = |input: ParseStream<'_>| -> syn::Result<Precompiled> {
        if !input.peek(Token![unsafe]) {
            return Err(syn::Error::new_spanned(attribute.path(), FORM));
        }
        let word = input.parse::<Token![unsafe]>()?;
        let inner;
        syn::parenthesized!(inner in input);
        let bytes = inner.parse()?;
        if !inner.is_empty() {
            return Err(inner.error(FORM));
        }
        Ok(match built(&bytes) {
            // Not the words that were written: each of these macros can have been made another one
            // there.
            Some(path) => {
                let bytes = parse_quote!(::core::include_bytes!(::core::concat!(::core::env!("OUT_DIR"), #path)));
                Precompiled { bytes, vouched: None }
            }
            None => Precompiled { bytes, vouched: Some(word.span) },
        })
    };
    form.parse2(list.tokens.clone())
}

/// Returns the path in `include_bytes!(concat!(env!("OUT_DIR"), "/…"))`, a file that the package's
/// own build script has written.
fn built(bytes: &Expr) -> Option<String> {
    let call = |expr: &Expr, name: &str| match expr {
        Expr::Macro(call) if call.attrs.is_empty() && call.mac.path.is_ident(name) => Some(call.mac.tokens.clone()),
        _ => None,
    };
    let parts = |tokens| Punctuated::<Expr, Token![,]>::parse_terminated.parse2(tokens).ok().map(Vec::from_iter);
    let text = |expr: &Expr| match ungrouped(expr) {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
        _ => None,
    };
    let [joined] = parts(call(bytes, "include_bytes")?)?.try_into().ok()?;
    let joined = parts(call(&joined, "concat")?)?;
    let (folder, path) = joined.split_first()?;
    let [variable] = parts(call(folder, "env")?)?.try_into().ok()?;
    let path: String = path.iter().map(text).collect::<Option<_>>()?;
    // Nothing above the folder.
    (text(&variable)? == "OUT_DIR" && path.starts_with('/') && !path.contains("..")).then_some(path)
}

/// Returns what a macro's variable stands for.
fn ungrouped(expr: &Expr) -> &Expr {
    match expr {
        Expr::Group(group) => ungrouped(&group.expr),
        other => other,
    }
}

/// Reads `#[link_name = "export"]`.
fn link_name(attribute: &Attribute) -> syn::Result<LitStr> {
    let value = &attribute.meta.require_name_value()?.value;
    let form = |input: ParseStream<'_>| input.parse::<LitStr>();
    let name = form
        .parse2(quote::quote!(#value))
        .map_err(|_| syn::Error::new_spanned(value, "write the name of the Wasm export as a string: `#[link_name = \"name\"]`"))?;
    if name.value().is_empty() {
        return Err(syn::Error::new_spanned(name, "the name of the Wasm export is empty"));
    }
    Ok(name)
}

impl Parse for Metering {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        const FORM: &str = "write what the code checks: `#[metering(interrupts)]`, `#[metering(fuel)]`, `#[metering(interrupts, fuel)]` or \
                            `#[metering(nothing)]`, as build_support does";
        let words = input.parse_terminated(Ident::parse, Token![,])?;
        let mut metering = Self::default();
        for (index, word) in words.iter().enumerate() {
            let flag = match word.to_string().as_str() {
                "interrupts" => &mut metering.interrupts,
                "fuel" => &mut metering.fuel,
                "nothing" if words.len() == 1 => return Ok(metering),
                _ => return Err(syn::Error::new_spanned(word, FORM)),
            };
            if std::mem::replace(flag, true) {
                return Err(syn::Error::new_spanned(word, format!("word {} is there before; remove it", index.saturating_add(1))));
            }
        }
        if words.is_empty() { Err(input.error(FORM)) } else { Ok(metering) }
    }
}

impl Parse for Layout {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let (size, align, explicit) = pair(input, ["size", "align"], Some("explicit"), "a layout has `size` and `align`, in bytes")?;
        match (size, align) {
            (Some(size), Some(align)) => Ok(Layout { size, align, explicit }),
            _ => Err(syn::Error::new(input.span(), "write both numbers, in bytes: `#[layout(size = 8, align = 4)]`")),
        }
    }
}

impl Parse for Bits {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        match pair(input, ["offset", "width"], None, "a bit-field has `offset` and `width`, in bits")? {
            (Some(offset), Some(width), _) => Ok(Bits { offset, width }),
            _ => Err(syn::Error::new(input.span(), "write both numbers, in bits: `#[bits(offset = 3, width = 5)]`")),
        }
    }
}

/// Reads `a = 1, b = 2`, and a flag.
fn pair(input: ParseStream<'_>, [a, b]: [&str; 2], flag: Option<&str>, help: &str) -> syn::Result<(Option<LitInt>, Option<LitInt>, bool)> {
    let (mut first, mut second, mut flagged) = (None, None, false);
    while !input.is_empty() {
        let key: Ident = input.parse()?;
        let twice = if flag.is_some_and(|flag| key == flag) {
            std::mem::replace(&mut flagged, true)
        } else {
            let slot = match key.to_string() {
                key if key == a => &mut first,
                key if key == b => &mut second,
                _ => return Err(syn::Error::new_spanned(key, help)),
            };
            input.parse::<Token![=]>()?;
            slot.replace(bytes(input.parse()?)?).is_some()
        };
        if twice {
            return Err(syn::Error::new_spanned(key, "given twice; remove one"));
        }
        if !input.is_empty() {
            input.parse::<Token![,]>()?;
        }
    }
    Ok((first, second, flagged))
}

/// A number of bytes, or bits, in the guest's 32-bit address space.
fn bytes(number: LitInt) -> syn::Result<LitInt> {
    if !number.suffix().is_empty() {
        return Err(syn::Error::new_spanned(number, "write the number without a suffix"));
    }
    number.base10_parse::<u32>()?;
    Ok(number)
}
