//! String literals.

use proc_macro2::{TokenStream, TokenTree};

use super::text::{group, is_ident, is_punct};

/// Gives the value of a string literal, raw or not.
pub(super) fn string(token: &TokenTree) -> Option<String> {
    let TokenTree::Literal(literal) = token else { return None };
    let text = literal.to_string();
    if !text.starts_with('"') && !text.starts_with("r\"") && !text.starts_with("r#") {
        return None;
    }
    match syn::Lit::new(literal.clone()) {
        syn::Lit::Str(string) => Some(string.value()),
        _ => None,
    }
}

/// Gives the value of a literal, or of `concat!` of literals, which is as good for a reviewer.
pub(super) fn value(tokens: &[TokenTree]) -> Option<String> {
    match tokens {
        [token] => string(token),
        _ => joined(&concat(tokens)?.into_iter().collect::<Vec<_>>()),
    }
}

/// Gives the argument of `concat!`, `std::concat!` or `core::concat!`.
pub(super) fn concat(tokens: &[TokenTree]) -> Option<TokenStream> {
    let start = tokens.len().checked_sub(3)?;
    let qualified = start == 3 && (is_ident(tokens, 0, "std") || is_ident(tokens, 0, "core")) && is_punct(tokens, 1, ':');
    if (start == 0 || qualified) && is_ident(tokens, start, "concat") && is_punct(tokens, start + 1, '!') {
        return group(tokens, start + 2).map(|group| group.stream());
    }
    None
}

/// Joins string literals with commas between them.
pub(super) fn joined(tokens: &[TokenTree]) -> Option<String> {
    let mut text = String::new();
    for (at, token) in tokens.iter().enumerate() {
        if at % 2 == 0 {
            text += &string(token)?;
        } else if !is_punct(tokens, at, ',') {
            return None;
        }
    }
    Some(text)
}
