//! A place where a tainted value is released without a check.

use proc_macro2::{Delimiter, Ident, TokenTree};
use serde::Serialize;

use super::literal;
use super::receiver;
use super::scan::Frame;
use super::text::{group, is_angle, is_group, is_ident, is_operator, is_punct, one_line, without_last_comma};

/// The name that every release has.
const NAME: &str = "unverified_because";

/// How a value is released.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Kind {
    /// `value.unverified_because("…")`
    Method,
    /// `Tainted::unverified_because(value, "…")`
    Path,
    /// `#[verify(unverified_because = "…")]`
    Attribute,
    /// The name without a call: a function that is passed on, or an argument of a macro that makes the call.
    Name,
}

/// A release in a source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Release {
    /// The line of the name, from 1.
    pub line: usize,
    /// The column of the name in characters, from 1.
    pub column: usize,
    /// How the value is released.
    pub kind: Kind,
    /// Why: the value of the literal, or the text of another expression; nothing if there is none.
    pub reason: Option<String>,
    /// The reason is a literal, as it has to be.
    pub literal: bool,
    /// What is released: an expression, or a field. Its text, on one line; nothing if that cannot be told.
    pub released: Option<String>,
    /// It is only compiled for tests, benches or examples.
    pub test: bool,
}

impl Release {
    /// Says what is wrong with it, and what to do.
    pub(super) fn problem(&self) -> Option<String> {
        match &self.reason {
            Some(reason) if self.literal => (!reason.contains(char::is_alphanumeric))
                .then(|| "the reason says nothing; write why any value will do here, or verify the value".into()),
            Some(reason) => Some(format!("the reason `{reason}` is not a string literal; write it as one, for reviewers to find")),
            None if self.kind == Kind::Name => {
                Some(format!("`{NAME}` is not called here; call it where the value is, with its reason, or use another name"))
            }
            None => Some("there is no reason; write as a string literal why any value will do here".into()),
        }
    }
}

/// Reads the release whose name is the current token of the innermost frame.
pub(super) fn at(source: &str, frames: &[Frame]) -> Option<Release> {
    let frame = frames.last()?;
    let (tokens, at) = (frame.tokens(), frame.current());
    let name = match tokens.get(at)? {
        TokenTree::Ident(name) if is_name(name) => name,
        _ => return None,
    };
    let before = at.checked_sub(1);
    if before.is_some_and(|before| is_ident(tokens, before, "fn")) {
        // Whoever declares a function of this name releases nothing yet.
        return None;
    }
    let arguments = group(tokens, after_turbofish(tokens, at + 1)).filter(|group| group.delimiter() == Delimiter::Parenthesis);
    let arguments: Option<Vec<_>> = arguments.map(|group| group.stream().into_iter().collect());
    let arguments = arguments.as_deref().map(without_last_comma);
    let dot =
        before.filter(|dot| is_punct(tokens, *dot, '.') && !dot.checked_sub(1).is_some_and(|dot| is_operator(tokens, dot, ['.', '.'])));
    let text = |tokens: &[TokenTree]| Some(one_line(source, tokens)).filter(|text| !text.is_empty());
    let (kind, reason, released) = match (dot, arguments) {
        (Some(dot), arguments) => (Kind::Method, arguments, text(&tokens[receiver::start(tokens, dot)..dot])),
        (None, Some(arguments)) => {
            let comma = arguments.iter().rposition(|token| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ','));
            let (value, reason) = comma.map_or((arguments, None), |comma| (&arguments[..comma], Some(&arguments[comma + 1..])));
            (Kind::Path, reason, text(value))
        }
        (None, None) => match attribute(frames) {
            Some(field) if is_punct(tokens, at + 1, '=') => {
                let reason = tokens[at + 2..].split(|token| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ',')).next();
                (Kind::Attribute, reason, field_text(source, field))
            }
            _ => (Kind::Name, None, None),
        },
    };
    let value = reason.and_then(literal::value);
    let start = name.span().start();
    Some(Release {
        line: start.line,
        column: start.column + 1,
        kind,
        literal: value.is_some(),
        reason: value.or_else(|| reason.and_then(text)),
        released,
        test: frame.in_test(),
    })
}

fn is_name(ident: &Ident) -> bool {
    let ident = ident.to_string();
    ident.strip_prefix("r#").unwrap_or(&ident) == NAME
}

/// Skips `::<…>`, which is allowed even where there is nothing to give.
fn after_turbofish(tokens: &[TokenTree], at: usize) -> usize {
    if !is_operator(tokens, at, [':', ':']) || !is_punct(tokens, at + 2, '<') {
        return at;
    }
    after_type(tokens, at + 2, |tokens, at| at > 0 && is_angle(tokens, at - 1))
}

/// Skips tokens until `ends` holds outside all angle brackets.
fn after_type(tokens: &[TokenTree], start: usize, ends: impl Fn(&[TokenTree], usize) -> bool) -> usize {
    let mut depth = 0_usize;
    let mut at = start;
    while at < tokens.len() && (depth > 0 || !ends(tokens, at)) {
        if is_punct(tokens, at, '<') {
            depth += 1;
        } else if is_angle(tokens, at) {
            depth = depth.saturating_sub(1);
        }
        at += 1;
    }
    at
}

/// Gives the frames up to the one that has the attribute which the innermost frame is in: its current token is `[…]`.
fn attribute(frames: &[Frame]) -> Option<&[Frame]> {
    let mut outer = frames.split_last()?.1;
    while let Some((frame, rest)) = outer.split_last() {
        let (tokens, at) = (frame.tokens(), frame.current());
        if is_group(tokens, at, Delimiter::Bracket) {
            return at.checked_sub(1).filter(|sign| is_punct(tokens, *sign, '#')).map(|_| outer);
        }
        outer = rest;
    }
    None
}

/// Shows the field after an attribute, as `Struct.field: Type`.
fn field_text(source: &str, frames: &[Frame]) -> Option<String> {
    let (frame, outer) = frames.split_last()?;
    let tokens = frame.tokens();
    let mut at = frame.current() + 1;
    while is_punct(tokens, at, '#') && is_group(tokens, at + 1, Delimiter::Bracket) {
        at += 2;
    }
    if is_ident(tokens, at, "pub") {
        at += 1;
        at += usize::from(is_group(tokens, at, Delimiter::Parenthesis));
    }
    let end = after_type(tokens, at, |tokens, at| is_punct(tokens, at, ','));
    let field = one_line(source, tokens.get(at..end)?);
    let name = outer.iter().rev().find_map(struct_name);
    Some(name.map_or_else(|| field.clone(), |name| format!("{name}.{field}")))
}

/// Gives the name of the struct whose fields are the current token.
fn struct_name(frame: &Frame) -> Option<String> {
    let before = frame.tokens().get(..frame.current())?;
    let head = before.iter().rposition(|token| matches!(token, TokenTree::Ident(ident) if ident == "struct"))?;
    let ended = (head..before.len()).any(|at| is_punct(before, at, ';') || is_group(before, at, Delimiter::Brace));
    match before.get(head + 1) {
        Some(TokenTree::Ident(name)) if !ended => Some(name.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::scan::scan;
    use super::*;

    fn all(source: &str) -> Vec<Release> {
        scan(source).unwrap().releases
    }

    fn only(source: &str) -> Release {
        let mut found = all(source);
        assert_eq!(found.len(), 1, "{source}: {found:?}");
        found.remove(0)
    }

    /// The kind, the reason, whether it is a literal, and what is released.
    fn parts(source: &str) -> (Kind, Option<String>, bool, Option<String>) {
        let release = only(source);
        (release.kind, release.reason, release.literal, release.released)
    }

    fn literal(kind: Kind, reason: &str, released: &str) -> (Kind, Option<String>, bool, Option<String>) {
        (kind, Some(reason.into()), true, Some(released.into()))
    }

    #[test]
    fn a_method_call_is_a_site() {
        assert_eq!(parts(r#"fn f() { x.y().unverified_because("why"); }"#), literal(Kind::Method, "why", "x.y()"));
    }

    #[test]
    fn a_path_call_is_a_site() {
        let expected = literal(Kind::Path, "why", "f(x, 1)?");
        assert_eq!(parts(r#"Tainted::unverified_because(f(x, 1)?, "why")"#), expected);
        assert_eq!(parts(r#"sandbox::Tainted::<u8, L>::unverified_because(f(x, 1)?, "why",)"#), expected);
        assert_eq!(parts(r#"<Tainted<u8, L>>::unverified_because::<>(f(x, 1)?, "why")"#), expected);
    }

    #[test]
    fn a_function_value_is_a_site_without_a_reason() {
        assert_eq!(parts("let release = Tainted::unverified_because;"), (Kind::Name, None, false, None));
        assert_eq!(parts("release!(x, unverified_because)"), (Kind::Name, None, false, None));
    }

    #[test]
    fn an_attribute_shows_its_field() {
        let source = r#"struct Header<T> where T: Copy { a: u8, #[verify(field = b, unverified_because = "why")] #[x] pub(crate) c: Map<u8, T>, d: u8 }"#;
        assert_eq!(parts(source), literal(Kind::Attribute, "why", "Header.c: Map<u8, T>"));
    }

    #[test]
    fn an_attribute_behind_a_condition_is_a_site() {
        let source = r#"struct S { #[cfg_attr(feature = "x", verify(unverified_because = "why"))] a: u8 }"#;
        assert_eq!(parts(source), literal(Kind::Attribute, "why", "S.a: u8"));
    }

    #[test]
    fn an_attribute_in_a_macro_is_a_site() {
        let source = r#"macro_rules! m { ($($f:ident)*) => { struct S { $(#[verify(unverified_because = "why")] $f: u8),* } } }"#;
        assert_eq!(parts(source), literal(Kind::Attribute, "why", "S.$f: u8"));
    }

    #[test]
    fn sites_in_macros_are_found() {
        for source in [
            r#"assert_eq!(x.unverified_because("why"), 3);"#,
            r#"vec![x.unverified_because("why")];"#,
            r#"println!("{}", x.unverified_because("why"));"#,
            r#"macro_rules! m { () => { x.unverified_because("why") } }"#,
        ] {
            assert_eq!(parts(source), literal(Kind::Method, "why", "x"));
        }
    }

    #[test]
    fn a_raw_identifier_is_the_same_name() {
        assert_eq!(parts(r#"x.r#unverified_because("why")"#), literal(Kind::Method, "why", "x"));
    }

    #[test]
    fn an_empty_turbofish_hides_nothing() {
        assert_eq!(parts(r#"x.unverified_because::<>("why")"#), literal(Kind::Method, "why", "x"));
    }

    #[test]
    fn comments_strings_and_declarations_are_no_sites() {
        let source = r##"
            //! x.unverified_because("a")
            /// x.unverified_because("a")
            fn unverified_because(self, reason: &'static str) {}
            // x.unverified_because("a")
            /* x.unverified_because("a") /* nested */ */
            const A: &str = "x.unverified_because(\"a\")";
            const B: &str = r#"x.unverified_because("a")"#;
            const C: &[u8] = b"unverified_because";
            fn unverified_because_of() {}
        "##;
        assert_eq!(all(source), []);
    }

    #[test]
    fn every_form_of_a_literal_is_read() {
        for (reason, value) in [
            (r##"r"any \n""##, "any \\n"),
            (r###"r#"any "byte""#"###, "any \"byte\""),
            (r#""any \"byte\" \u{e9}""#, "any \"byte\" é"),
            ("\"any \\\n     byte\"", "any byte"),
            (r#"concat!("any ", "byte")"#, "any byte"),
            (r#"::core::concat!("any")"#, ""),
            (r#"std::concat!("any ", r"byte",)"#, "any byte"),
        ] {
            let release = only(&format!("x.unverified_because({reason})"));
            if value.is_empty() {
                assert!(!release.literal);
            } else {
                assert_eq!((release.reason.as_deref(), release.literal), (Some(value), true), "{reason}");
            }
        }
    }

    #[test]
    fn other_reasons_are_shown_as_they_stand() {
        for reason in ["WHY", "&format!(\"{x}\")", "concat!(\"a\", WHY)", "if a { \"b\" } else { \"c\" }", "b\"bytes\"", "$reason"] {
            assert_eq!(parts(&format!("x.unverified_because({reason})")), (Kind::Method, Some(reason.into()), false, Some("x".into())));
        }
        let source = "struct S { #[verify(unverified_because = WHY)] a: u8 }";
        assert_eq!(parts(source), (Kind::Attribute, Some("WHY".into()), false, Some("S.a: u8".into())));
    }

    #[test]
    fn a_reason_must_be_a_literal_that_says_something() {
        let problem = |source: &str| only(source).problem();
        assert_eq!(problem(r#"x.unverified_because("any byte")"#), None);
        assert!(problem(r#"x.unverified_because(" \t")"#).unwrap().contains("says nothing"));
        assert!(problem("x.unverified_because(\"\u{200b}...\")").unwrap().contains("says nothing"));
        assert!(problem("x.unverified_because(WHY)").unwrap().contains("`WHY` is not a string literal"));
        assert!(problem("x.unverified_because()").unwrap().contains("no reason"));
        assert!(problem("f(Tainted::unverified_because)").unwrap().contains("not called"));
    }

    #[test]
    fn a_site_in_another_site_is_a_second_one() {
        let found = all(r#"a.unverified_because("outer") + f(b.unverified_because("inner")).unverified_because("last")"#);
        let released: Vec<_> = found.iter().map(|release| release.released.as_deref().unwrap()).collect();
        assert_eq!(released, ["a", "b", r#"f(b.unverified_because("inner"))"#]);
    }
}
