//! Where the fields of a struct or union are: constants that the compiler computes by C's rules, or those of the declaration.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::LitInt;

use super::types;
use crate::ast::{Bits, Field, Layout, Struct, Type};

/// How a field is reached.
pub(super) enum Slot<'a> {
    /// The constant with its offset in bytes.
    Bytes(Ident),
    /// The constant with its offset in bytes, behind which elements follow. It is no part of a value.
    Flexible(Ident),
    Bits(&'a Bits),
}

pub(super) fn slot(field: &Field<Type>) -> Slot<'_> {
    match &field.bits {
        Some(bits) => Slot::Bits(bits),
        None if field.flexible => Slot::Flexible(offset(field)),
        None => Slot::Bytes(offset(field)),
    }
}

/// A bit-field's place as a value of the runtime.
pub(super) fn bits(bits: &Bits) -> TokenStream {
    let Bits { offset, width } = bits;
    quote!(::sandbox::__private::Bits { offset: #offset, width: #width })
}

/// The name of the constant that holds a field's offset. Fields differ, so these do; and methods have no names in capitals.
fn offset(field: &Field<Type>) -> Ident {
    format_ident!("OFFSET_{}", field.name.key(), span = field.name.span())
}

fn size_of(ty: &Type) -> TokenStream {
    let guest = types::guest(ty);
    quote_spanned!(ty.span=> ::sandbox::__private::layout::size_of::<#guest, Library>())
}

fn align_of(ty: &Type) -> TokenStream {
    let guest = types::guest(ty);
    quote_spanned!(ty.span=> ::sandbox::__private::layout::align_of::<#guest, Library>())
}

/// The larger of all numbers, or `least`.
fn max(least: TokenStream, numbers: impl Iterator<Item = TokenStream>) -> TokenStream {
    numbers.fold(least, |largest, number| quote!(::sandbox::__private::layout::max(#largest, #number)))
}

/// A constant for each offset, in bytes: what C says, if the declaration has it. Then none depends on another, which rustc limits to a few hundred.
pub(super) fn offsets(item: &Struct<Type>) -> TokenStream {
    let with_bytes = with_the_one_before(item).filter(|(_, field)| field.bits.is_none());
    let constants = with_bytes.map(|(before, field)| {
        let (name, span) = (offset(field), field.ty.span);
        let value = field.offset.as_ref().map_or_else(|| by_the_rules(item, before, field), |bytes| quote!(#bytes));
        quote_spanned!(span=> #[doc(hidden)] const #name: ::core::primitive::u32 = #value;)
    });
    constants.collect()
}

fn with_the_one_before(item: &Struct<Type>) -> impl Iterator<Item = (Option<&Field<Type>>, &Field<Type>)> {
    std::iter::once(None).chain(item.fields.iter().map(Some)).zip(&item.fields)
}

/// The offset of a field by C's rules.
fn by_the_rules(item: &Struct<Type>, before: Option<&Field<Type>>, field: &Field<Type>) -> TokenStream {
    let end = before.filter(|_| !item.union).map_or_else(
        || quote!(0),
        |before| {
            let (item, name, size) = (&item.name.ident, offset(before), size_of(&before.ty));
            quote_spanned!(field.ty.span=> #item::#name + #size)
        },
    );
    let align = align_of(&field.ty);
    quote_spanned!(field.ty.span=> ::sandbox::__private::layout::align_up(#end, #align))
}

/// The size in bytes.
pub(super) fn size(item: &Struct<Type>) -> TokenStream {
    if let Some(Layout { size, .. }) = item.explicit() {
        return quote!(#size);
    }
    let name = &item.name.ident;
    let end = if item.union {
        max(quote!(0), item.fields.iter().filter(|field| !field.flexible).map(|field| size_of(&field.ty)))
    } else {
        match item.fields.last() {
            Some(last) => {
                let offset = offset(last);
                let size = if last.flexible { quote!(0) } else { size_of(&last.ty) };
                quote!(#name::#offset + #size)
            }
            None => quote!(0),
        }
    };
    let align = align(item);
    quote!(::sandbox::__private::layout::align_up(#end, #align))
}

/// The alignment in bytes.
pub(super) fn align(item: &Struct<Type>) -> TokenStream {
    match item.explicit() {
        Some(Layout { align, .. }) => quote!(#align),
        None => max(quote!(1), item.fields.iter().map(|field| align_of(&field.ty))),
    }
}

/// Compares the fields with what the declaration says of the layout.
pub(super) fn assertions(item: &Struct<Type>) -> TokenStream {
    match item.explicit() {
        Some(layout) => fields_fit(item, layout),
        None => {
            let layout = item.layout.iter().map(|layout| size_and_align(item, layout));
            let offsets = with_the_one_before(item).filter_map(|(before, field)| {
                let by_the_rules = by_the_rules(item, before, field);
                Some(offset_assertion(item, field, &by_the_rules, field.offset.as_ref()?))
            });
            quote!(#(#layout)* #(#offsets)*)
        }
    }
}

/// With an explicit layout each field must lie in its struct, and not on the one before.
fn fields_fit(item: &Struct<Type>, layout: &Layout) -> TokenStream {
    let (name, size) = (&item.name.ident, &layout.size);
    let mut before: Option<&Field<Type>> = None;
    let mut assertions = TokenStream::new();
    for field in item.fields.iter().filter(|field| field.bits.is_none()) {
        let (place, bytes) = (offset(field), if field.flexible { quote!(0) } else { size_of(&field.ty) });
        let what = format!("C {}, field `{}`", described(item), field.name.c);
        let ends = format!("{what} ends behind it; correct the type, the offset or the size");
        assertions.extend(quote_spanned! {field.name.span()=>
            const _: () = ::core::assert!(#name::#place + #bytes <= #size, #ends);
        });
        if let Some(before) = before.filter(|_| !item.union) {
            let (end, bytes) = (offset(before), size_of(&before.ty));
            let overlaps = format!("{what} overlaps the one before; correct the types or the offsets");
            assertions.extend(quote_spanned! {field.name.span()=>
                const _: () = ::core::assert!(#name::#end + #bytes <= #name::#place, #overlaps);
            });
        }
        before = Some(field);
    }
    if !item.union {
        assertions.extend(item.fields.iter().filter_map(|field| apart_from_bytes(item, field)));
    }
    assertions
}

/// The bytes that a bit-field has a part of are no other field's.
fn apart_from_bytes(item: &Struct<Type>, field: &Field<Type>) -> Option<TokenStream> {
    let Bits { offset: first, width } = field.bits.as_ref()?;
    let name = &item.name.ident;
    let others = item.fields.iter().filter(|other| other.bits.is_none() && !other.flexible).map(|other| {
        let (offset, size) = (offset(other), size_of(&other.ty));
        quote!((#name::#offset, #size))
    });
    let overlaps = format!("C {}, bit-field `{}` overlaps another field; correct the types or the places", described(item), field.name.c);
    Some(quote_spanned! {field.name.span()=>
        const _: () = ::core::assert!(::sandbox::__private::layout::apart(#first, #width, &[#(#others),*]), #overlaps);
    })
}

/// As messages name it: "struct `s`".
fn described(item: &Struct<Type>) -> String {
    format!("{} `{}`", if item.union { "union" } else { "struct" }, item.name.c)
}

fn size_and_align(item: &Struct<Type>, layout: &Layout) -> TokenStream {
    let (what, name) = (described(item), &item.name.ident);
    let Layout { size, align, .. } = layout;
    let size_message =
        format!("C {what}: C says {size} bytes and the declared fields give another size; correct the fields, or declare it opaque");
    let align_message = format!(
        "C {what}: C aligns it to {align} bytes and the declared fields give another alignment; correct the fields, or declare it opaque"
    );
    let size = quote_spanned! {size.span()=>
        const _: () = ::core::assert!(<#name as ::sandbox::__private::GuestType<Library>>::SIZE == #size, #size_message);
    };
    let align = quote_spanned! {align.span()=>
        const _: () = ::core::assert!(<#name as ::sandbox::__private::GuestType<Library>>::ALIGN == #align, #align_message);
    };
    quote!(#size #align)
}

fn offset_assertion(item: &Struct<Type>, field: &Field<Type>, by_the_rules: &TokenStream, bytes: &LitInt) -> TokenStream {
    let message = format!(
        "C {}, field `{}`: C says offset {bytes} and the declared fields give another offset; correct the fields before it, or declare it \
         opaque",
        described(item),
        field.name.c
    );
    quote_spanned! {bytes.span()=>
        const _: () = ::core::assert!(#by_the_rules == #bytes, #message);
    }
}
