//! Other files that a source names: `mod`, `#[path]` and `include!`.
//!
//! Walking the folders finds nearly all of them. This finds the rest (outside the folder, behind a link, with another extension), and
//! tells which files are only compiled for tests. A path that no literal spells out hides a file, unless a build script has made that.

use std::iter;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};

use super::hidden::Hidden;
use super::literal;
use super::scan::{Frame, Scan};
use super::text::{group, is_group, is_ident, is_punct, is_word, without_last_comma};

/// What a source says about another file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Reference {
    target: Target,
    /// Nothing of it is compiled except for tests.
    pub test: bool,
    /// It stands in the definition of a macro, so its path begins where the macro is called.
    pub in_macro: bool,
    /// What to say if there is no such file; nothing for a `mod`, whose files the walk finds.
    pub missing: Option<Hidden>,
}

#[derive(Debug, PartialEq, Eq)]
enum Target {
    /// `mod name;` in these inline modules.
    Module { inline: Vec<String>, name: String },
    /// `#[path = "…"] mod name;` in these inline modules.
    Path { inline: Vec<String>, path: String },
    /// `include!("…")`.
    Include(String),
    /// `include!(concat!(env!("CARGO_MANIFEST_DIR"), "…"))`.
    IncludeFromPackage(String),
}

impl Reference {
    /// Gives the files that this can mean, seen from `file` in a package in `folder`. Which of them are there is for the caller to look.
    pub(super) fn candidates(&self, file: &Path, folder: &Path) -> Vec<PathBuf> {
        let here = file.parent().unwrap_or(folder);
        // `mod.rs` and the first file of a target have their modules beside them, all others in a folder of their own name.
        let bases = |inline: &[String]| {
            let own = file.file_stem().map(|stem| here.join(stem));
            iter::once(here.to_owned()).chain(own).map(|base| inline.iter().fold(base, |base, name| base.join(name))).collect::<Vec<_>>()
        };
        match &self.target {
            Target::Module { inline, name } => {
                bases(inline).iter().flat_map(|base| [base.join(format!("{name}.rs")), base.join(name).join("mod.rs")]).collect()
            }
            Target::Path { inline, path } if inline.is_empty() => vec![here.join(path)],
            Target::Path { inline, path } => bases(inline).iter().map(|base| base.join(path)).collect(),
            Target::Include(path) => vec![here.join(path)],
            Target::IncludeFromPackage(path) => vec![folder.join(path.trim_start_matches(['/', '\\']))],
        }
    }
}

/// Reads the references that begin at the current token of the innermost frame, which is an identifier.
pub(super) fn at(frames: &[Frame], scan: &mut Scan) {
    let Some(frame) = frames.last() else { return };
    let (tokens, at) = (frame.tokens(), frame.current());
    let Some(TokenTree::Ident(name)) = tokens.get(at) else { return };
    if is_word(tokens, at, "include") && is_punct(tokens, at + 1, '!') {
        let argument = match tokens.get(at + 2) {
            Some(TokenTree::Group(group)) => Some(group.stream().into_iter().collect::<Vec<_>>()),
            // `include! $argument`; all else is `include != …`.
            _ if is_punct(tokens, at + 2, '$') => None,
            _ => return,
        };
        let argument = argument.as_deref().map(without_last_comma).unwrap_or_default();
        if let Some(target) = included(argument) {
            scan.references.push(named(frames, target, name.span(), "include!"));
        } else if !is_generated(argument) {
            let message = "no literal says which file this `include!` reads, so it was not searched; write its path as a string literal";
            scan.hidden.push(Hidden::new(frame, name.span(), message));
        }
    } else if is_ident(tokens, at, "mod")
        && is_punct(tokens, at + 2, ';')
        && let Some(TokenTree::Ident(module)) = tokens.get(at + 1)
    {
        let inline = inline_modules(frames);
        for (span, path) in paths(tokens, at) {
            scan.references.push(named(frames, Target::Path { inline: inline.clone(), path }, span, "#[path]"));
        }
        let target = Target::Module { inline, name: unraw(&module.to_string()) };
        scan.references.push(Reference { target, test: frame.in_test(), in_macro: false, missing: None });
    }
}

/// Reads the `path` of an attribute that begins at the current token of the innermost frame, unless [`at`] reads it with its `mod`.
pub(super) fn attribute(frames: &[Frame], scan: &mut Scan) {
    let Some(frame) = frames.last() else { return };
    let (tokens, at) = (frame.tokens(), frame.current());
    let inner = is_punct(tokens, at + 1, '!');
    let Some(content) = group(tokens, at + 1 + usize::from(inner)).filter(|_| is_punct(tokens, at, '#')) else { return };
    if content.delimiter() != Delimiter::Bracket {
        return;
    }
    let module = module_after(tokens, at);
    for path in attribute_paths(content.stream()) {
        let hidden = match (path.value.as_deref(), path.value.as_deref().and_then(literal::value)) {
            (Some(_), Some(_)) if inner => "this `#![path]` is not followed; write `#[path = \"…\"]` before the module",
            (Some(_), Some(_)) if matches!(module, Some(Module::File | Module::Inline)) => continue,
            (Some(_), Some(value)) => {
                let target = Target::Path { inline: inline_modules(frames), path: value };
                scan.references.push(named(frames, target, path.span, "#[path]"));
                continue;
            }
            (Some(value), None) if is_generated(value) => continue,
            (Some(_), None) => "no literal says which file this `#[path]` names, so it was not searched; write it as a string literal",
            (None, _) if matches!(module, Some(Module::File | Module::Given)) => {
                "this attribute is an argument of the macro and can be a `#[path]`; write the module where the macro is called"
            }
            (None, _) => continue,
        };
        scan.hidden.push(Hidden::new(frame, path.span, hidden));
    }
}

/// A reference to a file that has to be there.
fn named(frames: &[Frame], target: Target, span: Span, by: &str) -> Reference {
    let (Target::Include(path) | Target::IncludeFromPackage(path) | Target::Path { path, .. } | Target::Module { name: path, .. }) =
        &target;
    let message = format!("there is no file `{path}`, which `{by}` names here, so it was not searched; correct the path");
    let missing = frames.last().map(|frame| Hidden::new(frame, span, message));
    let test = frames.last().is_some_and(Frame::in_test);
    Reference { target, test, in_macro: frames.iter().any(is_macro), missing }
}

/// Whether the current token is the body of `macro_rules! name { … }` or `macro name(…) { … }`.
fn is_macro(frame: &Frame) -> bool {
    let (tokens, at) = (frame.tokens(), frame.current());
    let is = |back: usize, name: &str| at.checked_sub(back).is_some_and(|at| is_ident(tokens, at, name));
    is(3, "macro_rules") || is(2, "macro") || is(3, "macro")
}

fn unraw(name: &str) -> String {
    name.strip_prefix("r#").unwrap_or(name).to_owned()
}

/// Gives the folder of `mod name { … }` whose content is being looked at.
fn inline_module(frame: &Frame) -> Option<String> {
    let (tokens, at) = (frame.tokens(), frame.current());
    let start = at.checked_sub(2).filter(|start| is_ident(tokens, *start, "mod"))?;
    let TokenTree::Ident(name) = tokens.get(start + 1)? else { return None };
    Some(paths(tokens, start).into_iter().next().map_or_else(|| unraw(&name.to_string()), |(_, path)| path))
}

fn inline_modules(frames: &[Frame]) -> Vec<String> {
    frames.split_last().map(|(_, outer)| outer.iter().filter_map(inline_module).collect()).unwrap_or_default()
}

/// Collects every `path = "…"` of the attributes before a `mod`, also those that `cfg_attr` adds only sometimes.
fn paths(tokens: &[TokenTree], mut at: usize) -> Vec<(Span, String)> {
    let mut found = Vec::new();
    if at >= 2 && is_group(tokens, at - 1, Delimiter::Parenthesis) {
        at -= 1;
    }
    if at >= 1 && is_ident(tokens, at - 1, "pub") {
        at -= 1;
    }
    while at >= 2 && is_punct(tokens, at - 2, '#') {
        let Some(attribute) = group(tokens, at - 1) else { break };
        let paths = attribute_paths(attribute.stream());
        found.extend(paths.into_iter().filter_map(|path| Some((path.span, literal::value(&path.value?)?))));
        at -= 2;
    }
    found
}

/// The module that an attribute belongs to.
enum Module {
    /// `mod name;`
    File,
    /// `mod name { … }`
    Inline,
    /// `mod $name;` in a macro.
    Given,
}

/// Gives the module after the attribute at `at`, if it is one.
fn module_after(tokens: &[TokenTree], mut at: usize) -> Option<Module> {
    while is_punct(tokens, at, '#') && is_group(tokens, at + 1, Delimiter::Bracket) {
        at += 2;
    }
    if is_ident(tokens, at, "pub") {
        at += 1;
        at += usize::from(is_group(tokens, at, Delimiter::Parenthesis));
    }
    if !is_ident(tokens, at, "mod") {
        return None;
    }
    if is_punct(tokens, at + 1, '$') {
        return is_punct(tokens, at + 3, ';').then_some(Module::Given);
    }
    if is_punct(tokens, at + 2, ';') {
        return Some(Module::File);
    }
    is_group(tokens, at + 2, Delimiter::Brace).then_some(Module::Inline)
}

/// `path = …` in an attribute; without a value, an argument of a macro that can be one.
struct AttributePath {
    span: Span,
    value: Option<Vec<TokenTree>>,
}

/// Reads an attribute's own `path`, and those that its `cfg_attr` adds. What other attributes call `path` names no source.
fn attribute_paths(attribute: TokenStream) -> Vec<AttributePath> {
    let mut found = Vec::new();
    let mut attributes = vec![attribute.into_iter().collect::<Vec<_>>()];
    while let Some(tokens) = attributes.pop() {
        let Some(first) = tokens.first() else { continue };
        if is_word(&tokens, 0, "path") && is_punct(&tokens, 1, '=') {
            found.push(AttributePath { span: first.span(), value: tokens.get(2..).map(<[_]>::to_vec) });
        } else if is_punct(&tokens, 0, '$') {
            found.push(AttributePath { span: first.span(), value: None });
        } else if let Some(parts) = group(&tokens, 1).filter(|_| is_word(&tokens, 0, "cfg_attr")) {
            let parts: Vec<_> = parts.stream().into_iter().collect();
            let parts = parts.split(|token| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ','));
            attributes.extend(parts.skip(1).map(<[_]>::to_vec));
        }
    }
    found
}

fn included(argument: &[TokenTree]) -> Option<Target> {
    if let Some(path) = literal::value(argument) {
        return Some(Target::Include(path));
    }
    let inner: Vec<_> = literal::concat(argument)?.into_iter().collect();
    let variable = group(&inner, 2).map(|group| group.stream().into_iter().collect::<Vec<_>>());
    let from_package = is_ident(&inner, 0, "env") && is_punct(&inner, 1, '!') && is_punct(&inner, 3, ',');
    if from_package && variable.as_deref().and_then(literal::value).as_deref() == Some("CARGO_MANIFEST_DIR") {
        return literal::joined(inner.get(4..)?).map(Target::IncludeFromPackage);
    }
    None
}

/// Whether a path is into `OUT_DIR`, or is that of a library of `sandbox::include_library!`: what a build script has made. One that
/// leaves the folder again is not.
fn is_generated(path: &[TokenTree]) -> bool {
    let mut generated = false;
    let mut lists = vec![path.to_vec()];
    while let Some(tokens) = lists.pop() {
        for (at, token) in tokens.iter().enumerate() {
            if let TokenTree::Group(group) = token {
                let inner: Vec<_> = group.stream().into_iter().collect();
                let of_env = at >= 2 && is_ident(&tokens, at - 2, "env") && is_punct(&tokens, at - 1, '!');
                generated |= of_env && names_generated(&inner);
                lists.push(inner);
            } else if literal::string(token).is_some_and(|text| text.split(['/', '\\']).any(|part| part == "..")) {
                return false;
            }
        }
    }
    generated
}

/// Whether the argument of `env!` is one of the variables that a build script's folder or its bindings are in.
fn names_generated(variable: &[TokenTree]) -> bool {
    let name = match literal::concat(variable.get(..3).unwrap_or_default()) {
        Some(parts) => parts.into_iter().next().as_ref().and_then(literal::string),
        None => variable.first().and_then(literal::string),
    };
    name.is_some_and(|name| name == "OUT_DIR" || name.starts_with("SANDBOX_LIBRARY_"))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::scan::scan;

    #[track_caller]
    fn leads_to(source: &str, expected: &[&str]) {
        let scan = scan(source).unwrap();
        let found = scan.references.iter().flat_map(|reference| reference.candidates(Path::new("p/src/a.rs"), Path::new("p")));
        let found: Vec<_> = found.map(|path| path.to_string_lossy().replace('\\', "/")).collect();
        assert_eq!(found, expected, "{source}");
    }

    #[test]
    fn a_module_is_a_file_or_a_folder_in_one_of_two_places() {
        leads_to("pub(crate) mod r#b;", &["p/src/b.rs", "p/src/b/mod.rs", "p/src/a/b.rs", "p/src/a/b/mod.rs"]);
    }

    #[test]
    fn inline_modules_are_folders() {
        leads_to("mod b { macro_call! { mod c; } }", &["p/src/b/c.rs", "p/src/b/c/mod.rs", "p/src/a/b/c.rs", "p/src/a/b/c/mod.rs"]);
    }

    #[test]
    fn a_path_attribute_names_the_file() {
        let found = |source: &str, path: &str| {
            let first = scan(source).unwrap().references[0].candidates(Path::new("p/src/a.rs"), Path::new("p"));
            assert_eq!(first[0], Path::new("p/src").join(path), "{source}");
        };
        found(r#"#[path = "../x.rs"] pub mod b;"#, "../x.rs");
        found(r#"#[cfg_attr(unix, path = "unix.rs")] #[allow(x)] pub(crate) mod b;"#, "unix.rs");
        found(r#"#[path = "d"] mod c { mod b; }"#, "d/b.rs");
    }

    #[test]
    fn included_files_are_named_by_literals() {
        leads_to(r#"include!("x.in");"#, &["p/src/x.in"]);
        leads_to(r#"include!(concat!(env!("CARGO_MANIFEST_DIR"), "/gen/x.rs"));"#, &["p/gen/x.rs"]);
        leads_to(r#"include!(concat!(env!("OUT_DIR"), "/x.rs"));"#, &[]);
    }

    #[test]
    fn a_comma_after_the_path_changes_nothing() {
        leads_to(r#"include!("x.in",);"#, &["p/src/x.in"]);
    }

    #[test]
    fn a_raw_include_is_an_include() {
        leads_to(r#"r#include!["x.in"];"#, &["p/src/x.in"]);
    }

    #[test]
    fn a_path_attribute_without_a_module_names_a_file() {
        leads_to(r#"m! { #[path = "x.txt"] three }"#, &["p/src/x.txt"]);
    }

    #[test]
    fn other_attributes_with_a_path_name_no_file() {
        leads_to(r#"#[error("{path}", path = "x.txt")] struct E;"#, &[]);
        assert!(hidden(r#"#[error("{path}", path = path.display())] struct E;"#).is_empty());
    }

    /// The places that hide a file, and why.
    fn hidden(source: &str) -> Vec<(usize, usize, String)> {
        scan(source).unwrap().hidden.into_iter().map(|hidden| (hidden.line, hidden.column, hidden.message)).collect()
    }

    #[track_caller]
    fn hides(source: &str, message: &str) {
        let found = hidden(source);
        assert!(found.len() == 1 && found[0].2.contains(message), "{source}: {found:?}");
    }

    #[test]
    fn a_file_that_no_literal_names_is_hidden() {
        for argument in ["$f", r#"env!("X")"#, r#"concat!("a", $f)"#, r#"concat!(env!("X"), "OUT_DIR")"#, "path!()", ""] {
            hides(&format!("include!({argument});"), "no literal says which file this `include!` reads");
        }
        hides("include! $argument", "no literal says");
    }

    #[test]
    fn a_comparison_with_include_hides_nothing() {
        assert!(hidden("if include != (a) {}").is_empty());
    }

    #[test]
    fn a_hidden_file_has_the_place_of_its_name() {
        assert_eq!(
            (
                hidden(
                    "
  include!($f);"
                )[0]
                .0,
                hidden(
                    "
  include!($f);"
                )[0]
                .1
            ),
            (2, 3)
        );
    }

    #[test]
    fn what_a_build_script_makes_is_no_problem() {
        for path in [
            r#"concat!(env!("OUT_DIR"), "/x.rs")"#,
            r#"concat!(core::env!("OUT_DIR"), "/", stringify!($m), ".rs")"#,
            r#"env!(concat!("SANDBOX_LIBRARY_", stringify!($name)), concat!("no `", stringify!($name), "`"))"#,
            r#"env!("SANDBOX_LIBRARY_zlib")"#,
        ] {
            assert_eq!(hidden(&format!("include!({path}); #[path = {path}] mod a;")), [], "{path}");
        }
    }

    #[test]
    fn a_path_out_of_the_folder_of_a_build_script_is_hidden() {
        hides(r#"include!(concat!(env!("OUT_DIR"), "/../../x.in"));"#, "no literal says");
    }

    #[test]
    fn a_path_attribute_without_a_literal_is_hidden() {
        hides("#[path = $p] mod $m;", "no literal says which file this `#[path]` names");
        hides("#[path = $p] mod m;", "no literal says");
        hides("#[path = $p] mod m { mod a; }", "no literal says");
        hides("#[cfg_attr(all(), r#path = $p)] mod m;", "no literal says");
    }

    #[test]
    fn an_attribute_that_a_macro_is_given_can_hide_a_module() {
        hides("#[$a] mod $m;", "argument of the macro");
        hides("#[cfg_attr(all(), $a)] pub mod m;", "argument of the macro");
        assert!(hidden("#[$a] struct $m;").is_empty());
    }

    #[test]
    fn a_path_attribute_in_its_module_is_hidden() {
        hides(r#"mod a { #![path = "x"] mod b; }"#, "`#![path]` is not followed");
    }

    #[test]
    fn a_module_for_tests_leads_to_a_file_for_tests() {
        let scan = scan("#[cfg(test)] mod tests; mod b;").unwrap();
        assert_eq!(scan.references.iter().map(|reference| reference.test).collect::<Vec<_>>(), [true, false]);
    }
}
