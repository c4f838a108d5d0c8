//! Cuts tokens into pieces that are parsed one by one, so that a mistake in one hides none in the next.

use proc_macro2::{Delimiter, Spacing, Span, TokenStream, TokenTree};
use quote::ToTokens;

use crate::diag::Errors;

/// How many tokens may stand in one another. Headers stay below 30; syn's parser is recursive, and a stack ends.
const DEEPEST: usize = 400;

/// Tells whether parsing `tokens` could take more stack than there is.
pub(crate) fn too_deep(tokens: &TokenStream) -> bool {
    depth(tokens.clone(), DEEPEST).is_none()
}

/// The most tokens that can stand in one another, counting every token between two separators; `None` if there are more than `limit`.
fn depth(tokens: TokenStream, limit: usize) -> Option<usize> {
    let (mut deepest, mut run) = (0, 0_usize);
    for token in tokens {
        run += 1;
        let left = limit.checked_sub(run)?;
        match token {
            TokenTree::Group(group) => {
                deepest = deepest.max(run + depth(group.stream(), left)?);
                if group.delimiter() == Delimiter::Brace {
                    run = 0;
                }
            }
            TokenTree::Punct(punct) if matches!(punct.as_char(), ',' | ';') => run = 0,
            _ => deepest = deepest.max(run),
        }
    }
    Some(deepest)
}

/// A part of the input that is parsed on its own.
pub(crate) struct Piece {
    pub(crate) tokens: TokenStream,
    /// The last token, where a missing one is reported.
    pub(crate) end: Span,
}

/// Cuts items apart: each ends with `;` or a block.
pub(crate) fn pieces_of_items(body: TokenStream, errors: &mut Errors) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut tokens: Vec<TokenTree> = Vec::new();
    for token in body {
        let ends = match &token {
            TokenTree::Punct(punct) => punct.as_char() == ';',
            TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
            _ => false,
        };
        let end = token.span();
        tokens.push(token);
        if ends {
            pieces.push(Piece { tokens: tokens.drain(..).collect(), end });
        }
    }
    if let Some(last) = tokens.last() {
        errors.on(last.to_token_stream(), "expected `;` after this declaration");
    }
    pieces
}

/// Cuts the members of a list apart, each with its `,`; the last one gets one if it has none.
pub(crate) fn pieces_of_list(list: TokenStream) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut tokens: Vec<TokenTree> = Vec::new();
    let mut angles = 0_usize;
    let mut arrow = false;
    for token in list {
        let end = token.span();
        let mut ends = false;
        let mut dash = false;
        if let TokenTree::Punct(punct) = &token {
            match punct.as_char() {
                ',' => ends = angles == 0,
                '<' => angles += 1,
                '>' if !arrow => angles = angles.saturating_sub(1),
                '-' => dash = punct.spacing() == Spacing::Joint,
                _ => {}
            }
        }
        arrow = dash;
        tokens.push(token);
        if ends {
            pieces.push(Piece { tokens: tokens.drain(..).collect(), end });
        }
    }
    if let Some(last) = tokens.last() {
        let end = last.span();
        let mut comma = proc_macro2::Punct::new(',', Spacing::Alone);
        comma.set_span(end);
        tokens.push(comma.into());
        pieces.push(Piece { tokens: tokens.drain(..).collect(), end });
    }
    pieces
}
