//! Writes Rust for a checked tree.
//!
//! Nothing here can fail, and nothing here decides: what a call or an access does is in `::sandbox::__private`. All paths are
//! absolute, primitives too (`::core::primitive::u8`), because C may declare a type of any name.

mod callbacks;
mod enums;
mod functions;
mod globals;
mod layout;
mod passing;
mod place;
mod simple;
mod structs;
mod types;
mod unions;

use std::collections::HashMap;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};

use crate::ast::{Docs, Item, Library, Metering, Precompiled, Struct, Type};
use crate::names::Scope;

/// Expands one invocation.
pub(crate) fn library(library: &Library<Type>) -> TokenStream {
    let (scopes, mut names) = Scopes::new(library);
    let Library { docs, vis, name, precompiled, metering, lines, items } = library;
    let metering = metering.map(|Metering { interrupts, fuel }| {
        quote! {
            const METERING: ::sandbox::__private::Metering =
                ::sandbox::__private::Metering { interrupts: #interrupts, fuel: #fuel };
        }
    });
    let docs = documentation(docs, &format!("The C library `{}`, in a sandbox.", name.c));
    let functions = functions::declarations(items, &scopes);
    let aliases = callbacks::aliases(items, &mut names);
    let items = items.iter().map(|item| match item {
        Item::Const(item) => simple::constant(item),
        Item::Alias(item) => simple::alias(item),
        Item::Opaque(item) => simple::opaque(item),
        Item::Struct(item) if item.union => unions::union(item, &scopes),
        Item::Struct(item) => structs::structure(item, &scopes),
        Item::Enum(item) => enums::enumeration(item, &scopes),
        // After the types: these have an index.
        Item::Function(_) | Item::Global(_) => TokenStream::new(),
    });
    let bodies = functions::bodies(library, &scopes);
    let values = functions::values(library, &scopes);
    let exports = globals::exports(&library.items);
    let globals = globals::constants(&library.items);
    // Where a person vouches for the bytes, `unsafe` is where that was written, so that a crate
    // which forbids it forbids this. SAFETY: it is what that says, or the build's own output.
    let precompiled = precompiled.as_ref().map(|Precompiled { bytes, vouched }| {
        quote_spanned!(vouched.unwrap_or_else(Span::call_site)=> unsafe { ::sandbox::__private::Precompiled::trusted(#bytes) })
    });
    let lines = lines.as_ref().map(|lines| quote!(const LINES: &'static [::core::primitive::u8] = #lines;));
    let (c_name, module) = (&name.c, &name.ident);
    let marker_doc = format!(" The marker type of the C library `{c_name}`: brands its sandboxes and its tainted values.");
    quote! {
        #docs
        #[allow(
            dead_code,
            missing_docs,
            non_camel_case_types,
            non_snake_case,
            non_upper_case_globals,
            private_interfaces,
            unreachable_pub,
            unused_qualifications,
            clippy::all,
            clippy::nursery,
            clippy::pedantic,
            clippy::restriction,
            rustdoc::all
        )]
        #vis mod #module {
            #[doc = #marker_doc]
            #[derive(
                ::core::clone::Clone,
                ::core::marker::Copy,
                ::core::fmt::Debug,
                ::core::cmp::PartialEq,
                ::core::cmp::Eq,
                ::core::hash::Hash
            )]
            pub struct Library;

            #(#items)*

            #(#aliases)*

            #(#globals)*

            #bodies

            #values
        }

        // Beside the module, so that names in the attribute's expression mean what they mean where it was written.
        #[allow(clippy::all, clippy::nursery, clippy::pedantic, clippy::restriction)]
        impl ::sandbox::__private::Library for #module::Library {
            const NAME: &'static ::core::primitive::str = #c_name;
            const PRECOMPILED: ::sandbox::__private::Precompiled = #precompiled;
            #metering
            #lines
            const FUNCTIONS: &'static [::sandbox::__private::FunctionDecl] = &[#(#functions),*];
            const GLOBALS: &'static [&'static ::core::primitive::str] = &[#(#exports),*];

            fn cell() -> &'static ::sandbox::__private::ModuleCell<Self> {
                static CELL: ::sandbox::__private::ModuleCell<#module::Library> = ::sandbox::__private::ModuleCell::new();
                &CELL
            }
        }
    }
}

/// Which names are taken in the module, and its structs.
struct Scopes<'a> {
    /// Names that no local variable may have.
    values: Scope,
    /// The place type of each struct, by the struct's name.
    places: HashMap<String, Ident>,
    /// The structs and unions, by their names.
    records: HashMap<String, &'a Struct<Type>>,
    /// The name of the module that holds the functions as values.
    functions: Ident,
}

impl<'a> Scopes<'a> {
    /// Returns the scopes, and the names of types and modules, of which more can be taken.
    fn new(library: &'a Library<Type>) -> (Self, Scope) {
        let mut values = vec!["Library".to_owned()];
        let mut items = values.clone();
        for item in &library.items {
            match item {
                Item::Const(item) => values.push(item.name.key()),
                Item::Enum(item) => {
                    values.push(item.name.key());
                    values.extend(item.constants.iter().map(|constant| constant.name.key()));
                }
                Item::Alias(item) => items.push(item.name.key()),
                Item::Opaque(item) => items.push(item.name.key()),
                Item::Struct(item) => items.push(item.name.key()),
                Item::Function(item) => items.push(item.name.key()),
                // A constant in the expansion.
                Item::Global(item) => values.push(item.name.key()),
            }
        }
        items.extend(values.iter().cloned());
        let mut items = Scope::new(items);
        let (mut places, mut records) = (HashMap::new(), HashMap::new());
        for item in &library.items {
            if let Item::Struct(item) = item {
                let place = items.take(&place::wanted_name(item), item.name.span());
                values.push(place.to_string());
                places.insert(item.name.key(), place);
                records.insert(item.name.key(), item);
            }
        }
        let functions = items.take("functions", library.name.span());
        (Scopes { values: Scope::new(values), places, records, functions }, items)
    }
}

/// The user's docs, or `default` where there are none.
///
/// Doctests do not see them: to rustdoc, an indented example in a C comment is Rust.
fn documentation(docs: &Docs, default: &str) -> TokenStream {
    if docs.is_empty() {
        let default = format!(" {default}");
        return quote!(#[doc = #default]);
    }
    quote!(#(#[cfg_attr(not(doctest), doc = #docs)])*)
}

/// The user's docs alone.
fn own_documentation(docs: &Docs) -> Option<TokenStream> {
    (!docs.is_empty()).then(|| documentation(docs, ""))
}
