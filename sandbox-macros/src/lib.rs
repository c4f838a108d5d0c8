//! Turns C declarations into tainted Rust bindings.
//!
//! Use it through the `sandbox` crate, as `sandbox::library!`; the [`macro@library`] page describes the input.
//!
//! A declaration passes three stages: `parse` reads the tokens into a tree, `check` resolves every type and
//! applies the rules of the language, `expand` writes Rust. The first two report *all* mistakes of an invocation
//! on the tokens they are about (`diag`); the last one works on a checked tree and cannot fail.

mod ast;
mod attr;
mod check;
mod diag;
mod expand;
mod names;
mod parse;
mod pieces;
mod resolve;
mod verify;

#[cfg(test)]
mod tests;

#[doc = include_str!("library.md")]
#[proc_macro]
pub fn library(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    expansion(input.into()).unwrap_or_else(|errors| errors.to_compile_error()).into()
}

#[doc = include_str!("verify.md")]
#[proc_macro_derive(Verify, attributes(verify))]
pub fn verify(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    verify::derive(input.into()).unwrap_or_else(|errors| errors.to_compile_error()).into()
}

/// Runs the three stages; the error holds everything that is wrong.
fn expansion(input: proc_macro2::TokenStream) -> syn::Result<proc_macro2::TokenStream> {
    let mut errors = diag::Errors::default();
    let checked = parse::library(input, &mut errors).and_then(|library| check::library(library, &mut errors));
    match (checked, errors.into_error()) {
        (Some(library), None) => Ok(expand::library(&library)),
        (_, Some(errors)) => Err(errors),
        (None, None) => Err(diag::bug("nothing was read and nothing was reported")),
    }
}
