//! Other files that a source names: `mod`, `#[path]` and `include!`.
//!
//! Walking the folders finds nearly all of them. This finds the rest (outside the folder, behind a link, with another extension), and
//! tells which files are only compiled for tests. A path that no literal spells out, such as one into `OUT_DIR`, is not followed.

use std::iter;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, TokenTree};

use super::literal;
use super::scan::Frame;
use super::text::{group, is_ident, is_punct};

/// What a source says about another file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Reference {
    target: Target,
    /// Nothing of it is compiled except for tests.
    pub test: bool,
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

/// Reads the references that begin at the current token of the innermost frame.
pub(super) fn at(frames: &[Frame]) -> Vec<Reference> {
    let Some(frame) = frames.last() else { return Vec::new() };
    let (tokens, at) = (frame.tokens(), frame.current());
    let found = |target| Reference { target, test: frame.in_test() };
    if is_ident(tokens, at, "include") && is_punct(tokens, at + 1, '!') {
        let argument = group(tokens, at + 2).map(|group| group.stream().into_iter().collect::<Vec<_>>());
        return argument.as_deref().and_then(included).map(found).into_iter().collect();
    }
    if !is_ident(tokens, at, "mod") || !is_punct(tokens, at + 2, ';') {
        return Vec::new();
    }
    let Some(TokenTree::Ident(name)) = tokens.get(at + 1) else { return Vec::new() };
    let inline: Vec<String> = frames.iter().rev().skip(1).rev().filter_map(inline_module).collect();
    let mut targets: Vec<_> = paths(tokens, at).into_iter().map(|path| Target::Path { inline: inline.clone(), path }).collect();
    targets.push(Target::Module { inline, name: unraw(&name.to_string()) });
    targets.into_iter().map(found).collect()
}

fn unraw(name: &str) -> String {
    name.strip_prefix("r#").unwrap_or(name).to_owned()
}

/// Gives the folder of `mod name { … }` whose content is being looked at.
fn inline_module(frame: &Frame) -> Option<String> {
    let (tokens, at) = (frame.tokens(), frame.current());
    let start = at.checked_sub(2).filter(|start| is_ident(tokens, *start, "mod"))?;
    let TokenTree::Ident(name) = tokens.get(start + 1)? else { return None };
    Some(paths(tokens, start).into_iter().next().unwrap_or_else(|| unraw(&name.to_string())))
}

/// Collects every `path = "…"` of the attributes before a `mod`, also those that `cfg_attr` adds only sometimes.
fn paths(tokens: &[TokenTree], mut at: usize) -> Vec<String> {
    let mut found = Vec::new();
    if at >= 2 && group(tokens, at - 1).is_some_and(|group| group.delimiter() == Delimiter::Parenthesis) {
        at -= 1;
    }
    if at >= 1 && is_ident(tokens, at - 1, "pub") {
        at -= 1;
    }
    while at >= 2 && is_punct(tokens, at - 2, '#') {
        let Some(attribute) = group(tokens, at - 1) else { break };
        let mut streams = vec![attribute.stream()];
        while let Some(stream) = streams.pop() {
            let tokens: Vec<_> = stream.into_iter().collect();
            for (at, token) in tokens.iter().enumerate() {
                match token {
                    TokenTree::Group(group) => streams.push(group.stream()),
                    _ if is_ident(&tokens, at, "path") && is_punct(&tokens, at + 1, '=') => {
                        found.extend(tokens.get(at + 2).and_then(literal::string));
                    }
                    _ => {}
                }
            }
        }
        at -= 2;
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
    fn a_module_for_tests_leads_to_a_file_for_tests() {
        let scan = scan("#[cfg(test)] mod tests; mod b;").unwrap();
        assert_eq!(scan.references.iter().map(|reference| reference.test).collect::<Vec<_>>(), [true, false]);
    }
}
