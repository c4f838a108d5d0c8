//! Unions: bytes, with two methods for each member.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};

use super::layout::{Slot, bits, slot};
use super::{Scopes, documentation, layout, own_documentation, passing, place, types};
use crate::ast::{Field, Struct, Type};
use crate::names::Scope;

pub(super) fn union(item: &Struct<Type>, scopes: &Scopes<'_>) -> TokenStream {
    let docs = documentation(&item.docs, &format!("The C union `{}`, as read from the guest.", item.name.c));
    let (vis, c_name, name) = (&item.vis, &item.name.c, &item.name.ident);
    let place = place::name(item, scopes);
    let (size, align) = (layout::size(item), layout::align(item));
    let (offsets, assertions, place_type) = (layout::offsets(item), layout::assertions(item), place::place_type(item, scopes));
    // The members keep their names; a setter whose name is one of them gets another.
    let mut names = Scope::new(item.fields.iter().map(|field| field.name.key()));
    let zeroed = names.take("zeroed", Span::call_site());
    let zeroed_doc = format!(" Returns a `{c_name}` whose bytes are all zero.");
    let mut locals = scopes.values.clone();
    let mut local = |wanted| locals.take(wanted, Span::call_site());
    let (bytes, from, to, value) = (local("bytes"), local("from"), local("to"), local("value"));
    let members = item.fields.iter().filter(|field| !field.flexible).map(|field| member(field, &mut names, &value));
    let (place_doc, passing) = (place::doc(&place), passing::implementation(item, scopes));
    quote! {
        #docs
        #place_doc
        #[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug)]
        #vis struct #name {
            bytes: ::sandbox::__private::UnionBytes<{ ::sandbox::__private::layout::host(#size) }>,
        }

        impl #name {
            #offsets

            #[doc = #zeroed_doc]
            #vis fn #zeroed() -> Self {
                ::sandbox::__private::zeroed::<Self, Library>()
            }

            #(#members)*
        }

        impl ::sandbox::__private::Pointee<Library> for #name {
            const C_NAME: &'static ::core::primitive::str = #c_name;
            type Place = #place;
        }

        impl ::sandbox::__private::Record for #name {
            const C_NAME: &'static ::core::primitive::str = #c_name;
        }

        impl ::sandbox::__private::GuestType<Library> for #name {
            type Tainted = Self;
            const SIZE: ::core::primitive::u32 = #size;
            const ALIGN: ::core::primitive::u32 = #align;

            fn decode(#bytes: &[::core::primitive::u8], #from: ::sandbox::__private::InstanceId) -> Self {
                Self { bytes: ::sandbox::__private::UnionBytes::decode(#bytes, #from) }
            }

            fn encode(
                #value: &Self,
                #bytes: &mut [::core::primitive::u8],
                #to: &mut ::sandbox::__private::Destination,
            ) -> ::sandbox::Result<()> {
                #value.bytes.encode(#bytes, #to)
            }
        }

        #passing
        #place_type
        #assertions
    }
}

/// The methods that read and write one member.
fn member(field: &Field<Type>, names: &mut Scope, value: &proc_macro2::Ident) -> TokenStream {
    let Field { docs, vis, name, ty, .. } = field;
    let docs = own_documentation(docs);
    let (read_doc, write_doc) = (
        format!(" Reads the member `{}`, whichever was written last.", name.c),
        format!(" Writes the member `{}`; what it does not cover stays as it is.", name.c),
    );
    let (getter, setter) = (&name.ident, names.take(&format!("set_{}", name.c), name.span()));
    let (guest, tainted) = (types::guest(ty), types::tainted(ty));
    let (read, write) = match slot(field) {
        Slot::Bytes(offset) | Slot::Flexible(offset) => {
            (quote!(self.bytes.get::<#guest, Library>(Self::#offset)), quote!(self.bytes.set::<#guest, Library>(Self::#offset, #value)))
        }
        Slot::Bits(place) => {
            let place = bits(place);
            (quote!(self.bytes.get_bits::<#guest, Library>(#place)), quote!(self.bytes.set_bits::<#guest, Library>(#place, #value)))
        }
    };
    quote_spanned! {name.span()=>
        #[doc = #read_doc]
        #docs
        #vis fn #getter(&self) -> #tainted {
            #read
        }

        #[doc = #write_doc]
        #docs
        #vis fn #setter(&mut self, #value: impl ::core::convert::Into<#tainted>) -> ::sandbox::Result<()> {
            #write
        }
    }
}
