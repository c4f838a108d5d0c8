//! Collects errors, so that one build shows every mistake.

use std::fmt::{self, Display};

use proc_macro2::Span;
use quote::ToTokens;

/// The errors of one invocation, each on the user's tokens.
#[derive(Default)]
pub(crate) struct Errors(Vec<syn::Error>);

impl Errors {
    /// Reports `message` on all of `tokens`.
    pub(crate) fn on(&mut self, tokens: impl ToTokens, message: impl Display) {
        self.0.push(syn::Error::new_spanned(tokens, message));
    }

    /// Reports `message` at `span`.
    pub(crate) fn at(&mut self, span: Span, message: impl Display) {
        self.0.push(syn::Error::new(span, message));
    }

    /// Adds what syn had to say.
    pub(crate) fn push(&mut self, error: syn::Error) {
        self.0.push(error);
    }

    /// Adds what syn had to say inside `part`, which syn does not know.
    pub(crate) fn push_in(&mut self, part: impl Display, error: &syn::Error) {
        self.at(error.span(), format_args!("{part}: {error}"));
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// All errors as one.
    pub(crate) fn into_error(self) -> Option<syn::Error> {
        self.0.into_iter().reduce(|mut all, next| {
            all.combine(next);
            all
        })
    }
}

/// Says that the macro itself is wrong: still a compile error, never a panic.
pub(crate) fn bug(what: &str) -> syn::Error {
    syn::Error::new(Span::call_site(), format!("this is a bug in `sandbox::library!`: {what}; please report it"))
}

/// The kinds of C items, as messages name them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Constant,
    Typedef,
    Struct,
    Union,
    Enum,
    Function,
    Variable,
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Kind::Constant => "constant",
            Kind::Typedef => "typedef",
            Kind::Struct => "struct",
            Kind::Union => "union",
            Kind::Enum => "enum",
            Kind::Function => "function",
            Kind::Variable => "variable",
        }
    }

    fn blocker(self) -> &'static str {
        match self {
            Kind::Constant | Kind::Variable => "block_var",
            Kind::Typedef | Kind::Struct | Kind::Union | Kind::Enum => "block_type",
            Kind::Function => "block_function",
        }
    }
}

/// The C item, and the part of it, that a message is about. Displays as ``C struct `s`, field `f` ``.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    kind: Kind,
    item: String,
    part: Option<String>,
}

impl Place {
    pub(crate) fn new(kind: Kind, item: impl Display) -> Self {
        Place { kind, item: item.to_string(), part: None }
    }

    /// The same item, seen at one of its parts: "field `x`".
    pub(crate) fn part(&self, part: impl Display) -> Self {
        Place { part: Some(part.to_string()), ..self.clone() }
    }

    /// The step that always helps: to leave the item out.
    pub(crate) fn block(&self) -> String {
        format!("leave it out with `.{}(\"{}\")`", self.kind.blocker(), self.item)
    }
}

impl Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "C {} `{}`", self.kind.word(), self.item)?;
        match &self.part {
            Some(part) => write!(f, ", {part}"),
            None => Ok(()),
        }
    }
}
