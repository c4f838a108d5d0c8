//! `#[derive(Verify)]`: a host struct that is made out of a guest struct by a rule per field.

use proc_macro2::{Ident, Literal, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::spanned::Spanned;
use syn::{Attribute, BinOp, Data, DeriveInput, Expr, ExprBinary, ExprLit, Fields, Lit, LitStr, Path, Token, Type, UnOp, parenthesized};

use crate::diag::Errors;

/// What `#[verify(…)]` says of the struct.
struct Header {
    from: Option<Path>,
    relations: Vec<Expr>,
}

/// What `#[verify(…)]` says of a field.
struct Checked {
    /// The field of the guest's struct, if it has another name.
    from: Option<Ident>,
    how: How,
}

enum How {
    Rule(Expr),
    Each(Expr),
    Nested,
    Unverified(LitStr),
}

const FIELD_HELP: &str = "say how this field is verified: `#[verify(rules::range(1..=10))]` or another rule of `sandbox::rules`, `#[verify(each(rule))]` \
                          for an array, `#[verify(nested)]` for a struct that derives `Verify`, or `#[verify(unverified_because = \"…\")]`";
const FROM_HELP: &str = "say which guest struct it is made from: `#[verify(from = library::c_struct)]`";

impl Parse for Header {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut header = Self { from: None, relations: Vec::new() };
        while !input.is_empty() {
            let key: Ident = input.parse()?;
            match key.to_string().as_str() {
                "from" => {
                    input.parse::<Token![=]>()?;
                    header.from = Some(input.parse()?);
                }
                "relation" => {
                    let content;
                    parenthesized!(content in input);
                    header.relations.push(content.parse()?);
                }
                _ => {
                    return Err(syn::Error::new(
                        key.span(),
                        "unknown key: `from = library::c_struct` and `relation(a == b * c)` are known",
                    ));
                }
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(header)
    }
}

impl Parse for Checked {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut from = None;
        if input.peek(Ident::peek_any) && input.peek2(Token![=]) && input.fork().call(Ident::parse_any)? == "field" {
            input.call(Ident::parse_any)?;
            input.parse::<Token![=]>()?;
            from = Some(input.call(Ident::parse_any)?);
            input.parse::<Token![,]>()?;
        }
        let key = if input.peek(Ident::peek_any) { Some(input.fork().call(Ident::parse_any)?.to_string()) } else { None };
        let how = match key.as_deref() {
            Some("nested") if !input.peek2(Token![::]) => {
                input.parse::<Ident>()?;
                How::Nested
            }
            Some("each") if input.peek2(syn::token::Paren) => {
                input.parse::<Ident>()?;
                let content;
                parenthesized!(content in input);
                How::Each(content.parse()?)
            }
            Some("unverified_because") => {
                input.parse::<Ident>()?;
                input.parse::<Token![=]>()?;
                How::Unverified(
                    input
                        .parse()
                        .map_err(|error| syn::Error::new(error.span(), "the reason is a string literal, for reviewers to find"))?,
                )
            }
            _ => How::Rule(input.parse()?),
        };
        if input.is_empty() {
            Ok(Self { from, how })
        } else {
            Err(input.error("unexpected: one rule per field, combined with `.and(…)` and `.or(…)`"))
        }
    }
}

/// Expands the derive, or returns everything that is wrong with it.
pub(crate) fn derive(input: TokenStream) -> syn::Result<TokenStream> {
    let input: DeriveInput = syn::parse2(input)?;
    let mut errors = Errors::default();
    let fields = match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) => &fields.named,
            _ => return Err(syn::Error::new(input.ident.span(), "only a struct with named fields can derive `Verify`")),
        },
        _ => {
            return Err(syn::Error::new(
                input.ident.span(),
                "only a struct can derive `Verify`; for an enum use a rule such as `rules::known()`",
            ));
        }
    };
    let header = read::<Header>(&input.attrs, input.ident.span(), FROM_HELP, &mut errors);
    let mut checks = TokenStream::new();
    let mut names = Vec::new();
    for field in fields {
        let Some(name) = &field.ident else { continue };
        names.push(name);
        if let Some(checked) = read::<Checked>(&field.attrs, name.span(), FIELD_HELP, &mut errors) {
            checks.extend(check(name, &field.ty, &checked));
        }
    }
    let relations = header.iter().flat_map(|header| &header.relations);
    let relations: TokenStream = relations.map(|relation| check_relation(relation, header.as_ref(), &names, &mut errors)).collect();
    let from = header.as_ref().and_then(|header| header.from.as_ref());
    if let (Some(_), None) = (&header, from) {
        errors.at(input.ident.span(), FROM_HELP);
    }
    if let Some(error) = errors.into_error() {
        return Err(error);
    }
    let (name, guest) = (&input.ident, guest());
    let (impl_generics, type_generics, bounds) = input.generics.split_for_impl();
    Ok(quote! {
        #[automatically_derived]
        impl #impl_generics ::sandbox::Verify<#from> for #name #type_generics #bounds {
            fn verify(#guest: #from) -> ::core::result::Result<Self, ::sandbox::VerifyError> {
                #checks
                #relations
                ::core::result::Result::Ok(Self { #(#names: ::core::convert::Into::into(#names)),* })
            }
        }
    })
}

/// Reads the one `#[verify(…)]` of an item.
fn read<T: Parse>(attributes: &[Attribute], span: Span, help: &str, errors: &mut Errors) -> Option<T> {
    let mut found = attributes.iter().filter(|attribute| attribute.path().is_ident("verify"));
    let Some(attribute) = found.next() else {
        errors.at(span, help);
        return None;
    };
    if let Some(second) = found.next() {
        errors.at(second.span(), "a second `#[verify(…)]`: write everything in one");
    }
    attribute.parse_args().map_err(|error| errors.push(error)).ok()
}

/// The parameter of the expansion, which no field can shadow.
fn guest() -> Ident {
    Ident::new("guest", Span::mixed_site())
}

fn check(name: &Ident, ty: &Type, checked: &Checked) -> TokenStream {
    let (whole, guest) = (self::guest(), checked.from.as_ref().unwrap_or(name));
    let text = name.unraw().to_string();
    match &checked.how {
        How::Rule(rule) => quote_spanned! {rule.span()=>
            let #name = ::sandbox::__private::verify_field(#text, #whole.#guest, &(#rule))?;
        },
        How::Each(rule) => quote_spanned! {rule.span()=>
            let #name = ::sandbox::__private::verify_elements(#text, #whole.#guest, &(#rule))?;
        },
        How::Nested => quote_spanned! {name.span()=>
            let #name: #ty = ::sandbox::__private::verify_nested(#text, #whole.#guest)?;
        },
        How::Unverified(reason) => quote_spanned! {reason.span()=>
            let #name = ::sandbox::__private::release(#whole.#guest, #reason);
        },
    }
}

fn check_relation(relation: &Expr, header: Option<&Header>, names: &[&Ident], errors: &mut Errors) -> TokenStream {
    let condition = condition(relation, errors);
    let tokens = relation.to_token_stream();
    let used: Vec<_> = names.iter().filter(|name| mentions(tokens.clone(), name)).collect();
    let text = tokens.to_string();
    let c_type = header.and_then(|header| header.from.as_ref()?.segments.last()).map(|last| last.ident.unraw().to_string());
    quote_spanned! {relation.span()=>
        {
            #(let #used = ::sandbox::__private::Related::related(#used);)*
            #[allow(unused_parens, clippy::neg_cmp_op_on_partial_ord, clippy::nonminimal_bool)]
            if !(#condition) {
                return ::core::result::Result::Err(::sandbox::VerifyError::relation(#c_type, #text));
            }
        }
    }
}

/// Rewrites a condition. Where a step has no exact result, its comparison does not hold; so nothing may turn a "no" into a "yes".
fn condition(expr: &Expr, errors: &mut Errors) -> TokenStream {
    match expr {
        Expr::Paren(inner) => {
            let inner = condition(&inner.expr, errors);
            quote!((#inner))
        }
        Expr::Group(inner) => condition(&inner.expr, errors),
        // A field that is a `bool`.
        Expr::Path(path) => path.to_token_stream(),
        Expr::Unary(unary) if matches!(unary.op, UnOp::Not(_)) => {
            errors.at(
                unary.op.span(),
                "a relation cannot be negated: one that has no exact result would hold; write the opposite comparison",
            );
            TokenStream::new()
        }
        Expr::Binary(ExprBinary { left, op: op @ (BinOp::And(_) | BinOp::Or(_)), right, .. }) => {
            let (left, right) = (condition(left, errors), condition(right, errors));
            quote!(#left #op #right)
        }
        Expr::Binary(ExprBinary { left, op: BinOp::Ne(op), right, .. }) => {
            let (left, right) = (operand(left, errors), operand(right, errors));
            quote_spanned!(op.span()=> ::sandbox::__private::differs(#left, #right))
        }
        Expr::Binary(ExprBinary { left, op, right, .. })
            if matches!(op, BinOp::Eq(_) | BinOp::Lt(_) | BinOp::Le(_) | BinOp::Gt(_) | BinOp::Ge(_)) =>
        {
            let (left, right) = (operand(left, errors), operand(right, errors));
            quote!(#left #op #right)
        }
        other => refuse(other, errors),
    }
}

/// Rewrites a number: integers that are written down are exact, like those of fields.
fn operand(expr: &Expr, errors: &mut Errors) -> TokenStream {
    match expr {
        Expr::Paren(inner) => {
            let inner = operand(&inner.expr, errors);
            quote!((#inner))
        }
        Expr::Group(inner) => operand(&inner.expr, errors),
        Expr::Path(path) => path.to_token_stream(),
        Expr::Lit(ExprLit { lit: Lit::Int(number), .. }) => match number.base10_parse::<i128>() {
            Ok(value) => {
                let mut value = Literal::i128_suffixed(value);
                value.set_span(number.span());
                quote_spanned!(number.span()=> ::sandbox::__private::Exact::literal(#value))
            }
            Err(error) => {
                errors.push(error);
                TokenStream::new()
            }
        },
        Expr::Lit(ExprLit { lit: lit @ (Lit::Float(_) | Lit::Bool(_)), .. }) => lit.to_token_stream(),
        Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => {
            let inner = operand(&unary.expr, errors);
            quote!(-#inner)
        }
        Expr::Binary(ExprBinary { left, op, right, .. })
            if matches!(op, BinOp::Add(_) | BinOp::Sub(_) | BinOp::Mul(_) | BinOp::Div(_) | BinOp::Rem(_)) =>
        {
            let (left, right) = (operand(left, errors), operand(right, errors));
            quote!(#left #op #right)
        }
        other => refuse(other, errors),
    }
}

fn refuse(expr: &Expr, errors: &mut Errors) -> TokenStream {
    errors.on(
        expr,
        "a relation compares fields, numbers and what `+ - * / %` make of them, and `&&` and `||` join comparisons; for anything else write a \
         rule of your own with `rules::that` or `rules::into`",
    );
    TokenStream::new()
}

fn mentions(tokens: TokenStream, name: &Ident) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == *name,
        TokenTree::Group(group) => mentions(group.stream(), name),
        _ => false,
    })
}
