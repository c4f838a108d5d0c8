//! Structs: the value, and its encoding.

use proc_macro2::{Span, TokenStream};
use quote::quote;

use super::layout::{Slot, bits, slot};
use super::{Scopes, documentation, layout, own_documentation, passing, place, types};
use crate::ast::{Field, Struct, Type};

pub(super) fn structure(item: &Struct<Type>, scopes: &Scopes<'_>) -> TokenStream {
    let docs = documentation(&item.docs, &format!("The C struct `{}`, as read from the guest.", item.name.c));
    let (vis, c_name, name) = (&item.vis, &item.name.c, &item.name.ident);
    let place = place::name(item, scopes);
    let fields = held(item).map(|field| {
        let docs = own_documentation(&field.docs);
        let (vis, name, ty) = (&field.vis, &field.name.ident, types::tainted(&field.ty));
        quote!(#docs #vis #name: #ty)
    });
    let zeroed_doc = format!(" Returns a `{c_name}` whose bytes are all zero.");
    let offsets = layout::offsets(item);
    let (encoding, passing) = (encoding(item, scopes), passing::implementation(item, scopes));
    let place_type = place::place_type(item, scopes);
    let assertions = layout::assertions(item);
    let place_doc = place::doc(&place);
    quote! {
        #docs
        #place_doc
        #[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug)]
        #vis struct #name {
            #(#fields,)*
        }

        impl #name {
            #offsets

            #[doc = #zeroed_doc]
            #vis fn zeroed() -> Self {
                ::sandbox::__private::zeroed::<Self, Library>()
            }
        }

        impl ::sandbox::__private::Pointee<Library> for #name {
            const C_NAME: &'static ::core::primitive::str = #c_name;
            type Place = #place;
        }

        impl ::sandbox::__private::Record for #name {
            const C_NAME: &'static ::core::primitive::str = #c_name;
        }

        #encoding
        #passing
        #place_type
        #assertions
    }
}

/// The fields that a value has: a flexible array is not in it.
fn held(item: &Struct<Type>) -> impl Iterator<Item = &Field<Type>> {
    item.fields.iter().filter(|field| !field.flexible)
}

fn encoding(item: &Struct<Type>, scopes: &Scopes<'_>) -> TokenStream {
    let name = &item.name.ident;
    let mut locals = scopes.values.clone();
    let mut local = |wanted| locals.take(wanted, Span::call_site());
    let (bytes, from, to, value) = (local("bytes"), local("from"), local("to"), local("value"));
    let (size, align) = (layout::size(item), layout::align(item));
    let decode = held(item).map(|field| {
        let (name, ty) = (&field.name.ident, types::guest(&field.ty));
        match slot(field) {
            Slot::Bytes(offset) | Slot::Flexible(offset) => {
                quote!(#name: ::sandbox::__private::decode_field::<#ty, Library>(#bytes, Self::#offset, #from))
            }
            Slot::Bits(place) => {
                let place = bits(place);
                quote!(#name: ::sandbox::__private::decode_bits::<#ty, Library>(#bytes, #place))
            }
        }
    });
    let encode = held(item).map(|field| {
        let (name, ty) = (&field.name.ident, types::guest(&field.ty));
        match slot(field) {
            Slot::Bytes(offset) | Slot::Flexible(offset) => {
                quote!(::sandbox::__private::encode_field::<#ty, Library>(&#value.#name, #bytes, Self::#offset, #to)?;)
            }
            Slot::Bits(place) => {
                let place = bits(place);
                quote!(::sandbox::__private::encode_bits::<#ty, Library>(&#value.#name, #bytes, #place)?;)
            }
        }
    });
    quote! {
        #[allow(unused_variables)]
        impl ::sandbox::__private::GuestType<Library> for #name {
            type Tainted = Self;
            const SIZE: ::core::primitive::u32 = #size;
            const ALIGN: ::core::primitive::u32 = #align;

            fn decode(#bytes: &[::core::primitive::u8], #from: ::sandbox::__private::InstanceId) -> Self {
                Self { #(#decode,)* }
            }

            fn encode(
                #value: &Self,
                #bytes: &mut [::core::primitive::u8],
                #to: &mut ::sandbox::__private::Destination,
            ) -> ::sandbox::Result<()> {
                #(#encode)*
                ::core::result::Result::Ok(())
            }
        }
    }
}
