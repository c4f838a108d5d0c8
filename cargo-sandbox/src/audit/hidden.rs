//! What can hide a site from the search: a file that is not known, and a name that is put together.

use proc_macro2::{Delimiter, Group, Span, TokenTree};

use super::literal;
use super::scan::Frame;
use super::text::{is_punct, is_word};

/// A place that can hide a site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Hidden {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// What is wrong, and what to do.
    pub message: String,
    /// It is only compiled for tests.
    pub test: bool,
}

impl Hidden {
    pub(super) fn new(frame: &Frame, span: Span, message: impl Into<String>) -> Self {
        let start = span.start();
        Self { line: start.line, column: start.column + 1, message: message.into(), test: frame.in_test() }
    }
}

/// Finds `include` in a `use`, at the current token of the innermost frame: it can get another name there.
pub(super) fn renamed(frames: &[Frame]) -> Option<Hidden> {
    let frame = frames.last()?;
    let (tokens, at) = (frame.tokens(), frame.current());
    // `include::x` is a module.
    if !is_word(tokens, at, "include") || is_punct(tokens, at + 1, '!') || is_punct(tokens, at + 1, ':') || !is_in_use(frames) {
        return None;
    }
    let message = "`include` can get another name here, and what that includes is not searched; write `include!(\"…\")` where it is needed";
    Some(Hidden::new(frame, tokens.get(at)?.span(), message))
}

/// Finds `__private`, what the expansion of the macros uses, at the current token of the innermost
/// frame.
pub(super) fn private(frames: &[Frame]) -> Option<Hidden> {
    let frame = frames.last()?;
    let (tokens, at) = (frame.tokens(), frame.current());
    if !is_word(tokens, at, "__private") {
        return None;
    }
    let message = "`__private` is what the macros expand to: a type or a library that is made of it by hand gets values and pointers that nobody has checked, and may run any code; \
                   use the public items";
    Some(Hidden::new(frame, tokens.get(at)?.span(), message))
}

/// Whether the current token of the innermost frame is part of a `use`.
fn is_in_use(frames: &[Frame]) -> bool {
    for frame in frames.iter().rev() {
        let tokens = frame.tokens();
        let mut at = frame.current();
        while let Some(before) = at.checked_sub(1) {
            match tokens.get(before) {
                Some(TokenTree::Ident(word)) if word == "use" => return true,
                Some(TokenTree::Ident(_)) => {}
                Some(TokenTree::Punct(punct)) if matches!(punct.as_char(), ':' | ',' | '*' | '$') => {}
                Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {}
                _ => return false,
            }
            at = before;
        }
    }
    false
}

/// Finds a part of `unverified_because`, or all of `include`, in `[< … >]`, of which the macro `paste!` makes a name.
pub(super) fn pasted(frame: &Frame, group: &Group) -> Option<Hidden> {
    if group.delimiter() != Delimiter::Bracket {
        return None;
    }
    let tokens: Vec<_> = group.stream().into_iter().collect();
    let last = tokens.len().checked_sub(1)?;
    if !is_punct(&tokens, 0, '<') || !is_punct(&tokens, last, '>') {
        return None;
    }
    // Cases and underscores differ where `:snake` or `:lower` is yet to come.
    let plain = |text: &str| text.strip_prefix("r#").unwrap_or(text).to_lowercase().replace('_', "");
    let mut name = String::new();
    for (at, token) in tokens.iter().enumerate().filter(|(at, _)| *at == 0 || !is_punct(&tokens, at - 1, ':')) {
        let part = match token {
            TokenTree::Ident(ident) => plain(&ident.to_string()),
            TokenTree::Literal(_) => literal::string(token).map(|text| plain(&text)).unwrap_or_default(),
            _ => continue,
        };
        if is_punct(&tokens, at.saturating_sub(1), '$') {
            // An argument of the macro, not a part of the name.
            continue;
        }
        if part.starts_with("unverified") || part.ends_with("because") {
            name = "unverifiedbecause".into();
            break;
        }
        name += &part;
    }
    let message = if name.contains("unverifiedbecause") {
        "the name made here can be `unverified_because`, which is not found; write that name in one piece, or make another"
    } else if name == "private" {
        "the name made here can be `__private`, what the macros expand to; write it in one piece, or make another"
    } else if name == "include" {
        "the name made here is `include`, and what that includes is not searched; write it in one piece"
    } else {
        return None;
    };
    Some(Hidden::new(frame, group.span_open(), message))
}

#[cfg(test)]
mod tests {
    use super::super::scan::scan;

    #[track_caller]
    fn hides(source: &str, message: &str) {
        let found = scan(source).unwrap().hidden;
        assert!(found.len() == 1 && found[0].message.contains(message), "{source}: {found:?}");
    }

    #[track_caller]
    fn hides_nothing(source: &str) {
        assert_eq!(scan(source).unwrap().hidden, [], "{source}");
    }

    #[test]
    fn include_in_a_use_is_hidden() {
        for source in [
            "use core::include as load;",
            "pub use ::std::{io::{self, Write}, include as load};",
            "use std::include;",
            "fn f() { use core::r#include as load; }",
            "use $crate::{a, b::{include}};",
        ] {
            hides(source, "can get another name");
        }
    }

    #[test]
    fn another_include_is_not_hidden() {
        hides_nothing("use a::b; fn f(include: bool) { if include {} }");
        hides_nothing("use crate::include::Folder;");
        hides_nothing("mod include { struct S { include: u8 } }");
    }

    #[test]
    fn a_part_of_the_name_of_a_release_is_hidden() {
        for name in [
            "unverified_ because",
            "unverified_ $rest",
            "$first _because",
            "UnverifiedBecause:snake",
            "UNVERIFIED_:lower $rest",
            "\"unverified_\" $rest",
            "un verified_be cause",
            "unver ified_ because",
        ] {
            hides(&format!("paste! {{ x.[<{name}>](\"why\") }}"), "can be `unverified_because`");
        }
    }

    #[test]
    fn other_names_that_are_put_together_are_fine() {
        hides_nothing("paste! { fn [<get_ $name:snake>]() {} fn [<$because _of>]() {} }");
        hides_nothing("const A: [u8; 2] = [<u8>::MIN, 1];");
    }

    #[test]
    fn what_the_macros_use_is_hidden() {
        for source in [
            "use sandbox::__private::GuestType;",
            "impl sandbox::__private::Library for Mine {}",
            "unsafe { ::sandbox::__private::Precompiled::trusted(CODE) }",
            "use sandbox::{self as s, r#__private as p};",
            "macro_rules! m { () => { sandbox::__private::release(x) } }",
        ] {
            hides(source, "use the public items");
        }
        hides_nothing("mod private { struct __Private; }");
    }

    #[test]
    fn what_the_macros_use_is_hidden_in_parts_too() {
        hides("paste! { sandbox::[<__pri vate>]::release(x) }", "can be `__private`");
        hides_nothing("paste! { mod [<private_ parts>] {} }");
    }

    #[test]
    fn include_in_parts_is_hidden() {
        hides("paste! { [<inc lude>]!(\"x.in\"); }", "the name made here is `include`");
    }
}
