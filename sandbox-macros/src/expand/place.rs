//! A struct or union behind a tainted pointer: a method for each field, which reads no memory.

use std::collections::HashSet;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::Visibility;

use super::layout::{Slot, bits, slot};
use super::{Scopes, own_documentation, types};
use crate::ast::{Struct, Type, TypeKind};
use crate::names::{Name, unraw};

/// The wanted name of the place type.
pub(super) fn wanted_name(item: &Struct<Type>) -> String {
    format!("{}Place", item.name.c)
}

/// The name that it got.
pub(super) fn name(item: &Struct<Type>, scopes: &Scopes<'_>) -> Ident {
    scopes.places.get(&item.name.key()).cloned().unwrap_or_else(|| item.name.ident.clone())
}

/// Says on the page of a struct where the methods of a pointer to it are.
pub(super) fn doc(place: &Ident) -> TokenStream {
    let text = format!("A pointer to it has a method for each field, those of [`{}`].", unraw(place));
    quote!(#[doc = ""] #[doc = #text])
}

/// A method that returns where a field is.
struct Method<'a> {
    docs: TokenStream,
    vis: &'a Visibility,
    name: &'a Name,
    output: TokenStream,
    body: TokenStream,
}

pub(super) fn place_type(item: &Struct<Type>, scopes: &Scopes<'_>) -> TokenStream {
    let place = name(item, scopes);
    let mut locals = scopes.values.clone();
    let mut local = |wanted| locals.take(wanted, Span::call_site());
    let (raw, fields) = (local("raw"), local("fields"));
    let (vis, c_name) = (&item.vis, &item.name.c);
    let doc = format!(" A [`{c_name}`] behind a tainted pointer: each field as a pointer again. Reads no memory.");
    let methods = methods(item, scopes).into_iter().map(|method| {
        let Method { docs, vis, name, output, body } = method;
        let ident = &name.ident;
        quote_spanned! {name.span()=>
            #docs
            #vis fn #ident(&self) -> #output {
                #body
            }
        }
    });
    quote! {
        #[doc = #doc]
        #[derive(::core::clone::Clone, ::core::marker::Copy)]
        #vis struct #place(::sandbox::__private::RawPtr);

        impl #place {
            #(#methods)*
        }

        impl ::core::convert::From<::sandbox::__private::RawPtr> for #place {
            fn from(#raw: ::sandbox::__private::RawPtr) -> Self {
                Self(#raw)
            }
        }

        impl ::core::convert::From<#place> for ::sandbox::__private::RawPtr {
            fn from(#fields: #place) -> Self {
                #fields.0
            }
        }
    }
}

/// The methods of a struct: one for each field of its own, and for those that it has of anonymous members.
fn methods<'a>(item: &'a Struct<Type>, scopes: &Scopes<'a>) -> Vec<Method<'a>> {
    let own = item.fields.iter().map(|field| {
        let doc = format!(" Points to the field `{}`.", field.name.c);
        let docs = own_documentation(&field.docs);
        let (owner, ty) = (&item.name.ident, types::guest(&field.ty));
        let (output, body) = match slot(field) {
            Slot::Bytes(offset) | Slot::Flexible(offset) => {
                (quote!(::sandbox::TaintedPtr<#ty, Library>), quote!(::sandbox::__private::field(self.0, #owner::#offset)))
            }
            Slot::Bits(place) => {
                let place = bits(place);
                (quote!(::sandbox::TaintedBits<#ty, Library>), quote!(::sandbox::__private::bits_field(self.0, #place)))
            }
        };
        Method { docs: quote!(#[doc = #doc] #docs), vis: &field.vis, name: &field.name, output, body }
    });
    let mut all: Vec<Method<'a>> = own.collect();
    let mut taken: HashSet<String> = all.iter().map(|method| method.name.key()).collect();
    for field in item.fields.iter().filter(|field| field.anonymous) {
        let (TypeKind::Struct(inner) | TypeKind::Union(inner)) = &field.ty.kind else { continue };
        let Some(inner) = scopes.records.get(&unraw(inner)) else { continue };
        for method in methods(inner, scopes) {
            if taken.insert(method.name.key()) {
                let (outer, name) = (&field.name.ident, &method.name.ident);
                all.push(Method { body: quote!(self.#outer().fields().#name()), ..method });
            }
        }
    }
    all
}
