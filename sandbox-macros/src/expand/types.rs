//! Types of the input as Rust types.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::quote_spanned;

use crate::ast::{FnType, Scalar, Type, TypeKind};

/// The type as a type argument: what implements `GuestType<Library>`.
pub(super) fn guest(ty: &Type) -> TokenStream {
    let span = ty.span;
    match &ty.kind {
        TypeKind::Scalar(scalar) => {
            let primitive = Ident::new(scalar.primitive(), span);
            quote_spanned!(span=> ::core::primitive::#primitive)
        }
        TypeKind::Bool => quote_spanned!(span=> ::sandbox::CBool),
        TypeKind::Void => quote_spanned!(span=> ::sandbox::Void),
        TypeKind::CStr => quote_spanned!(span=> &'static ::core::ffi::CStr),
        TypeKind::Pointer(target) => {
            let target = guest(target);
            quote_spanned!(span=> ::sandbox::TaintedPtr<#target, Library>)
        }
        TypeKind::Function(function) => {
            let FnType { params, variadic, output } = &**function;
            if *variadic && params.is_empty() {
                return quote_spanned!(span=> ::sandbox::TaintedFn<::sandbox::UnknownSignature, Library>);
            }
            let params = params.iter().map(guest);
            let output = output.as_ref().map(|output| {
                let output = guest(output);
                quote_spanned!(span=> -> #output)
            });
            let signature = quote_spanned!(span=> fn(#(#params),*) #output);
            let signature = if *variadic { quote_spanned!(span=> ::sandbox::Variadic<#signature>) } else { signature };
            quote_spanned!(span=> ::sandbox::TaintedFn<#signature, Library>)
        }
        TypeKind::Array(element, length) => {
            let element = guest(element);
            let mut length = Literal::u32_unsuffixed(*length);
            length.set_span(span);
            quote_spanned!(span=> [#element; #length])
        }
        TypeKind::Opaque(name) | TypeKind::Struct(name) | TypeKind::Union(name) | TypeKind::Enum(name, _) | TypeKind::Alias(name, _) => {
            quote_spanned!(span=> #name)
        }
    }
}

/// The type of a value that came out of the guest: `<guest(ty) as GuestType<Library>>::Tainted`, written out for readers.
pub(super) fn tainted(ty: &Type) -> TokenStream {
    let span = ty.span;
    match &ty.target().kind {
        TypeKind::Scalar(_) | TypeKind::Bool | TypeKind::Enum(..) => {
            let guest = guest(ty);
            quote_spanned!(span=> ::sandbox::Tainted<#guest, Library>)
        }
        TypeKind::Array(element, length) => {
            let element = tainted(element);
            let length = Literal::u32_unsuffixed(*length);
            quote_spanned!(span=> [#element; #length])
        }
        _ => guest(ty),
    }
}

/// The Wasm type of a parameter or result, a variant of `::sandbox::__private::Wasm`.
pub(super) fn wasm(ty: &Type) -> TokenStream {
    let scalar = match &ty.target().kind {
        TypeKind::Scalar(scalar) | TypeKind::Enum(_, scalar) => *scalar,
        // Pointers, function pointers and `_Bool`.
        _ => Scalar::U32,
    };
    let kind = match scalar {
        Scalar::I64 | Scalar::U64 => "I64",
        Scalar::F32 => "F32",
        Scalar::F64 => "F64",
        _ => "I32",
    };
    let kind = Ident::new(kind, ty.span);
    quote_spanned!(ty.span=> ::sandbox::__private::Wasm::#kind)
}
