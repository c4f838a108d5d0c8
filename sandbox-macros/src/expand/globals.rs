//! Global variables: a constant each, which says which of the library's exports it is.

use proc_macro2::{Literal, TokenStream};
use quote::quote_spanned;

use super::{documentation, types};
use crate::ast::{Global, Item, Type};

fn all(items: &[Item<Type>]) -> impl Iterator<Item = &Global<Type>> {
    items.iter().filter_map(|item| match item {
        Item::Global(global) => Some(global),
        _ => None,
    })
}

/// The entries of the `GLOBALS` table.
pub(super) fn exports(items: &[Item<Type>]) -> impl Iterator<Item = String> {
    all(items).map(|global| global.link_name.as_ref().map_or_else(|| global.name.c.clone(), syn::LitStr::value))
}

/// The constants, in the order of the table.
pub(super) fn constants(items: &[Item<Type>]) -> impl Iterator<Item = TokenStream> {
    all(items).enumerate().map(|(index, global)| {
        let Global { docs, vis, name, ty, .. } = global;
        let docs = documentation(docs, &format!("The C variable `{}`.", name.c));
        let (ident, ty, index) = (&name.ident, types::guest(ty), Literal::usize_unsuffixed(index));
        quote_spanned! {name.span()=>
            #docs
            #vis const #ident: ::sandbox::Global<#ty, Library> = ::sandbox::Global::new(#index);
        }
    })
}
