//! Enums: open newtypes, since a guest may store any bit pattern.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{quote, quote_spanned};

use super::{Scopes, documentation, own_documentation};
use crate::ast::{Enum, EnumConstant};

pub(super) fn enumeration(item: &Enum, scopes: &Scopes<'_>) -> TokenStream {
    let docs = documentation(&item.docs, &format!("The C enum `{}`: any value of its integer type.", item.name.c));
    let (vis, c_name, name) = (&item.vis, &item.name.c, &item.name.ident);
    let primitive = Ident::new(item.repr.primitive(), item.repr_span);
    let repr = quote!(::core::primitive::#primitive);
    let constants = item.constants.iter().map(|constant| {
        let docs = own_documentation(&constant.docs);
        let (ident, number) = (&constant.name.ident, number(constant));
        quote_spanned!(constant.name.span()=> #docs #vis const #ident: Self = Self(#number);)
    });
    let in_module = item.constants.iter().map(|constant| {
        let docs = own_documentation(&constant.docs);
        let ident = &constant.name.ident;
        quote_spanned!(constant.name.span()=> #docs #vis const #ident: #name = #name::#ident;)
    });
    let known = item.constants.iter().map(|constant| {
        let (text, number) = (&constant.name.c, number(constant));
        quote!((#text, #number))
    });
    let encoding = encoding(item, &repr, scopes);
    let value = scopes.values.clone().take("value", Span::call_site());
    let formatter = scopes.values.clone().take("formatter", Span::call_site());
    quote! {
        #docs
        #[derive(
            ::core::clone::Clone,
            ::core::marker::Copy,
            ::core::cmp::PartialEq,
            ::core::cmp::Eq,
            ::core::cmp::PartialOrd,
            ::core::cmp::Ord,
            ::core::hash::Hash
        )]
        #vis struct #name(pub #repr);

        impl #name {
            #(#constants)*
        }

        #(#in_module)*

        impl ::core::fmt::Debug for #name {
            fn fmt(&self, #formatter: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                ::sandbox::__private::enum_debug(*self, #c_name, #formatter)
            }
        }

        impl ::core::ops::BitOr for #name {
            type Output = Self;

            fn bitor(self, #value: Self) -> Self {
                Self(self.0 | #value.0)
            }
        }

        impl ::core::ops::BitAnd for #name {
            type Output = Self;

            fn bitand(self, #value: Self) -> Self {
                Self(self.0 & #value.0)
            }
        }

        impl ::core::ops::Not for #name {
            type Output = Self;

            fn not(self) -> Self {
                Self(!self.0)
            }
        }

        impl ::sandbox::__private::Pointee<Library> for #name {
            const C_NAME: &'static ::core::primitive::str = #c_name;
            type Place = ::sandbox::__private::NoFields;
        }

        impl ::sandbox::__private::GuestEnum for #name {
            type Repr = #repr;
            const KNOWN: &'static [(&'static ::core::primitive::str, #repr)] = &[#(#known),*];

            fn from_repr(#value: #repr) -> Self {
                Self(#value)
            }

            fn repr(self) -> #repr {
                self.0
            }
        }

        #encoding
    }
}

fn encoding(item: &Enum, repr: &TokenStream, scopes: &Scopes<'_>) -> TokenStream {
    let name = &item.name.ident;
    let mut locals = scopes.values.clone();
    let mut local = |wanted| locals.take(wanted, Span::call_site());
    let (bytes, from, to, value) = (local("bytes"), local("from"), local("to"), local("value"));
    quote! {
        impl ::sandbox::__private::GuestType<Library> for #name {
            type Tainted = ::sandbox::Tainted<Self, Library>;
            const SIZE: ::core::primitive::u32 = ::sandbox::__private::layout::size_of::<#repr, Library>();
            const ALIGN: ::core::primitive::u32 = ::sandbox::__private::layout::align_of::<#repr, Library>();

            fn decode(
                #bytes: &[::core::primitive::u8],
                #from: ::sandbox::__private::InstanceId,
            ) -> ::sandbox::Tainted<Self, Library> {
                ::sandbox::__private::enum_decode(#bytes, #from)
            }

            fn encode(
                #value: &::sandbox::Tainted<Self, Library>,
                #bytes: &mut [::core::primitive::u8],
                #to: &mut ::sandbox::__private::Destination,
            ) -> ::sandbox::Result<()> {
                ::sandbox::__private::enum_encode(#value, #bytes, #to)
            }
        }
    }
}

/// The number, with its sign as a token of its own.
fn number(constant: &EnumConstant) -> TokenStream {
    let mut digits = Literal::u128_unsuffixed(constant.number.unsigned_abs());
    digits.set_span(constant.name.span());
    if constant.number < 0 { quote!(-#digits) } else { quote!(#digits) }
}
