//! Arbitrary text as the input of `sandbox::library!`: bindings or errors, never a panic, and no bindings that are not Rust.
#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};

// A crate of procedural macros exports nothing else, so its modules are compiled here once more.
#[path = "../../sandbox-macros/src/ast.rs"]
mod ast;
#[path = "../../sandbox-macros/src/attr.rs"]
mod attr;
#[path = "../../sandbox-macros/src/check.rs"]
mod check;
#[path = "../../sandbox-macros/src/diag.rs"]
mod diag;
#[path = "../../sandbox-macros/src/expand/mod.rs"]
mod expand;
#[path = "../../sandbox-macros/src/names.rs"]
mod names;
#[path = "../../sandbox-macros/src/parse.rs"]
mod parse;
#[path = "../../sandbox-macros/src/pieces.rs"]
mod pieces;
#[path = "../../sandbox-macros/src/resolve.rs"]
mod resolve;
#[path = "../../sandbox-macros/src/verify.rs"]
mod verify;

/// As `sandbox_macros::library`.
fn expansion(input: proc_macro2::TokenStream) -> syn::Result<proc_macro2::TokenStream> {
    let mut errors = diag::Errors::default();
    let checked = parse::library(input, &mut errors).and_then(|library| check::library(library, &mut errors));
    match (checked, errors.into_error()) {
        (Some(library), None) => Ok(expand::library(&library)),
        (_, Some(errors)) => Err(errors),
        (None, None) => Err(diag::bug("nothing was read and nothing was reported")),
    }
}

fuzz_target!(|text: &str| -> Corpus {
    // What is no Rust token does not reach a macro. The compiler refuses what is nested deeper, and syn has no limit of its own.
    if depth(text) > 100 {
        return Corpus::Reject;
    }
    let Ok(tokens) = text.parse::<proc_macro2::TokenStream>() else { return Corpus::Reject };
    match expansion(tokens.clone()) {
        Ok(expansion) => {
            syn::parse2::<syn::File>(expansion).expect("accepted, and the expansion is not Rust");
        }
        Err(errors) => {
            for error in errors {
                let message = error.to_string();
                assert!(!message.is_empty() && !message.contains("this is a bug in"), "{message}");
            }
        }
    }
    // The other macro.
    if let Ok(expansion) = verify::derive(tokens) {
        syn::parse2::<syn::File>(expansion).expect("a derive is accepted, and the expansion is not Rust");
    }
    Corpus::Keep
});

/// How deep the groups are in one another, at most.
fn depth(text: &str) -> usize {
    let (mut now, mut most) = (0_usize, 0);
    for byte in text.bytes() {
        match byte {
            b'(' | b'[' | b'{' => now += 1,
            b')' | b']' | b'}' => now = now.saturating_sub(1),
            _ => {}
        }
        most = most.max(now);
    }
    most
}
