//! Constants, typedefs and opaque types.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};

use super::{documentation, own_documentation, types};
use crate::ast::{Alias, Const, Opaque, Type, TypeKind};

pub(super) fn constant(item: &Const<Type>) -> TokenStream {
    let Const { docs, vis, name, ty, value } = item;
    let docs = documentation(docs, &format!("The C constant `{}`.", name.c));
    let (name, span) = (&name.ident, name.span());
    let ty = match ty.target().kind {
        // A constant of the header is the host's own; nothing about it is tainted.
        TypeKind::Bool => quote!(::core::primitive::bool),
        _ => types::guest(ty),
    };
    quote_spanned! {span=>
        #docs
        #vis const #name: #ty = #value;
    }
}

pub(super) fn alias(item: &Alias<Type>) -> TokenStream {
    let Alias { docs, vis, name, ty } = item;
    let docs = own_documentation(docs);
    let name = &name.ident;
    let ty = types::guest(ty);
    quote! {
        #docs
        #vis type #name = #ty;
    }
}

pub(super) fn opaque(item: &Opaque) -> TokenStream {
    let Opaque { docs, vis, name } = item;
    let docs = documentation(docs, &format!("The C type `{}`, of which only pointers exist.", name.c));
    let (c_name, name) = (&name.c, &name.ident);
    quote! {
        #docs
        #[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug)]
        #vis struct #name {
            _opaque: (),
        }

        impl ::sandbox::__private::Pointee<Library> for #name {
            const C_NAME: &'static ::core::primitive::str = #c_name;
            type Place = ::sandbox::__private::NoFields;
        }
    }
}
