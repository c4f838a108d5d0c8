//! Applies the allow and block lists, and decides what becomes of each item.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

use crate::bindings::ir::{Const, Declarations, FnTy, Function, Kind, Ty, TypeItem, Variable};
use crate::depfile::is_below;
use crate::error::UnsupportedItem;
use crate::pattern::{Lists, Pattern};
use crate::{Error, Library};

/// What becomes of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Form {
    Plain,
    /// Only pointers to it exist, for this reason.
    Opaque(String),
}

/// What is bound.
#[derive(Debug, Clone)]
pub(crate) struct Selection<'a> {
    pub(crate) declarations: &'a Declarations,
    pub(crate) functions: Vec<&'a Function>,
    pub(crate) variables: Vec<&'a Variable>,
    pub(crate) consts: Vec<Const>,
    /// The names of the bound types; records with their form.
    pub(crate) types: BTreeMap<String, Option<Form>>,
    /// What the lists allow and the bindings cannot express, but for constants.
    pub(crate) left_out: Vec<UnsupportedItem>,
    /// Constants that the lists allow, or say nothing about, and the bindings cannot express.
    pub(crate) refused_consts: Vec<RefusedConst<'a>>,
}

/// A macro that is an expression, and of which the bindings can have no constant.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RefusedConst<'a> {
    pub(crate) name: &'a str,
    pub(crate) reason: &'a str,
    /// Whether a pattern asks for it.
    pub(crate) asked: bool,
}

impl Selection<'_> {
    /// Fails if something cannot be bound that the allow list has by its name.
    pub(crate) fn require_named(&self, library: &str) -> Result<(), Error> {
        let items: Vec<UnsupportedItem> = self.left_out.iter().filter(|item| item.named).cloned().collect();
        if items.is_empty() { Ok(()) } else { Err(Error::Unsupported { library: library.to_owned(), items }) }
    }
}

/// The three pairs of lists.
struct Filter {
    functions: Lists,
    types: Lists,
    vars: Lists,
    system: Vec<PathBuf>,
}

/// Selects what the builder allows, and leaves out what cannot be bound.
pub(crate) fn select<'a>(library: &Library, declarations: &'a Declarations, system: &[PathBuf]) -> Result<Selection<'a>, Error> {
    let name = &library.name;
    let filter = Filter {
        functions: Lists::new(name, &library.functions.allow, &library.functions.block)?,
        types: Lists::new(name, &library.types.allow, &library.types.block)?,
        vars: Lists::new(name, &library.vars.allow, &library.vars.block)?,
        system: system.to_vec(),
    };
    if filter.functions.allow.is_empty() {
        return Err(Error::usage(name, "no function is allowed, so nothing could be called; name them: .allow_function(\"…\")"));
    }
    let mut unknown = Vec::new();
    let mut unsupported = Vec::new();

    let functions = filter.functions(declarations, &mut unknown);
    let functions: Vec<&Function> = functions
        .into_iter()
        .filter(|function| match declarations.function_problem(&function.ty).or_else(|| function.problem.clone()) {
            None => true,
            Some(reason) => {
                let named = filter.functions.names(&function.name);
                unsupported.push(UnsupportedItem { name: function.name.clone(), reason, kind: Kind::Function, named });
                false
            }
        })
        .collect();
    let variables = filter.variables(declarations, &mut unsupported);
    let (mut consts, refused_consts) = filter.consts(declarations, &mut unknown);

    let mut types = Reached { declarations, filter: &filter, types: BTreeMap::new() };
    for function in &functions {
        types.function(&function.ty);
    }
    for variable in &variables {
        types.ty(&variable.ty);
    }
    filter.allowed_types(declarations, &mut types, &mut unknown, &mut unsupported);
    types.typedefs();
    let types = types.types;

    // One name space for values: an enumerator that is also a macro, a macro that is also a function.
    let mut taken: HashSet<&str> = functions.iter().map(|function| function.name.as_str()).collect();
    taken.extend(variables.iter().map(|variable| variable.name.as_str()));
    for item in types.keys().filter_map(|name| declarations.find(name)) {
        if let TypeItem::Enum(enumeration) = item {
            taken.insert(&enumeration.name);
            taken.extend(enumeration.variants.iter().map(|variant| variant.name.as_str()));
        }
    }
    consts.retain(|constant| taken.insert(&constant.name));
    let consts = consts.into_iter().cloned().collect();

    if !unknown.is_empty() {
        return Err(Error::UnknownSymbol { library: name.clone(), patterns: unknown });
    }
    Ok(Selection { declarations, functions, variables, consts, types, left_out: unsupported, refused_consts })
}

impl Filter {
    /// Says whether an item is the toolchain's and not the library's.
    fn is_system(&self, declarations: &Declarations, kind: Kind, name: &str) -> bool {
        // bindgen reports no place for built-in macros.
        declarations.file(kind, name).is_none_or(|file| is_below(file, &self.system))
    }

    fn functions<'a>(&self, declarations: &'a Declarations, unknown: &mut Vec<String>) -> Vec<&'a Function> {
        let mut matched = vec![false; self.functions.allow.len()];
        let mut seen = HashSet::new();
        let mut functions = Vec::new();
        for function in &declarations.functions {
            let system = self.is_system(declarations, Kind::Function, &function.name);
            let mut allowed = false;
            for (pattern, matched) in self.functions.allow.iter().zip(&mut matched) {
                if pattern.matches(&function.name) && (!system || pattern.names(&function.name)) {
                    *matched = true;
                    allowed = true;
                }
            }
            if allowed && !self.functions.blocks(&function.name) && seen.insert(&function.name) {
                functions.push(function);
            }
        }
        for (pattern, _) in self.functions.allow.iter().zip(matched).filter(|(pattern, matched)| !matched && !pattern.is_all()) {
            let hint = if declarations.function_macros.iter().any(|name| pattern.matches(name)) {
                "it is a macro; write a function that uses it in a shim: .shim(\"shim.c\").header(\"shim.h\")"
            } else {
                "no header declares such a function; correct the name, add its .header(…), or write a shim"
            };
            unknown.push(format!("unknown symbol in the allow list: .allow_function(\"{}\") matches nothing; {hint}", pattern.text()));
        }
        functions
    }

    /// Selects the global variables that a pattern allows: unlike a constant, one is bound only if it is asked for.
    fn variables<'a>(&self, declarations: &'a Declarations, unsupported: &mut Vec<UnsupportedItem>) -> Vec<&'a Variable> {
        let mut seen = HashSet::new();
        let mut variables = Vec::new();
        for variable in &declarations.variables {
            let name = &variable.name;
            let system = self.is_system(declarations, Kind::Var, name);
            let allowed = self.vars.allow.iter().any(|pattern| pattern.matches(name) && (!system || pattern.names(name)));
            if !allowed || self.vars.blocks(name) || !seen.insert(name) {
                continue;
            }
            let element = match &variable.ty {
                Ty::Array(element, 0) => element,
                ty => ty,
            };
            match declarations.mention_problem(element).or_else(|| variable.problem.clone()) {
                None => variables.push(variable),
                Some(reason) => {
                    let named = self.vars.names(name);
                    unsupported.push(UnsupportedItem { name: name.clone(), reason, kind: Kind::Var, named });
                }
            }
        }
        variables
    }

    fn consts<'a>(&self, declarations: &'a Declarations, unknown: &mut Vec<String>) -> (Vec<&'a Const>, Vec<RefusedConst<'a>>) {
        let mut matched = vec![false; self.vars.allow.len()];
        let refused = || declarations.refused_consts.iter().map(|(name, reason)| (name.as_str(), *reason));
        // A pattern for variables alone says nothing about constants.
        let names = || declarations.consts.iter().map(|constant| constant.name.as_str()).chain(refused().map(|(name, _)| name));
        let restricted =
            self.vars.allow.iter().any(|pattern| names().any(|name| pattern.matches(name)) || self.enumerator(declarations, pattern));
        // Whether a name is allowed, and whether a pattern asks for it.
        let mut allowed = |name: &str| {
            let system = self.is_system(declarations, Kind::Var, name);
            let mut asked = false;
            for (pattern, matched) in self.vars.allow.iter().zip(&mut matched) {
                if pattern.matches(name) && (!system || pattern.names(name)) {
                    *matched = true;
                    asked = true;
                }
            }
            ((asked || !restricted && !system) && !self.vars.blocks(name), asked)
        };
        let consts = declarations.consts.iter().filter(|constant| allowed(&constant.name).0).collect();
        let mut refused_consts = Vec::new();
        for (name, reason) in refused() {
            if self.vars.names(name) {
                let what = format!("`{name}` cannot be a constant: {reason}");
                unknown
                    .push(format!("unknown symbol in the allow list: {what}; return it from a function in a shim, or remove the pattern"));
            } else if let (true, asked) = allowed(name) {
                refused_consts.push(RefusedConst { name, reason, asked });
            }
        }
        for (pattern, _) in self.vars.allow.iter().zip(matched).filter(|(pattern, matched)| !matched && !pattern.is_all()) {
            // Enumerators of named enums come with their enum. What is refused by its full name is
            // told above.
            if declarations.variables.iter().any(|variable| pattern.matches(&variable.name))
                || self.enumerator(declarations, pattern)
                || refused().any(|(name, _)| pattern.names(name))
            {
                continue;
            }
            unknown.push(format!(
                "unknown symbol in the allow list: .allow_var(\"{}\") matches nothing; no header declares such a variable or constant; correct \
                 the name, or add its .header(…)",
                pattern.text()
            ));
        }
        (consts, refused_consts)
    }

    fn enumerator(&self, declarations: &Declarations, pattern: &Pattern) -> bool {
        declarations.types.iter().any(
            |item| matches!(item, TypeItem::Enum(enumeration) if enumeration.variants.iter().any(|variant| pattern.matches(&variant.name))),
        )
    }

    /// Adds the types of the allow list, which have to be bound with all their fields.
    fn allowed_types(
        &self,
        declarations: &Declarations,
        reached: &mut Reached<'_>,
        unknown: &mut Vec<String>,
        unsupported: &mut Vec<UnsupportedItem>,
    ) {
        let mut matched = vec![false; self.types.allow.len()];
        for item in &declarations.types {
            let system = self.is_system(declarations, Kind::Type, item.name());
            let mut allowed = false;
            for (pattern, matched) in self.types.allow.iter().zip(&mut matched) {
                if pattern.matches(item.name()) && (!system || pattern.names(item.name())) {
                    *matched = true;
                    allowed = true;
                }
            }
            if !allowed || self.types.blocks(item.name()) || item.made_up() {
                continue;
            }
            let problem = match item {
                // Only a pointer to it can be meant.
                TypeItem::Record(record) if record.incomplete => None,
                TypeItem::Record(record) => declarations.record_problem(record),
                TypeItem::Alias(alias) => declarations.mention_problem(&alias.ty),
                TypeItem::Enum(_) => None,
            };
            match problem {
                None => reached.name(item.name()),
                Some(reason) => {
                    let named = self.types.names(item.name());
                    unsupported.push(UnsupportedItem { name: item.name().to_owned(), reason, kind: Kind::Type, named });
                    // Pointers to it can be meant.
                    if let TypeItem::Record(_) = item {
                        reached.name(item.name());
                    }
                }
            }
        }
        for (pattern, _) in self.types.allow.iter().zip(matched).filter(|(pattern, matched)| !matched && !pattern.is_all()) {
            unknown.push(format!(
                "unknown symbol in the allow list: .allow_type(\"{}\") matches nothing; no header declares such a type; \
                 correct the name, or add its .header(…)",
                pattern.text()
            ));
        }
    }
}

impl Declarations {
    /// Returns the header of an item. bindgen's own name of `type` is `type_`.
    fn file(&self, kind: Kind, name: &str) -> Option<&Path> {
        let file = self.files.get(&(kind, name.to_owned())).or_else(|| self.files.get(&(kind, format!("{name}_"))));
        file.map(PathBuf::as_path)
    }
}

/// The types that the bound functions and types mention.
struct Reached<'a> {
    declarations: &'a Declarations,
    filter: &'a Filter,
    types: BTreeMap<String, Option<Form>>,
}

impl Reached<'_> {
    fn function(&mut self, function: &FnTy) {
        for (_, param) in &function.params {
            self.ty(param);
        }
        self.ty(&function.result);
    }

    fn ty(&mut self, ty: &Ty) {
        match ty {
            Ty::Pointer { to: inner, .. } | Ty::Array(inner, _) => self.ty(inner),
            Ty::Function(function) => self.function(function),
            Ty::Named(name) => self.name(name),
            Ty::Void | Ty::Bool | Ty::Scalar(_) | Ty::Unsupported(_) => {}
        }
    }

    fn name(&mut self, name: &str) {
        if self.types.contains_key(name) {
            return;
        }
        let declarations = self.declarations;
        match declarations.find(name) {
            None => {}
            Some(TypeItem::Enum(_)) => {
                self.types.insert(name.to_owned(), None);
            }
            Some(TypeItem::Alias(alias)) => {
                self.types.insert(name.to_owned(), None);
                self.ty(&alias.ty);
            }
            Some(TypeItem::Record(record)) => {
                let blocked = self.filter.types.blocks(name).then(|| "the build script blocks it".to_owned());
                match blocked.or_else(|| declarations.record_problem(record)) {
                    Some(reason) => {
                        self.types.insert(name.to_owned(), Some(Form::Opaque(reason)));
                    }
                    None => {
                        self.types.insert(name.to_owned(), Some(Form::Plain));
                        for field in &record.fields {
                            self.ty(&field.ty);
                        }
                    }
                }
            }
        }
    }

    /// Adds the library's other names of what is bound: `typedef struct tag name;`.
    fn typedefs(&mut self) {
        let declarations = self.declarations;
        for item in &declarations.types {
            if let TypeItem::Alias(alias) = item
                && let Ty::Named(target) = &alias.ty
                && self.types.contains_key(target)
                && !self.filter.types.blocks(&alias.name)
                && !self.filter.is_system(declarations, Kind::Type, &alias.name)
            {
                self.types.entry(alias.name.clone()).or_insert(None);
            }
        }
    }
}
