//! One source: its tokens, its sites, and the files that it names.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use super::attributes::{self, TestOnly};
use super::hidden::{self, Hidden};
use super::references::{self, Reference};
use super::site::{self, Release};

/// What is in a source.
#[derive(Debug, Default)]
pub(super) struct Scan {
    pub releases: Vec<Release>,
    pub references: Vec<Reference>,
    /// What can hide a release.
    pub hidden: Vec<Hidden>,
}

/// A source could not be searched.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ScanError {
    pub line: Option<usize>,
    pub message: String,
}

/// A group that is being looked at, and how far.
pub(super) struct Frame {
    tokens: Vec<TokenTree>,
    next: usize,
    /// It has parentheses or brackets, so commas separate its parts, and none is an item.
    list: bool,
    /// All of it is only for tests.
    test: bool,
    /// What is before this index is only for tests.
    test_until: usize,
}

impl Frame {
    fn new(stream: TokenStream, list: bool, test: bool) -> Self {
        Self { tokens: stream.into_iter().collect(), next: 0, list, test, test_until: 0 }
    }

    pub(super) fn tokens(&self) -> &[TokenTree] {
        &self.tokens
    }

    /// Gives the index of the current token. In all frames but the innermost it is the group that the next frame is in.
    pub(super) fn current(&self) -> usize {
        self.next.saturating_sub(1)
    }

    /// Whether the current token is only compiled for tests.
    pub(super) fn in_test(&self) -> bool {
        self.test || self.current() < self.test_until
    }
}

/// Searches a file's content.
pub(super) fn scan_bytes(bytes: &[u8]) -> Result<Scan, ScanError> {
    match str::from_utf8(bytes) {
        Ok(source) => scan(source),
        Err(error) => {
            let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
            let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
            Err(ScanError { line: Some(line), message: "this is not UTF-8, as Rust requires; convert the file".into() })
        }
    }
}

/// Searches a source, however deep it is nested.
pub(super) fn scan(source: &str) -> Result<Scan, ScanError> {
    let source = without_shebang(source.strip_prefix('\u{feff}').unwrap_or(source));
    // The spans of the file before, which nobody needs any more.
    proc_macro2::extra::invalidate_current_thread_spans();
    let stream: TokenStream = source.parse().map_err(|error| explain(source, &error))?;
    let mut scan = Scan::default();
    let mut frames = vec![Frame::new(stream, false, false)];
    while let Some(frame) = frames.last_mut() {
        let at = frame.next;
        let Some(token) = frame.tokens.get(at).cloned() else {
            frames.pop();
            continue;
        };
        frame.next += 1;
        match token {
            TokenTree::Group(group) => {
                let test = frame.in_test();
                let pasted = hidden::pasted(frame, &group);
                scan.hidden.extend(pasted);
                frames.push(Frame::new(group.stream(), group.delimiter() != Delimiter::Brace, test));
            }
            TokenTree::Punct(_) => {
                match attributes::test_only(&frame.tokens, at, frame.list) {
                    Some(TestOnly::Rest) => frame.test = true,
                    Some(TestOnly::Until(end)) => frame.test_until = frame.test_until.max(end),
                    None => {}
                }
                references::attribute(&frames, &mut scan);
            }
            TokenTree::Ident(_) => {
                scan.releases.extend(site::at(source, &frames));
                scan.hidden.extend(hidden::renamed(&frames));
                scan.hidden.extend(hidden::private(&frames));
                references::at(&frames, &mut scan);
            }
            TokenTree::Literal(_) => {}
        }
    }
    Ok(scan)
}

/// Leaves out a first line such as `#!/usr/bin/env cargo`; its line end stays, so that lines keep their numbers.
fn without_shebang(source: &str) -> &str {
    let is_path = source.strip_prefix("#!").is_some_and(|line| {
        let mut chars = line.trim_start_matches(' ').chars();
        chars.next() == Some('/') && !matches!(chars.next(), Some('/' | '*'))
    });
    if is_path { source.find('\n').map_or("", |end| &source[end..]) } else { source }
}

fn explain(source: &str, error: &proc_macro2::LexError) -> ScanError {
    let span = error.span();
    let what = match source.get(span.byte_range().start..).and_then(|rest| rest.chars().next()) {
        Some(open @ ('(' | '[' | '{')) => format!("`{open}` is never closed"),
        Some(close @ (')' | ']' | '}')) => format!("`{close}` does not close what is open here"),
        _ => "no token of Rust begins here".into(),
    };
    let line = Some(span.start().line);
    ScanError {
        line,
        message: format!("{what}, so the file was not searched; correct it, or give a file that is not Rust another extension"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(source: &str) -> (usize, usize) {
        let scan = scan(source).unwrap();
        (scan.releases[0].line, scan.releases[0].column)
    }

    #[test]
    fn a_place_is_that_of_the_name_counted_from_one() {
        assert_eq!(place("fn f() {\n    é\n        .unverified_because(\"why\")\n}"), (3, 10));
        assert_eq!(place("é.unverified_because(\"why\")"), (1, 3));
    }

    #[test]
    fn a_byte_order_mark_and_a_shebang_change_no_place() {
        assert_eq!(place("\u{feff}é.unverified_because(\"why\")"), (1, 3));
        assert_eq!(place("#!/usr/bin/env (\nx.unverified_because(\"why\")"), (2, 3));
    }

    #[test]
    fn an_inner_attribute_is_no_shebang() {
        assert_eq!(place("#![allow(x)] x.unverified_because(\"why\")"), (1, 16));
        assert_eq!(place("#!/**/[allow(x)] x.unverified_because(\"why\")"), (1, 20));
    }

    #[test]
    fn no_depth_overflows_the_stack() {
        const DEPTH: usize = 200_000;
        let search = || {
            let nested = |inner: &str| format!("{}{inner}{}", "(".repeat(DEPTH), ")".repeat(DEPTH));
            let inside = scan(&nested("x.unverified_because(\"why\")")).unwrap();
            assert_eq!(inside.releases.len(), 1);
            let around = scan(&format!("{}.unverified_because(\"why\")", nested("x"))).unwrap();
            assert_eq!(around.releases.len(), 1);
            let conditions = scan(&format!("#[cfg({}test{})] mod a {{}}", "all(".repeat(DEPTH), ")".repeat(DEPTH))).unwrap();
            assert!(conditions.releases.is_empty());
        };
        std::thread::Builder::new().stack_size(256 << 10).spawn(search).unwrap().join().unwrap();
    }

    #[test]
    fn what_is_not_rust_is_an_error_with_its_line() {
        let error = |source: &str| scan(source).map(drop).unwrap_err();
        assert_eq!(error("\n fn f() {\n (\n}").line, Some(4));
        assert!(error("\n fn f() {\n (\n}").message.starts_with("`}` does not close"));
        assert_eq!(error("fn f() {}\n\nfn g() {").line, Some(3));
        assert!(error("fn g() {").message.starts_with("`{` is never closed"));
        assert_eq!(error("\n\"").line, Some(2));
    }

    #[test]
    fn what_is_not_utf8_is_an_error_with_its_line() {
        let error = scan_bytes(b"fn f() {}\n// \xff").map(drop).unwrap_err();
        assert_eq!(error.line, Some(2));
        assert!(error.message.contains("UTF-8"));
    }
}
