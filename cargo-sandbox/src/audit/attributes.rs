//! Attributes: what is only compiled for tests.

use proc_macro2::{Delimiter, TokenTree};

use super::text::{group, is_angle, is_group, is_ident, is_punct};

/// How deep conditions are followed; no person writes more.
const DEPTH: usize = 32;

/// Keywords that begin an item or a statement, which ends with a block or a semicolon.
const ITEMS: [&str; 14] =
    ["async", "const", "enum", "extern", "fn", "impl", "let", "mod", "static", "struct", "trait", "type", "unsafe", "use"];

/// What an attribute that begins at a token makes a test.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum TestOnly {
    /// The tokens before this index.
    Until(usize),
    /// All tokens of this group that follow.
    Rest,
}

/// Reads `#[test]`, or a `#[cfg(…)]` that only holds in tests, at `at`. Where it is not clear how far that goes, less is taken for a test.
/// In a `list`, no part is an item.
pub(super) fn test_only(tokens: &[TokenTree], at: usize, list: bool) -> Option<TestOnly> {
    if !is_punct(tokens, at, '#') {
        return None;
    }
    let inner = is_punct(tokens, at + 1, '!');
    let content: Vec<_> = group(tokens, at + 1 + usize::from(inner))?.stream().into_iter().collect();
    let condition = group(&content, 1).filter(|_| is_ident(&content, 0, "cfg") && content.len() == 2);
    let test = condition.is_some_and(|condition| implies_test(&condition.stream().into_iter().collect::<Vec<_>>(), DEPTH));
    match (inner, test) {
        (true, true) => Some(TestOnly::Rest),
        (false, _) if test || (content.len() == 1 && is_ident(&content, 0, "test")) => Some(TestOnly::Until(end(tokens, at, list))),
        _ => None,
    }
}

/// Whether a condition cannot hold outside a test.
fn implies_test(tokens: &[TokenTree], depth: usize) -> bool {
    if depth == 0 {
        return false;
    }
    match tokens {
        [TokenTree::Ident(test)] => test == "test",
        [TokenTree::Ident(operator), TokenTree::Group(conditions)] => {
            let conditions: Vec<_> = conditions.stream().into_iter().collect();
            let mut conditions = conditions.split(|token| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ','));
            if operator == "all" {
                conditions.any(|condition| implies_test(condition, depth - 1))
            } else {
                operator == "any" && conditions.all(|condition| condition.is_empty() || implies_test(condition, depth - 1))
            }
        }
        _ => false,
    }
}

/// Gives the index after the item, field, arm or whatever else the attribute at `attribute` belongs to.
fn end(tokens: &[TokenTree], attribute: usize, list: bool) -> usize {
    let mut at = attribute;
    while is_punct(tokens, at, '#') && is_group(tokens, at + 1, Delimiter::Bracket) {
        at += 2;
    }
    if is_ident(tokens, at, "pub") {
        at += 1;
        at += usize::from(is_group(tokens, at, Delimiter::Parenthesis));
    }
    // After a comma or an angle there is no item: `<A, #[cfg(test)] const N: usize>`.
    let before = attribute.checked_sub(1);
    let listed = list || before.is_some_and(|before| is_punct(tokens, before, ',') || is_punct(tokens, before, '<'));
    let item = !listed && ITEMS.iter().any(|keyword| is_ident(tokens, at, keyword));
    while at < tokens.len() {
        if is_punct(tokens, at, ';') || is_group(tokens, at, Delimiter::Brace) {
            return at + 1;
        }
        if !item && (is_punct(tokens, at, ',') || is_angle(tokens, at)) {
            return at;
        }
        at += 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::super::scan::scan;

    /// The reasons of the sites that are only compiled for tests.
    #[track_caller]
    fn tests_are(source: &str, expected: &[&str]) {
        let found = scan(source).unwrap().releases.into_iter().filter(|release| release.test);
        assert_eq!(found.map(|release| release.reason.unwrap()).collect::<Vec<_>>(), expected, "{source}");
    }

    #[test]
    fn an_item_for_tests_ends_with_its_block() {
        tests_are(
            r#"fn a() { x.unverified_because("1") } #[cfg(test)] #[allow(x)] mod t { fn b() { x.unverified_because("2") } } fn c() { x.unverified_because("3") }"#,
            &["2"],
        );
    }

    #[test]
    fn a_statement_for_tests_ends_with_its_semicolon() {
        tests_are(r#"{ #[cfg(test)] let a = x.unverified_because("1"); x.unverified_because("2") }"#, &["1"]);
    }

    #[test]
    fn a_field_for_tests_ends_with_its_comma() {
        tests_are(
            r#"struct S { #[cfg(test)] #[verify(unverified_because = "1")] pub a: u8, #[verify(unverified_because = "2")] b: u8 }"#,
            &["1"],
        );
        tests_are(r#"fn f<T, #[cfg(test)] const N: usize>() { x.unverified_because("1") }"#, &[]);
        tests_are(r#"f(#[cfg(test)] async || x.unverified_because("1"), x.unverified_because("2"))"#, &["1"]);
        tests_are(r#"fn f<#[cfg(test)] T>() { x.unverified_because("1") }"#, &[]);
    }

    #[test]
    fn an_inner_attribute_holds_for_the_rest_of_its_block() {
        tests_are(
            r#"mod a { #![cfg(test)] x.unverified_because("1"); fn f() { x.unverified_because("2") } } x.unverified_because("3")"#,
            &["1", "2"],
        );
    }

    #[test]
    fn a_test_function_is_for_tests() {
        tests_are(r#"#[test] fn f() { x.unverified_because("1") } fn g() { x.unverified_because("2") }"#, &["1"]);
    }

    #[test]
    fn only_conditions_that_need_a_test_count() {
        for (condition, needs_test) in [
            ("test", true),
            ("all(unix, test)", true),
            ("any(test, all(test, unix))", true),
            ("any(test, fuzzing)", false),
            ("not(test)", false),
            ("feature = \"test\"", false),
        ] {
            let expected: &[&str] = if needs_test { &["1"] } else { &[] };
            tests_are(&format!(r#"#[cfg({condition})] fn f() {{ x.unverified_because("1") }}"#), expected);
        }
    }
}
