//! How structs and unions are passed by value: the C ABI of the Wasm tool conventions (`BasicCABI.md`), as clang has it.

use proc_macro2::TokenStream;
use quote::quote;

use super::{Scopes, types};
use crate::ast::{Field, Struct, Type, TypeKind};
use crate::names::unraw;

/// What stands for a value among the Wasm parameters.
pub(super) enum Passed<'a> {
    /// Nothing: a struct without fields.
    Nothing,
    /// One value: the type is a scalar, or a struct of one scalar.
    Scalar(&'a Type),
    /// A pointer to it.
    Pointer,
}

pub(super) fn passed<'a>(ty: &'a Type, scopes: &Scopes<'a>) -> Passed<'a> {
    match &ty.target().kind {
        TypeKind::Struct(name) | TypeKind::Union(name) => {
            scopes.records.get(&unraw(name)).map_or(Passed::Pointer, |item| record(item, scopes))
        }
        TypeKind::Array(..) => Passed::Pointer,
        _ => Passed::Scalar(ty),
    }
}

/// What stands for a struct or union.
fn record<'a>(item: &'a Struct<Type>, scopes: &Scopes<'a>) -> Passed<'a> {
    if item.fields.iter().any(|field| field.flexible) {
        return Passed::Pointer;
    }
    let mut parts = item.fields.iter().map(|field| part(field, scopes)).filter(|part| !matches!(part, Passed::Nothing));
    match (parts.next(), parts.next()) {
        (None, _) => Passed::Nothing,
        (Some(Passed::Scalar(scalar)), None) if !padded(item, scalar) => Passed::Scalar(scalar),
        _ => Passed::Pointer,
    }
}

/// An array of one element counts as its element.
fn part<'a>(field: &'a Field<Type>, scopes: &Scopes<'a>) -> Passed<'a> {
    let mut ty = &field.ty;
    while let TypeKind::Array(element, length) = &ty.target().kind {
        if *length != 1 && !matches!(passed(element, scopes), Passed::Nothing) {
            return Passed::Pointer;
        }
        ty = element;
    }
    passed(ty, scopes)
}

/// Whether a struct is larger than its only scalar.
fn padded(item: &Struct<Type>, scalar: &Type) -> bool {
    let bytes = match &scalar.target().kind {
        TypeKind::Scalar(scalar) | TypeKind::Enum(_, scalar) => scalar.bits() / 8,
        TypeKind::Bool => 1,
        _ => 4,
    };
    item.layout.as_ref().is_some_and(|layout| layout.size.base10_parse::<u64>().ok() != Some(bytes))
}

/// What makes a struct or union a parameter and a result.
pub(super) fn implementation(item: &Struct<Type>, scopes: &Scopes<'_>) -> TokenStream {
    let name = &item.name.ident;
    let by = match record(item, scopes) {
        Passed::Nothing => return TokenStream::new(),
        Passed::Scalar(scalar) => {
            let scalar = types::guest(scalar);
            quote!(::sandbox::__private::Single<#scalar>)
        }
        Passed::Pointer => quote!(::sandbox::__private::Indirect),
    };
    quote! {
        impl ::sandbox::__private::Passed<Library> for #name {
            type By = #by;
        }

        impl ::sandbox::__private::GuestResult<Library> for #name {
            type Tainted = Self;
            type Return = <#by as ::sandbox::__private::Passing<Self, Library>>::Return;
        }

        impl ::sandbox::IntoGuest<Self, Library> for #name {
            fn into_guest(self) -> Self {
                self
            }
        }
    }
}
