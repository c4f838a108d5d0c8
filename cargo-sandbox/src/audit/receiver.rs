//! Where the expression before a `.` begins.
//!
//! Rust is not made to be read backwards, so this is a good guess and decides nothing: it is only shown to the reader.

use proc_macro2::{Delimiter, TokenTree};

use super::text::{is_angle, is_group, is_ident, is_operator, is_punct};

/// Words that an operand neither is nor ends with, so that a group after one of them is no call.
const KEYWORDS: [&str; 30] = [
    "as", "async", "break", "const", "continue", "dyn", "else", "enum", "extern", "fn", "for", "if", "impl", "in", "let", "loop", "match",
    "mod", "move", "mut", "pub", "ref", "return", "static", "struct", "trait", "unsafe", "use", "where", "while",
];

/// Gives the index of the first token of the expression that ends before `end`; `end` itself if none does.
pub(super) fn start(tokens: &[TokenTree], end: usize) -> usize {
    let mut at = end;
    while let Some(last) = at.checked_sub(1) {
        match tokens.get(last) {
            Some(TokenTree::Punct(punct)) if punct.as_char() == '?' => at = last,
            Some(TokenTree::Literal(_)) => match dot(tokens, last) {
                Some(dot) => at = dot,
                None => return last,
            },
            Some(TokenTree::Ident(_)) if is_operand(tokens, last) => {
                let first = path(tokens, last);
                match dot(tokens, first) {
                    Some(dot) => at = dot,
                    None => return first,
                }
            }
            Some(TokenTree::Group(group)) => match before_group(tokens, last, group.delimiter()) {
                Before::Continues(next) => at = next,
                Before::Starts(first) => return first,
            },
            // `size_of::<T>`
            _ => match turbofish(tokens, last) {
                Some(colons) => at = colons,
                None => return at,
            },
        }
    }
    at
}

enum Before {
    /// The expression goes on before this index.
    Continues(usize),
    /// It begins here.
    Starts(usize),
}

/// Decides whether a group is an expression by itself or the end of a longer one: a call, an index, a macro, a block with a head.
fn before_group(tokens: &[TokenTree], at: usize, delimiter: Delimiter) -> Before {
    let Some(last) = at.checked_sub(1) else { return Before::Starts(at) };
    if is_punct(tokens, last, '!') && last > 0 && is_operand(tokens, last - 1) {
        return Before::Continues(last);
    }
    if delimiter == Delimiter::Brace {
        if let Some(head) = head(tokens, at) {
            return Before::Starts(head);
        }
        return Before::Starts(if is_operand(tokens, last) { path(tokens, last) } else { at });
    }
    if is_angle(tokens, last) {
        return turbofish(tokens, last).map_or(Before::Starts(at), Before::Continues);
    }
    let attribute = last > 0 && is_punct(tokens, last - 1, '#');
    // `pair.0[1]`
    let field = matches!(tokens.get(last), Some(TokenTree::Literal(_))) && dot(tokens, last).is_some();
    let called = is_group(tokens, last, Delimiter::Parenthesis) || (is_group(tokens, last, Delimiter::Bracket) && !attribute);
    if called || field || is_operand(tokens, last) || is_punct(tokens, last, '?') { Before::Continues(at) } else { Before::Starts(at) }
}

fn is_operand(tokens: &[TokenTree], at: usize) -> bool {
    matches!(tokens.get(at), Some(TokenTree::Ident(_))) && !KEYWORDS.iter().any(|keyword| is_ident(tokens, at, keyword))
}

/// Gives the `.` before `at`, unless it belongs to a range.
fn dot(tokens: &[TokenTree], at: usize) -> Option<usize> {
    let dot = at.checked_sub(1).filter(|dot| is_punct(tokens, *dot, '.'))?;
    let range = dot.checked_sub(1).is_some_and(|before| is_operator(tokens, before, ['.', '.']));
    (!range).then_some(dot)
}

/// Gives the first token of the path whose last identifier is at `at`.
pub(super) fn path(tokens: &[TokenTree], mut at: usize) -> usize {
    while let Some(colons) = at.checked_sub(2).filter(|colons| is_operator(tokens, *colons, [':', ':'])) {
        let Some(last) = colons.checked_sub(1) else { return colons };
        if is_operand(tokens, last) {
            at = last;
        } else if let Some(open) = is_angle(tokens, last).then(|| open_angle(tokens, last)).flatten() {
            let turbofish = open.checked_sub(3).filter(|name| is_operator(tokens, name + 1, [':', ':']) && is_operand(tokens, *name));
            match turbofish {
                Some(name) => at = name,
                // `<T as Trait>::name`
                None => return open,
            }
        } else {
            return colons;
        }
    }
    // The variables of `macro_rules!` and of `quote!`.
    match at.checked_sub(1) {
        Some(sign) if is_punct(tokens, sign, '$') || is_punct(tokens, sign, '#') => sign,
        _ => at,
    }
}

/// Gives the `::` of the `::<…>` that ends at `close`.
fn turbofish(tokens: &[TokenTree], close: usize) -> Option<usize> {
    let open = is_angle(tokens, close).then(|| open_angle(tokens, close)).flatten()?;
    open.checked_sub(2).filter(|colons| is_operator(tokens, *colons, [':', ':']))
}

/// Gives the `<` that the `>` at `close` belongs to.
fn open_angle(tokens: &[TokenTree], close: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for at in (0..=close).rev() {
        if is_angle(tokens, at) {
            depth += 1;
        } else if is_punct(tokens, at, '<') {
            depth -= 1;
            if depth == 0 {
                return Some(at);
            }
        } else if is_punct(tokens, at, ';') {
            return None;
        }
    }
    None
}

/// Gives the keyword that begins the expression whose block is at `block`: `unsafe { … }`, `match x { … }`, `if x { … } else { … }`.
fn head(tokens: &[TokenTree], mut block: usize) -> Option<usize> {
    loop {
        while block >= 2 && is_ident(tokens, block - 1, "else") && is_group(tokens, block - 2, Delimiter::Brace) {
            block -= 2;
        }
        let mut at = block.checked_sub(1)?;
        if ["unsafe", "loop", "async", "const"].iter().any(|keyword| is_ident(tokens, at, keyword)) {
            return Some(at);
        }
        while !is_ident(tokens, at, "if") && !is_ident(tokens, at, "match") {
            let arrow = is_punct(tokens, at, '>') && !is_angle(tokens, at);
            let ends = arrow || is_punct(tokens, at, ';') || is_punct(tokens, at, ',') || is_group(tokens, at, Delimiter::Brace);
            if ends || (is_ident(tokens, at, "let") && !is_condition(tokens, at)) {
                return None;
            }
            at = at.checked_sub(1)?;
        }
        if !(at >= 2 && is_ident(tokens, at, "if") && is_ident(tokens, at - 1, "else") && is_group(tokens, at - 2, Delimiter::Brace)) {
            return Some(at);
        }
        block = at - 2;
    }
}

fn is_condition(tokens: &[TokenTree], binding: usize) -> bool {
    binding.checked_sub(1).is_some_and(|before| is_ident(tokens, before, "if") || is_punct(tokens, before, '&'))
}

#[cfg(test)]
mod tests {
    use super::super::scan::scan;

    /// Checks that in `before` and then `receiver`, the receiver is found.
    #[track_caller]
    fn found(before: &str, receiver: &str) {
        let scan = scan(&format!("{before}{receiver}.unverified_because(\"why\")")).unwrap();
        assert_eq!(scan.releases.last().unwrap().released.as_deref(), Some(receiver));
    }

    #[test]
    fn calls_fields_and_questions_belong_to_it() {
        found("let a = ", "sb.copy_out(p, 640)?");
        found("return ", "self.rows.0[1](x).await?.y");
        found("a + ", "pair.0.1");
        found("x = ", "5");
    }

    #[test]
    fn paths_and_generics_belong_to_it() {
        found("let a = ", "png::png_get_valid(sb, info)?");
        found("let a = ", "sb.read::<Vec<fn() -> u8>, _>(p)");
        found("let a = ", "::std::iter::once::<u8>(x)");
        found("let a = ", "<T as From<Vec<u8>>>::from(x)");
        found("let a = ", "Vec::<u8>::new()");
        found("let a = ", "parser::<Error<'_>>.parse(x)");
    }

    #[test]
    fn macros_and_their_variables_belong_to_it() {
        found("let a = ", "std::vec![1, 2]");
        found("let a = ", "read!(x)?");
        found("let a = ", "$crate::read($x)");
        found("let a = ", "$x");
        found("let a = ", "__guest.#field");
    }

    #[test]
    fn blocks_belong_to_it() {
        found("let a = ", "unsafe { read(x) }");
        found("let a = ", "match x { _ => y }");
        found("let a = ", "if let Some(x) = y { x } else if z { a } else { b }");
        found("let a = ", "{ x }");
        found("let a = ", "Point { x: 1 }");
        found("Some(x) if y => ", "geometry::Point { x: 1 }");
    }

    #[test]
    fn operators_and_statements_before_it_do_not() {
        found("&", "x");
        found("!", "(x)");
        found("-*", "x.y");
        found("a > ", "(b)");
        found("a..", "b");
        found("a..=", "b.c");
        found("f(); ", "(x)");
        found("if a { b } ", "(x)");
        found("#[allow(x)] ", "(y)");
        found("if ", "(a)");
        found("A => ", "b");
    }
}
