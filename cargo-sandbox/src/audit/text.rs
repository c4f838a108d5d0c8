//! Tokens: looking at them, and showing them.

use proc_macro2::{Delimiter, Group, Spacing, Span, TokenTree};

/// How long the text of an expression may become, in characters.
const LIMIT: usize = 100;
/// How much of a longer one is shown after the gap.
const TAIL: usize = 40;

/// Whether there is this identifier at `at`.
pub(super) fn is_ident(tokens: &[TokenTree], at: usize, name: &str) -> bool {
    matches!(tokens.get(at), Some(TokenTree::Ident(ident)) if ident == name)
}

/// Whether there is this identifier at `at`, raw or not.
pub(super) fn is_word(tokens: &[TokenTree], at: usize, name: &str) -> bool {
    matches!(tokens.get(at), Some(TokenTree::Ident(ident)) if ident == name || ident.to_string().strip_prefix("r#") == Some(name))
}

/// Whether there is this character at `at`.
pub(super) fn is_punct(tokens: &[TokenTree], at: usize, char: char) -> bool {
    matches!(tokens.get(at), Some(TokenTree::Punct(punct)) if punct.as_char() == char)
}

/// Whether an operator of two characters begins at `at`.
pub(super) fn is_operator(tokens: &[TokenTree], at: usize, [first, second]: [char; 2]) -> bool {
    matches!(tokens.get(at), Some(TokenTree::Punct(punct)) if punct.as_char() == first && punct.spacing() == Spacing::Joint)
        && is_punct(tokens, at + 1, second)
}

/// Whether the `>` at `at` closes something: it is not the head of an arrow.
pub(super) fn is_angle(tokens: &[TokenTree], at: usize) -> bool {
    is_punct(tokens, at, '>') && !at.checked_sub(1).is_some_and(|arrow| ['-', '='].iter().any(|c| is_operator(tokens, arrow, [*c, '>'])))
}

/// Gives the group at `at`, if it is one.
pub(super) fn group(tokens: &[TokenTree], at: usize) -> Option<&Group> {
    match tokens.get(at) {
        Some(TokenTree::Group(group)) => Some(group),
        _ => None,
    }
}

/// Whether there is a group with this delimiter at `at`.
pub(super) fn is_group(tokens: &[TokenTree], at: usize, delimiter: Delimiter) -> bool {
    group(tokens, at).is_some_and(|group| group.delimiter() == delimiter)
}

/// Leaves out a comma at the end.
pub(super) fn without_last_comma(tokens: &[TokenTree]) -> &[TokenTree] {
    match tokens {
        [rest @ .., TokenTree::Punct(comma)] if comma.as_char() == ',' => rest,
        _ => tokens,
    }
}

/// A token, or what is left of a group.
enum Piece {
    Tree(TokenTree),
    Close(Span),
}

/// Gives tokens as they stand in `source`, but on one line, without comments, and shortened in the middle.
pub(super) fn one_line(source: &str, tokens: &[TokenTree]) -> String {
    let mut text = String::new();
    let mut end = None;
    // A stack of our own: a source can nest deeper than the thread's.
    let mut pieces: Vec<_> = tokens.iter().rev().cloned().map(Piece::Tree).collect();
    while let Some(piece) = pieces.pop() {
        let span = match piece {
            Piece::Tree(TokenTree::Group(group)) => {
                let open = group.span_open();
                if !matches!(slice(source, open), "(" | "[" | "{") {
                    // What a documentation comment becomes.
                    continue;
                }
                pieces.push(Piece::Close(group.span_close()));
                pieces.extend(group.stream().into_iter().collect::<Vec<_>>().into_iter().rev().map(Piece::Tree));
                open
            }
            Piece::Tree(TokenTree::Punct(punct)) if slice(source, punct.span()).chars().nth(1).is_some() => continue,
            Piece::Tree(token) => token.span(),
            Piece::Close(span) => span,
        };
        let range = span.byte_range();
        let piece = slice(source, span);
        let gap = end.and_then(|end| source.get(end..range.start)).unwrap_or_default();
        if !gap.is_empty() && end.is_some() {
            join(&mut text, piece, gap);
        }
        text += piece;
        end = Some(range.end);
    }
    shorten(&printable(&text))
}

fn slice(source: &str, span: Span) -> &str {
    source.get(span.byte_range()).unwrap_or_default()
}

/// Puts a space where `gap` was in the source, but not where only the end of a line was.
fn join(text: &mut String, next: &str, gap: &str) {
    let broken = gap.contains(['\n', '/']);
    if !broken {
        text.push(' ');
    } else if matches!(next, ")" | "]") && text.ends_with(',') {
        text.pop();
    } else if !text.ends_with(['(', '[', '.']) && !matches!(next, ")" | "]" | "." | "?" | "," | ";") {
        text.push(' ');
    }
}

/// Makes a line of any text: what would drive a terminal, or change the order in which a line is read, is escaped.
pub(super) fn printable(text: &str) -> String {
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        for char in word.chars() {
            let invisible = matches!(char, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
            if char.is_control() || invisible {
                line.extend(char.escape_unicode());
            } else {
                line.push(char);
            }
        }
    }
    line
}

fn shorten(text: &str) -> String {
    let length = text.chars().count();
    if length <= LIMIT {
        return text.to_owned();
    }
    let head: String = text.chars().take(LIMIT - TAIL - 3).collect();
    let tail: String = text.chars().skip(length - TAIL).collect();
    format!("{} … {}", head.trim_end(), tail.trim_start())
}

#[cfg(test)]
mod tests {
    use super::super::scan::scan;
    use super::printable;

    fn released(receiver: &str) -> String {
        scan(&format!("{receiver}.unverified_because(\"why\")")).unwrap().releases.remove(0).released.unwrap()
    }

    #[test]
    fn lines_are_joined_without_what_only_broke_them() {
        let receiver = "sb\n    .copy_out(\n        p, // where\n        640,\n    )\n    ? /* what */\n    .rows";
        assert_eq!(released(receiver), "sb.copy_out(p, 640)?.rows");
    }

    #[test]
    fn spaces_of_the_source_stay() {
        assert_eq!(released("f( a+b, c  -  d, |x| { x })"), "f( a+b, c - d, |x| { x })");
    }

    #[test]
    fn documentation_in_an_expression_is_left_out() {
        assert_eq!(released("f(\n    /// why\n    a,\n)"), "f(a)");
    }

    #[test]
    fn a_long_expression_keeps_its_two_ends() {
        let text = released(&format!("first({}).last()?", "argument, ".repeat(40)));
        assert!(text.starts_with("first(argument") && text.ends_with("argument, ).last()?") && text.contains(" … "), "{text}");
        assert!(text.chars().count() <= 100, "{text}");
    }

    #[test]
    fn what_would_drive_a_terminal_is_escaped() {
        assert_eq!(printable("a\n\tb\u{1b}[2J\u{202e}c"), "a b\\u{1b}[2J\\u{202e}c");
    }
}
