//! Plain structs: the value, its encoding, and the place behind a pointer.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::LitInt;

use super::{Scopes, documentation, own_documentation, types};
use crate::ast::{Field, Layout, Struct, Type};

/// The wanted name of the type that has a method for each field.
pub(super) fn place_name(item: &Struct<Type>) -> String {
    format!("{}Place", item.name.c)
}

pub(super) fn structure(item: &Struct<Type>, scopes: &Scopes) -> TokenStream {
    let docs = documentation(&item.docs, &format!("The C struct `{}`, as read from the guest.", item.name.c));
    let (vis, c_name, name) = (&item.vis, &item.name.c, &item.name.ident);
    let place = place(item, scopes);
    let fields = item.fields.iter().map(|field| {
        let docs = own_documentation(&field.docs);
        let (vis, name, ty) = (&field.vis, &field.name.ident, types::tainted(&field.ty));
        quote!(#docs #vis #name: #ty)
    });
    let zeroed_doc = format!(" Returns a `{c_name}` whose bytes are all zero.");
    let offsets = offsets(item);
    let encoding = encoding(item, scopes);
    let place_type = place_type(item, &place, scopes);
    let layout = item.layout.iter().map(|layout| layout_assertions(item, layout));
    let field_offsets = item.fields.iter().filter_map(|field| Some(offset_assertion(item, field, field.offset.as_ref()?)));
    quote! {
        #docs
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

        #encoding
        #place_type
        #(#layout)*
        #(#field_offsets)*
    }
}

fn place(item: &Struct<Type>, scopes: &Scopes) -> Ident {
    scopes.places.get(&item.name.key()).cloned().unwrap_or_else(|| item.name.ident.clone())
}

/// The name of the constant that holds a field's offset. Fields differ, so these do; and they share an `impl` with `zeroed` alone.
fn offset(field: &Field<Type>) -> Ident {
    format_ident!("OFFSET_{}", field.name.key(), span = field.name.span())
}

/// C's layout, a constant per field, in bytes.
fn offsets(item: &Struct<Type>) -> TokenStream {
    let mut end = quote!(0);
    let mut constants = TokenStream::new();
    for field in &item.fields {
        let (offset, ty) = (offset(field), types::guest(&field.ty));
        constants.extend(quote_spanned! {field.ty.span=>
            const #offset: ::core::primitive::u32 = ::sandbox::__private::layout::align_up(
                #end,
                ::sandbox::__private::layout::align_of::<#ty, Library>(),
            );
        });
        end = quote_spanned!(field.ty.span=> Self::#offset + ::sandbox::__private::layout::size_of::<#ty, Library>());
    }
    constants
}

fn encoding(item: &Struct<Type>, scopes: &Scopes) -> TokenStream {
    let name = &item.name.ident;
    let mut locals = scopes.values.clone();
    let mut local = |wanted| locals.take(wanted, Span::call_site());
    let (bytes, from, to, value, align) = (local("bytes"), local("from"), local("to"), local("value"), local("align"));

    let aligns = item.fields.iter().map(|field| {
        let ty = types::guest(&field.ty);
        quote!(let #align = ::sandbox::__private::layout::max(#align, ::sandbox::__private::layout::align_of::<#ty, Library>());)
    });
    let end = match item.fields.last() {
        Some(last) => {
            let (offset, ty) = (offset(last), types::guest(&last.ty));
            quote!(Self::#offset + ::sandbox::__private::layout::size_of::<#ty, Library>())
        }
        None => quote!(0),
    };
    let decode = item.fields.iter().map(|field| {
        let (name, ty, offset) = (&field.name.ident, types::guest(&field.ty), offset(field));
        quote!(#name: ::sandbox::__private::decode_field::<#ty, Library>(#bytes, Self::#offset, #from))
    });
    let encode = item.fields.iter().map(|field| {
        let (name, ty, offset) = (&field.name.ident, types::guest(&field.ty), offset(field));
        quote!(::sandbox::__private::encode_field::<#ty, Library>(&#value.#name, #bytes, Self::#offset, #to)?;)
    });
    quote! {
        impl ::sandbox::__private::GuestType<Library> for #name {
            type Tainted = Self;
            const SIZE: ::core::primitive::u32 = ::sandbox::__private::layout::align_up(
                #end,
                <Self as ::sandbox::__private::GuestType<Library>>::ALIGN,
            );
            const ALIGN: ::core::primitive::u32 = {
                let #align = 1;
                #(#aligns)*
                #align
            };

            fn decode(#bytes: &[::core::primitive::u8], #from: ::sandbox::__private::InstanceId) -> Self {
                Self { #(#decode,)* }
            }

            fn encode(
                #value: &Self,
                #bytes: &mut [::core::primitive::u8],
                #to: ::sandbox::__private::InstanceId,
            ) -> ::sandbox::Result<()> {
                #(#encode)*
                ::core::result::Result::Ok(())
            }
        }
    }
}

fn place_type(item: &Struct<Type>, place: &Ident, scopes: &Scopes) -> TokenStream {
    let mut locals = scopes.values.clone();
    let mut local = |wanted| locals.take(wanted, Span::call_site());
    let (raw, fields) = (local("raw"), local("fields"));
    let (vis, c_name, name) = (&item.vis, &item.name.c, &item.name.ident);
    let doc = format!(" A [`{c_name}`] behind a tainted pointer: each field as a pointer again. Reads no memory.");
    let methods = item.fields.iter().map(|field| {
        let doc = format!(" Points to the field `{}`.", field.name.c);
        let docs = own_documentation(&field.docs);
        let (vis, method, ty, offset) = (&field.vis, &field.name.ident, types::guest(&field.ty), offset(field));
        quote_spanned! {field.name.span()=>
            #[doc = #doc]
            #docs
            #vis fn #method(&self) -> ::sandbox::TaintedPtr<#ty, Library> {
                ::sandbox::__private::field(self.0, #name::#offset)
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

fn layout_assertions(item: &Struct<Type>, layout: &Layout) -> TokenStream {
    let (c_name, name) = (&item.name.c, &item.name.ident);
    let Layout { size, align } = layout;
    let size_message = format!(
        "C struct `{c_name}`: C says {size} bytes and the declared fields give another size; correct the fields, or declare the struct opaque"
    );
    let align_message = format!(
        "C struct `{c_name}`: C aligns it to {align} bytes and the declared fields give another alignment; correct the fields, or declare \
         the struct opaque"
    );
    let size = quote_spanned! {size.span()=>
        const _: () = ::core::assert!(<#name as ::sandbox::__private::GuestType<Library>>::SIZE == #size, #size_message);
    };
    let align = quote_spanned! {align.span()=>
        const _: () = ::core::assert!(<#name as ::sandbox::__private::GuestType<Library>>::ALIGN == #align, #align_message);
    };
    quote!(#size #align)
}

fn offset_assertion(item: &Struct<Type>, field: &Field<Type>, bytes: &LitInt) -> TokenStream {
    let (c_name, name, offset) = (&item.name.c, &item.name.ident, offset(field));
    let message = format!(
        "C struct `{c_name}`, field `{}`: C says offset {bytes} and the declared fields give another offset; correct the fields before it, \
         or declare the struct opaque",
        field.name.c
    );
    quote_spanned! {bytes.span()=>
        const _: () = ::core::assert!(#name::#offset == #bytes, #message);
    }
}
