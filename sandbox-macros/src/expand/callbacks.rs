//! Names for function pointers that C gives none: those of parameters and of fields.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;
use syn::Visibility;

use super::{functions, types};
use crate::ast::{Item, Type, TypeKind};
use crate::names::Scope;

/// A type alias for each, called after where it stands.
pub(super) fn aliases(items: &[Item<Type>], names: &mut Scope) -> Vec<TokenStream> {
    let mut aliases = Vec::new();
    let mut add = |vis: &Visibility, ty: &Type, wanted: String, what: String, span: Span| {
        if let TypeKind::Function(_) = ty.kind {
            let (name, ty) = (names.take(&wanted, span), types::guest(ty));
            aliases.push(quote_spanned!(span=> #[doc = #what] #vis type #name = #ty;));
        }
    };
    for item in items {
        match item {
            Item::Function(function) => {
                let function_vis = &function.vis;
                for (index, param) in function.params.iter().enumerate() {
                    let (function, name) = (&function.name, functions::c_name(param, index));
                    let what = format!(" The function pointer that `{}` takes as `{name}`.", function.c);
                    add(function_vis, &param.ty, format!("{}_{name}", function.c), what, function.span());
                }
            }
            Item::Struct(item) => {
                for field in &item.fields {
                    let what = format!(" The function pointer in field `{}` of `{}`.", field.name.c, item.name.c);
                    add(&field.vis, &field.ty, format!("{}_{}", item.name.c, field.name.c), what, field.name.span());
                }
            }
            Item::Global(global) => {
                let what = format!(" The function pointer in the variable `{}`.", global.name.c);
                add(&global.vis, &global.ty, format!("{}_type", global.name.c), what, global.name.span());
            }
            _ => {}
        }
    }
    aliases
}
