//! Functions: one declaration and one line of body each.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{quote, quote_spanned};

use super::{Scopes, documentation, types};
use crate::ast::{Function, Item, Library, Output, Param, Type};

fn all(items: &[Item<Type>]) -> impl Iterator<Item = &Function<Type>> {
    items.iter().filter_map(|item| match item {
        Item::Function(function) => Some(function),
        _ => None,
    })
}

/// The entries of the `FUNCTIONS` table.
pub(super) fn declarations(items: &[Item<Type>]) -> impl Iterator<Item = TokenStream> {
    all(items).map(|function| {
        let name = &function.name.c;
        let export = function.link_name.as_ref().map_or_else(|| name.clone(), syn::LitStr::value);
        let params = function.params.iter().map(|param| types::wasm(&param.ty));
        let result = match &function.output {
            Output::Value(ty) => {
                let wasm = types::wasm(ty);
                quote!(::core::option::Option::Some(#wasm))
            }
            Output::Void | Output::Never => quote!(::core::option::Option::None),
        };
        let names = function.params.iter().enumerate().map(|(index, param)| c_name(param, index));
        quote!(::sandbox::__private::FunctionDecl::new(#export, #name, &[#(#params),*], #result, &[#(#names),*]))
    })
}

/// The functions, in the order of the table.
pub(super) fn bodies(library: &Library<Type>, scopes: &Scopes<'_>) -> TokenStream {
    all(&library.items).enumerate().map(|(index, function)| body(function, index, scopes)).collect()
}

fn body(function: &Function<Type>, index: usize, scopes: &Scopes<'_>) -> TokenStream {
    let Function { docs, vis, name, params, output, .. } = function;
    let docs = documentation(docs, &format!("The C function `{}`.", name.c));
    let mut locals = scopes.values.clone();
    // Its bound is what an error about the wrong sandbox points to: let it be the function's name and not the whole invocation.
    let sandbox = locals.take("sandbox", name.span());
    let names: Vec<Ident> = params
        .iter()
        .enumerate()
        .map(|(index, param)| {
            let span = param.name.as_ref().map_or(param.ty.span, |name| name.span());
            locals.take(&c_name(param, index), span)
        })
        .collect();
    let kinds: Vec<TokenStream> = params.iter().map(|param| types::guest(&param.ty)).collect();
    let declared = params
        .iter()
        .zip(&names)
        .zip(&kinds)
        .map(|((param, name), kind)| quote_spanned!(param.ty.span=> #name: impl ::sandbox::IntoGuest<#kind, Library>));
    let index = Literal::usize_unsuffixed(index);
    let handle = quote!(::sandbox::AsSandboxMut::as_sandbox_mut(#sandbox));
    let args = quote!((#(::sandbox::IntoGuest::into_guest(#names),)*));
    let (result, call) = match output {
        Output::Void => (quote!(()), quote!(::sandbox::__private::call::<Library, (#(#kinds,)*), ()>)),
        Output::Never => (quote!(::core::convert::Infallible), quote!(::sandbox::__private::call_noreturn::<Library, (#(#kinds,)*)>)),
        Output::Value(ty) => {
            let kind = types::guest(ty);
            (types::tainted(ty), quote!(::sandbox::__private::call::<Library, (#(#kinds,)*), #kind>))
        }
    };
    let handle_type = quote_spanned!(name.span()=> #sandbox: &mut impl ::sandbox::AsSandboxMut<Library>);
    let name = &name.ident;
    quote_spanned! {name.span()=>
        #docs
        #vis fn #name(
            #handle_type,
            #(#declared,)*
        ) -> ::sandbox::Result<#result> {
            #call(#handle, #index, #args)
        }
    }
}

/// The parameter's name in C, or one by its place in the list.
fn c_name(param: &Param<Type>, index: usize) -> String {
    param.name.as_ref().map_or_else(|| format!("arg{index}"), |name| name.c.clone())
}
