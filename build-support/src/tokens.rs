//! The tokens of preprocessed C, as far as anything here has to know them.

use std::collections::{BTreeMap, HashMap, HashSet};

/// One token. All tokens of a text, one after the other, are the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Token<'a> {
    /// An identifier or a keyword.
    Word(&'a [u8]),
    /// White space, or a comment.
    Space(&'a [u8]),
    /// A whole line that begins with `#`: a line marker or a pragma.
    Directive(&'a [u8]),
    /// A string or character literal, without its prefix.
    Literal(&'a [u8]),
    /// A number, or one character of punctuation.
    Other(&'a [u8]),
}

impl<'a> Token<'a> {
    pub(crate) fn bytes(self) -> &'a [u8] {
        match self {
            Self::Word(bytes) | Self::Space(bytes) | Self::Directive(bytes) | Self::Literal(bytes) | Self::Other(bytes) => bytes,
        }
    }
}

/// Takes a text apart.
pub(crate) fn tokens(text: &[u8]) -> impl Iterator<Item = Token<'_>> {
    let mut rest = text;
    let mut line_start = true;
    std::iter::from_fn(move || {
        let (&first, behind) = rest.split_first()?;
        let length = match first {
            b'#' if line_start => until(rest, |bytes| bytes.starts_with(b"\n"), 0),
            b'/' if behind.starts_with(b"*") => 2 + until(rest.get(2..)?, |bytes| bytes.starts_with(b"*/"), 2),
            b'/' if behind.starts_with(b"/") => until(rest, |bytes| bytes.starts_with(b"\n"), 0),
            b'"' | b'\'' => literal(rest, first),
            _ if first.is_ascii_whitespace() => until(rest, |bytes| !bytes.first().is_some_and(u8::is_ascii_whitespace), 0),
            _ if is_word(first) && !first.is_ascii_digit() => until(rest, |bytes| !bytes.first().copied().is_some_and(is_word), 0),
            _ if first.is_ascii_digit() || first == b'.' && behind.first().is_some_and(u8::is_ascii_digit) => number(rest),
            _ => 1,
        };
        let length = length.clamp(1, rest.len());
        // `R"(…)"`, which needs no escapes and may have several lines.
        let raw = rest.split_at_checked(length).and_then(|(word, behind)| {
            matches!(word, b"R" | b"LR" | b"uR" | b"UR" | b"u8R").then_some(())?;
            Some(length + raw_string(behind)?)
        });
        let (token, behind) = rest.split_at(raw.unwrap_or(length).min(rest.len()));
        rest = behind;
        let is_directive = first == b'#' && line_start;
        line_start = if token.iter().all(u8::is_ascii_whitespace) { line_start || token.contains(&b'\n') } else { false };
        Some(match first {
            b'#' if is_directive => Token::Directive(token),
            b'"' | b'\'' => Token::Literal(token),
            _ if raw.is_some() => Token::Literal(token),
            b'/' if token.len() > 1 => Token::Space(token),
            _ if first.is_ascii_whitespace() => Token::Space(token),
            _ if is_word(first) && !first.is_ascii_digit() => Token::Word(token),
            _ => Token::Other(token),
        })
    })
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | 0x80..)
}

/// Returns where something begins, plus `more`; the end if it does not.
fn until(text: &[u8], found: impl Fn(&[u8]) -> bool, more: usize) -> usize {
    (0..text.len()).find(|&at| found(text.get(at..).unwrap_or_default())).map_or(text.len(), |at| at + more)
}

fn literal(text: &[u8], quote: u8) -> usize {
    let mut escaped = false;
    let mut behind = text.iter().skip(1);
    let end = behind.position(|&byte| {
        let ends = !escaped && (byte == quote || byte == b'\n');
        escaped = !escaped && byte == b'\\';
        ends
    });
    // An end of line is no part of a literal that has no end.
    end.map_or(text.len(), |end| if text.get(end + 1) == Some(&b'\n') { end + 1 } else { end + 2 })
}

/// Returns the length of what follows the prefix of a raw string, if it is one:
/// `"delimiter(…)delimiter"`.
fn raw_string(text: &[u8]) -> Option<usize> {
    let inner = text.strip_prefix(b"\"")?;
    let open = inner.iter().take(17).position(|byte| *byte == b'(')?;
    let end = [b")", inner.get(..open)?, b"\""].concat();
    let close = inner.windows(end.len()).position(|window| window == end);
    Some(close.map_or(text.len(), |close| 1 + close + end.len()))
}

fn number(text: &[u8]) -> usize {
    let mut before = 0;
    let end = text.iter().enumerate().position(|(at, &byte)| {
        let sign = matches!(byte, b'+' | b'-') && matches!(before, b'e' | b'E' | b'p' | b'P');
        // C23's `1'000`.
        let separator = byte == b'\'' && is_word(before) && text.get(at + 1).copied().is_some_and(is_word);
        before = byte;
        !(is_word(byte) || byte == b'.' || sign || separator)
    });
    end.unwrap_or(text.len())
}

/// Whether an expansion can stand in brackets, on a line of its own, without an effect on what is
/// around it.
pub(crate) fn is_closed(text: &[u8]) -> bool {
    let mut open = Vec::new();
    let mut before = Token::Space(b"");
    for token in tokens(text) {
        // `::` and digraphs: C has no use for the one, and the others are brackets.
        if let (Token::Other(b":" | b"<" | b"%"), Token::Other(b":" | b">" | b"%")) = (before, token) {
            return false;
        }
        before = if let Token::Space(_) = token { before } else { token };
        match token {
            Token::Other(b"(") => open.push(b')'),
            Token::Other(b"[") => open.push(b']'),
            Token::Other(b")" | b"]") if open.pop() != token.bytes().first().copied() => return false,
            Token::Other(b"{" | b"}" | b";" | b"#" | b"\\") | Token::Directive(_) => return false,
            Token::Other(b",") if open.is_empty() => return false,
            // The first byte is the quote, or the prefix of a raw string.
            Token::Literal(literal)
                if literal.len() < 2 || literal.last() != Some(literal.first().filter(|first| !is_word(**first)).unwrap_or(&b'"')) =>
            {
                return false;
            }
            _ => {}
        }
    }
    // A last word that would take the brackets behind it, or the next line, as its own.
    open.is_empty()
        && !matches!(before, Token::Word(b"struct" | b"union" | b"enum" | b"__attribute__" | b"__attribute" | b"sizeof" | b"_Alignof"))
}

/// Finds the words that may be enumerators, with the line of each, counted from 1: behind `{` or
/// `,`, and before `=`, `,` or `}`. Of several the first counts.
pub(crate) fn enumerators(text: &[u8]) -> HashMap<&[u8], usize> {
    let mut found = HashMap::new();
    let (mut line, mut before, mut maybe) = (1, b' ', None);
    for token in tokens(text) {
        let bytes = token.bytes();
        match token {
            Token::Space(_) | Token::Directive(_) => {}
            Token::Word(word) => maybe = matches!(before, b'{' | b',').then_some((word, line)),
            _ => {
                if let (Some((word, line)), b"=" | b"," | b"}") = (maybe.take(), bytes) {
                    found.entry(word).or_insert(line);
                }
            }
        }
        if !matches!(token, Token::Space(_) | Token::Directive(_)) {
            before = bytes.first().copied().unwrap_or_default();
        }
        line += bytes.iter().filter(|byte| **byte == b'\n').count();
    }
    found
}

/// What stands after `struct`, `union` or `enum`, with that keyword, and whether the word also
/// stands elsewhere.
pub(crate) fn tags(text: &[u8]) -> BTreeMap<String, (&'static str, bool)> {
    let mut tags: BTreeMap<String, (&'static str, bool)> = BTreeMap::new();
    let mut others: HashSet<&[u8]> = HashSet::new();
    let mut place = Place::default();
    for token in tokens(text) {
        let keyword = place.keyword;
        if let (Token::Word(word), is_tag) = (token, place.step(token)) {
            if let (true, Ok(name), Some(keyword)) = (is_tag, str::from_utf8(word), keyword) {
                tags.entry(name.to_owned()).or_insert((keyword, false));
            } else {
                others.insert(word);
            }
        }
    }
    for (tag, (_, elsewhere)) in &mut tags {
        *elsewhere = others.contains(tag.as_bytes());
    }
    tags
}

/// Where a token stands.
#[derive(Debug, Default)]
struct Place {
    /// `struct`, `union` or `enum`, whose tag is still to come.
    keyword: Option<&'static str>,
    /// How many brackets of an attribute are open; the first of them is still to come where it is
    /// `Some(0)`.
    attribute: Option<usize>,
}

impl Place {
    /// Goes on behind a token. Returns whether it is a tag.
    fn step(&mut self, token: Token<'_>) -> bool {
        match (token, self.attribute) {
            (Token::Space(_) | Token::Directive(_), _) => {}
            (Token::Other(b"(" | b"["), depth) if depth.is_some() || self.keyword.is_some() && token.bytes() == b"[" => {
                self.attribute = Some(depth.unwrap_or(0) + 1);
            }
            (Token::Other(b")" | b"]"), Some(depth)) => self.attribute = depth.checked_sub(1).filter(|depth| *depth > 0),
            (_, Some(1..)) => {}
            (Token::Word(b"__attribute__" | b"__attribute" | b"__declspec" | b"_Alignas" | b"alignas"), _) => self.attribute = Some(0),
            (Token::Word(b"struct"), _) => self.keyword = Some("struct"),
            (Token::Word(b"union"), _) => self.keyword = Some("union"),
            (Token::Word(b"enum"), _) => self.keyword = Some("enum"),
            (Token::Word(_), _) => return self.keyword.take().is_some(),
            _ => self.keyword = None,
        }
        false
    }

    fn in_attribute(&self) -> bool {
        self.attribute.is_some_and(|depth| depth > 0)
    }
}

/// Makes the text one that bindgen reads as a whole. Its lines stay where they are.
///
/// bindgen passes over functions that are hidden, or `inline` without `static`; and it has one name
/// space where C has two, so that a tag with another meaning elsewhere gets another name.
pub(crate) fn for_bindgen(text: &[u8], renamed: &HashMap<String, String>) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut place = Place::default();
    // How many brackets are open of an argument that is left out.
    let mut left_out: Option<usize> = None;
    let mut before = [b"".as_slice(); 2];
    for token in tokens(text) {
        let is_tag = place.step(token);
        let qualified = before == [b":", b":"];
        if !matches!(token, Token::Space(_)) {
            before = [before[1], token.bytes()];
        }
        if let Some(depth) = left_out {
            match token {
                Token::Other(b"(") => left_out = Some(depth + 1),
                Token::Other(b")") => left_out = Some(depth.saturating_sub(1)).filter(|depth| *depth > 0),
                _ => {}
            }
            out.extend(token.bytes().iter().filter(|byte| **byte == b'\n'));
            continue;
        }
        match token {
            Token::Word(word) if is_tag => {
                let new = str::from_utf8(word).ok().and_then(|tag| renamed.get(tag));
                out.extend_from_slice(new.map_or(word, |new| new.as_bytes()));
            }
            Token::Word(b"visibility" | b"__visibility__") if place.in_attribute() || qualified => {
                out.extend_from_slice(b"unused");
                left_out = Some(0);
            }
            Token::Word(b"inline" | b"__inline" | b"__inline__") => {}
            Token::Directive(line) if line.starts_with(b"#pragma GCC visibility") => {}
            _ => out.extend_from_slice(token.bytes()),
        }
    }
    out
}

/// Leaves out what the bindings say nothing about, so that types compare without it: `volatile`,
/// `restrict`, `_Atomic`, and `const` if wanted.
pub(crate) fn without_qualifiers(text: &[u8], and_const: bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut tokens = tokens(text).peekable();
    while let Some(token) = tokens.next() {
        match token {
            Token::Word(b"const" | b"__const" | b"__const__") if and_const => {}
            Token::Word(b"volatile" | b"__volatile" | b"__volatile__" | b"restrict" | b"__restrict" | b"__restrict__") => {}
            Token::Word(b"_Atomic") => {
                while let Some(Token::Space(space)) = tokens.next_if(|next| matches!(next, Token::Space(_))) {
                    out.extend_from_slice(space);
                }
                if tokens.peek() == Some(&Token::Other(b"(")) {
                    out.extend_from_slice(b"__typeof__");
                }
            }
            _ => out.extend_from_slice(token.bytes()),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(bytes: &[u8]) -> &str {
        str::from_utf8(bytes).unwrap()
    }

    #[test]
    fn tokens_are_the_text() {
        let text = b"# 1 \"x.h\"\nint a = 0x1p-3 + 1.5e+3; /* \"no\" */ char *s = L\"a\\\"b\" '\\'';  // end\n#pragma pack(1)\n.5f 1'000'000 LR\"x(\" )y\" /*)x\" \xe9";
        let all: Vec<Token<'_>> = tokens(text).collect();
        assert_eq!(all.iter().flat_map(|token| token.bytes()).copied().collect::<Vec<u8>>(), text);
        for expected in [
            Token::Directive(b"# 1 \"x.h\""),
            Token::Other(b"0x1p-3"),
            Token::Other(b"1.5e+3"),
            Token::Space(b"/* \"no\" */"),
            Token::Word(b"L"),
            Token::Literal(b"\"a\\\"b\""),
            Token::Literal(b"'\\''"),
            Token::Directive(b"#pragma pack(1)"),
            Token::Other(b".5f"),
            Token::Word(b"\xe9"),
            Token::Other(b"1'000'000"),
            Token::Literal(b"LR\"x(\" )y\" /*)x\""),
        ] {
            assert!(all.contains(&expected), "{expected:?} in {all:?}");
        }
    }

    #[test]
    fn what_has_no_end_ends_with_the_text() {
        for text in [&b"\"abc"[..], b"'", b"/* abc", b"// abc", b"# abc", b"1e", b"\"a\\"] {
            assert_eq!(tokens(text).map(|token| token.bytes().len()).sum::<usize>(), text.len());
        }
    }

    #[test]
    fn expansions_that_would_leak_are_not_closed() {
        for text in [&b"(1 + 2)"[..], b"\"a;b\"", b"'}'", b"f(1, 2)[3]", b"-1", b"R\"(a;\")\""] {
            assert!(is_closed(text), "{}", shown(text));
        }
        for text in [
            &b"::"[..],
            b"<% %>",
            b"<:",
            b"a::b",
            b"struct",
            b"x enum ",
            b"__attribute__",
            b"("[..].as_ref(),
            b")",
            b"(]",
            b"1; 2",
            b"{0}",
            b"1, 2",
            b"\"abc",
            b"# 3",
            b"a \\",
        ] {
            assert!(!is_closed(text), "{}", shown(text));
        }
    }

    #[test]
    fn tags_are_told_from_other_words() {
        let text =
            b"struct list; typedef struct list *list; enum __attribute__((packed(list))) e { A }; union u { int A; } a; struct [[x]] z;";
        let tags: Vec<(String, (&str, bool))> = tags(text).into_iter().collect();
        let of = |name: &str, keyword, elsewhere| (name.to_owned(), (keyword, elsewhere));
        assert_eq!(tags, [of("e", "enum", false), of("list", "struct", true), of("u", "union", false), of("z", "struct", false)]);
    }

    #[test]
    fn bindgen_gets_all_functions_and_names_of_their_own() {
        let text = b"#pragma GCC visibility push(hidden)\nextern inline\nint f(int visibility) __attribute__((visibility\n(\"hidden\"), pure));\nstruct list *list;";
        let renamed = HashMap::from([("list".to_owned(), "struct_list".to_owned())]);
        assert_eq!(
            shown(&for_bindgen(text, &renamed)),
            "\nextern \nint f(int visibility) __attribute__((unused\n, pure));\nstruct struct_list *list;"
        );
    }

    #[test]
    fn qualifiers_go() {
        let text = b"int f(volatile int *restrict a, _Atomic (int) *b, _Atomic int c, const char *d);";
        assert_eq!(shown(&without_qualifiers(text, false)), "int f( int * a,  __typeof__(int) *b,  int c, const char *d);");
    }
}
