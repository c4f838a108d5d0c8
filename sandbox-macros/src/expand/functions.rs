//! Functions: one declaration and one line of body each, and a constant for its address.

use proc_macro2::{Literal, TokenStream};
use quote::{quote, quote_spanned};

use super::passing::{Passed, passed};
use super::{Scopes, documentation, types};
use crate::ast::{Function, Item, Library, Output, Param, Type};

fn all(items: &[Item<Type>]) -> impl Iterator<Item = &Function<Type>> {
    items.iter().filter_map(|item| match item {
        Item::Function(function) => Some(function),
        _ => None,
    })
}

/// The entries of the `FUNCTIONS` table.
pub(super) fn declarations<'a>(items: &'a [Item<Type>], scopes: &Scopes<'a>) -> Vec<TokenStream> {
    all(items).map(|function| declaration(function, scopes)).collect()
}

fn declaration<'a>(function: &'a Function<Type>, scopes: &Scopes<'a>) -> TokenStream {
    let pointer = quote!(::sandbox::__private::Wasm::I32);
    let name = &function.name.c;
    let export = function.link_name.as_ref().map_or_else(|| name.clone(), syn::LitStr::value);
    let (mut params, mut names) = (Vec::new(), Vec::new());
    let result = match &function.output {
        Output::Void | Output::Never => None,
        Output::Value(ty) => match passed(ty, scopes) {
            Passed::Nothing => None,
            Passed::Scalar(scalar) => Some(types::wasm(scalar)),
            Passed::Pointer => {
                params.push(pointer.clone());
                None
            }
        },
    };
    for (index, param) in function.params.iter().enumerate() {
        match passed(&param.ty, scopes) {
            Passed::Nothing => continue,
            Passed::Scalar(scalar) => params.push(types::wasm(scalar)),
            Passed::Pointer => params.push(pointer.clone()),
        }
        names.push(c_name(param, index));
    }
    if function.variadic {
        params.push(pointer);
    }
    let result = match result {
        Some(wasm) => quote!(::core::option::Option::Some(#wasm)),
        None => quote!(::core::option::Option::None),
    };
    quote!(::sandbox::__private::FunctionDecl::new(#export, #name, &[#(#params),*], #result, &[#(#names),*]))
}

/// The functions, in the order of the table.
pub(super) fn bodies<'a>(library: &'a Library<Type>, scopes: &Scopes<'a>) -> TokenStream {
    all(&library.items).enumerate().map(|(index, function)| body(function, index, scopes)).collect()
}

/// The parameters and the result as the runtime has them: what is passed as nothing is not there.
fn signature<'a>(function: &'a Function<Type>, scopes: &Scopes<'a>) -> (Vec<TokenStream>, Option<TokenStream>) {
    let something = |ty: &&'a Type| !matches!(passed(ty, scopes), Passed::Nothing);
    let mut params: Vec<TokenStream> = function.params.iter().map(|param| &param.ty).filter(something).map(types::guest).collect();
    if function.variadic {
        params.push(quote!(::sandbox::VaList<Library>));
    }
    let result = match &function.output {
        Output::Value(ty) => Some(ty).filter(something).map(types::guest),
        Output::Void | Output::Never => None,
    };
    (params, result)
}

fn body<'a>(function: &'a Function<Type>, index: usize, scopes: &Scopes<'a>) -> TokenStream {
    let Function { docs, vis, name, params, output, .. } = function;
    let docs = documentation(docs, &format!("The C function `{}`.", name.c));
    let mut locals = scopes.values.clone();
    // Its bound is what an error about the wrong sandbox points to: let it be the function's name and not the whole invocation.
    let sandbox = locals.take("sandbox", name.span());
    let (mut declared, mut args) = (Vec::new(), Vec::new());
    for (index, param) in params.iter().enumerate() {
        let span = param.name.as_ref().map_or(param.ty.span, |name| name.span());
        let (name, kind) = (locals.take(&c_name(param, index), span), types::guest(&param.ty));
        if let Passed::Nothing = passed(&param.ty, scopes) {
            declared.push(quote_spanned!(param.ty.span=> #[allow(unused_variables)] #name: #kind));
            continue;
        }
        declared.push(quote_spanned!(param.ty.span=> #name: impl ::sandbox::IntoGuest<#kind, Library>));
        args.push(quote!(::sandbox::IntoGuest::into_guest(#name)));
    }
    if function.variadic {
        let name = locals.take("arguments", name.span());
        declared.push(quote_spanned!(name.span()=> #name: impl ::sandbox::IntoGuest<::sandbox::VaList<Library>, Library>));
        args.push(quote!(::sandbox::IntoGuest::into_guest(#name)));
    }
    let (kinds, kind) = signature(function, scopes);
    let index = Literal::usize_unsuffixed(index);
    let handle = quote!(::sandbox::AsSandboxMut::as_sandbox_mut(#sandbox));
    let args = quote!((#(#args,)*));
    let nothing = quote!(::sandbox::__private::call::<Library, (#(#kinds,)*), ()>(#handle, #index, #args));
    let (result, call) = match (output, &kind) {
        (Output::Void, _) => (quote!(()), nothing),
        (Output::Never, _) => (
            quote!(::core::convert::Infallible),
            quote!(::sandbox::__private::call_noreturn::<Library, (#(#kinds,)*)>(#handle, #index, #args)),
        ),
        (Output::Value(ty), Some(kind)) => {
            (types::tainted(ty), quote!(::sandbox::__private::call::<Library, (#(#kinds,)*), #kind>(#handle, #index, #args)))
        }
        (Output::Value(ty), None) => {
            let kind = types::guest(ty);
            (types::tainted(ty), quote!(#nothing.map(|()| ::sandbox::__private::zeroed::<#kind, Library>())))
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
            #call
        }
    }
}

/// The module with the functions as values.
pub(super) fn values<'a>(library: &'a Library<Type>, scopes: &Scopes<'a>) -> TokenStream {
    let module = &scopes.functions;
    let constants = all(&library.items).enumerate().map(|(index, function)| {
        let (vis, name, index) = (&function.vis, &function.name.ident, Literal::usize_unsuffixed(index));
        let (mut kinds, kind) = signature(function, scopes);
        let result = kind.map(|kind| quote!(-> #kind));
        let signature = if function.variadic {
            kinds.pop();
            quote!(::sandbox::Variadic<fn(#(#kinds),*) #result>)
        } else {
            quote!(fn(#(#kinds),*) #result)
        };
        quote_spanned!(name.span()=> #vis const #name: ::sandbox::Function<#signature, Library> = ::sandbox::Function::new(#index);)
    });
    let constants: Vec<TokenStream> = constants.collect();
    if constants.is_empty() {
        return TokenStream::new();
    }
    quote! {
        /// The functions as values: `sb.fn_ptr(…)` gives the address of one.
        pub mod #module {
            #[allow(unused_imports)]
            use super::*;

            #(#constants)*
        }
    }
}

/// The parameter's name in C, or one by its place in the list.
pub(super) fn c_name(param: &Param<Type>, index: usize) -> String {
    param.name.as_ref().map_or_else(|| format!("arg{index}"), |name| name.c.clone())
}
