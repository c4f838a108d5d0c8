//! Goldens of the expansion and of the errors, and a search for panics.
//!
//! `BLESS=1 cargo test -p sandbox-macros` writes the goldens anew; look at the difference before you commit it.
//! The package `tests` compiles the inputs of the expansion goldens against the real runtime.

mod goldens;
mod malformed;

use proc_macro2::TokenStream;

/// The tokens inside of the only `sandbox::library! { … }` in `source`.
fn invocation(source: &str) -> TokenStream {
    let file = syn::parse_file(source).expect("a test input is Rust outside of the macro");
    match &file.items[..] {
        [syn::Item::Macro(invocation)] => invocation.mac.tokens.clone(),
        _ => panic!("a test input is one `sandbox::library!` invocation"),
    }
}
