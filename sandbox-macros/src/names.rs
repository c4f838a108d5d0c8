//! C names as Rust names.

use std::collections::HashSet;

use proc_macro2::{Ident, Span};

/// A C name and the Rust identifier that stands for it, with the span of the user's token.
#[derive(Clone, Debug)]
pub(crate) struct Name {
    /// As C spells it.
    pub(crate) c: String,
    /// As Rust code writes it: a keyword is raw (`r#type`), and the four that cannot be raw end in `_` (`self_`).
    pub(crate) ident: Ident,
}

impl Name {
    pub(crate) fn new(token: &Ident) -> Self {
        let c = unraw(token);
        let ident = rust_ident(&c, token.span());
        Name { c, ident }
    }

    /// The Rust name without `r#`: what two names are compared by.
    pub(crate) fn key(&self) -> String {
        unraw(&self.ident)
    }

    pub(crate) fn span(&self) -> Span {
        self.ident.span()
    }
}

/// The text of an identifier without `r#`.
pub(crate) fn unraw(ident: &Ident) -> String {
    let text = ident.to_string();
    match text.strip_prefix("r#") {
        Some(plain) => plain.to_owned(),
        None => text,
    }
}

/// A Rust identifier for a C name. `name` is never empty: it comes from a token or ends in `_`.
pub(crate) fn rust_ident(name: &str, span: Span) -> Ident {
    if NEVER_RAW.contains(&name) {
        Ident::new(&format!("{name}_"), span)
    } else if KEYWORDS.contains(&name) {
        Ident::new_raw(name, span)
    } else {
        Ident::new(name, span)
    }
}

/// Keywords for which Rust has no raw form.
const NEVER_RAW: [&str; 4] = ["self", "Self", "super", "crate"];

/// Keywords of all editions, in use or reserved.
const KEYWORDS: [&str; 48] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn", "else", "enum", "extern", "false",
    "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub",
    "ref", "return", "static", "struct", "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use", "virtual", "where", "while",
    "yield",
];

/// Names that are taken. A new name gets `_`s at its end until it is free.
///
/// A local variable cannot have the name of a constant or of a tuple struct (Rust reads it as a pattern), and C is free to
/// call a parameter `color` beside an `enum color`. So every local of the expansion comes from here.
#[derive(Clone, Debug)]
pub(crate) struct Scope(HashSet<String>);

impl Scope {
    /// A scope in which the prelude's values and the given names are taken.
    pub(crate) fn new(taken: impl IntoIterator<Item = String>) -> Self {
        let mut names: HashSet<String> = ["None", "Some", "Ok", "Err"].map(String::from).into();
        names.extend(taken);
        Scope(names)
    }

    /// Takes `wanted`, or the first free name made from it.
    pub(crate) fn take(&mut self, wanted: &str, span: Span) -> Ident {
        let mut name = wanted.to_owned();
        loop {
            let ident = rust_ident(&name, span);
            if self.0.insert(unraw(&ident)) {
                return ident;
            }
            name.push('_');
        }
    }
}
