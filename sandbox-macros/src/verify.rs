//! `#[derive(Verify)]`: a host struct that is made out of a guest struct by a rule per field.

use proc_macro2::{Ident, Spacing, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::spanned::Spanned;
use syn::{Attribute, Data, DeriveInput, Expr, Fields, LitStr, Path, Token, Type, parenthesized};

use crate::diag::Errors;

/// What `#[verify(…)]` says of the struct.
struct Header {
    from: Option<Path>,
    relations: Vec<TokenStream>,
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
                    let relation: Expr = content.parse()?;
                    header.relations.push(relation.into_token_stream());
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
    let name = &input.ident;
    let (impl_generics, type_generics, bounds) = input.generics.split_for_impl();
    Ok(quote! {
        #[automatically_derived]
        impl #impl_generics ::sandbox::Verify<#from> for #name #type_generics #bounds {
            fn verify(__guest: #from) -> ::core::result::Result<Self, ::sandbox::VerifyError> {
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

fn check(name: &Ident, ty: &Type, checked: &Checked) -> TokenStream {
    let guest = checked.from.as_ref().unwrap_or(name);
    let text = name.unraw().to_string();
    match &checked.how {
        How::Rule(rule) => quote_spanned! {rule.span()=>
            let #name = ::sandbox::__private::verify_field(#text, __guest.#guest, &(#rule))?;
        },
        How::Each(rule) => quote_spanned! {rule.span()=>
            let #name = ::sandbox::__private::verify_elements(#text, __guest.#guest, &(#rule))?;
        },
        How::Nested => quote_spanned! {name.span()=>
            let #name: #ty = ::sandbox::__private::verify_nested(#text, __guest.#guest)?;
        },
        How::Unverified(reason) => quote_spanned! {reason.span()=>
            let #name = __guest.#guest.unverified_because(#reason);
        },
    }
}

fn check_relation(relation: &TokenStream, header: Option<&Header>, names: &[&Ident], errors: &mut Errors) -> TokenStream {
    if let Some(span) = negation(relation.clone()) {
        errors.at(span, "a relation cannot be negated: one that has no exact result would hold; write the opposite comparison");
    }
    let used: Vec<_> = names.iter().filter(|name| mentions(relation.clone(), name)).collect();
    let text = relation.to_string();
    let c_type = header.and_then(|header| header.from.as_ref()?.segments.last()).map(|last| last.ident.unraw().to_string());
    quote_spanned! {relation.span()=>
        {
            #(let #used = ::sandbox::__private::Related::related(#used);)*
            #[allow(unused_parens, clippy::neg_cmp_op_on_partial_ord, clippy::nonminimal_bool)]
            if !(#relation) {
                return ::core::result::Result::Err(::sandbox::VerifyError::relation(#c_type, #text));
            }
        }
    }
}

/// Finds a `!` that is not part of `!=`.
fn negation(tokens: TokenStream) -> Option<Span> {
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Punct(punct) if punct.as_char() == '!' => {
                let not_equal =
                    punct.spacing() == Spacing::Joint && matches!(tokens.peek(), Some(TokenTree::Punct(next)) if next.as_char() == '=');
                if !not_equal {
                    return Some(punct.span());
                }
            }
            TokenTree::Group(group) => {
                if let Some(span) = negation(group.stream()) {
                    return Some(span);
                }
            }
            _ => {}
        }
    }
    None
}

fn mentions(tokens: TokenStream, name: &Ident) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == *name,
        TokenTree::Group(group) => mentions(group.stream(), name),
        _ => false,
    })
}
