//! How a module differs from an older one.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::{Export, Import, InspectError, Module, Subject};

/// How a module differs from an older one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Comparison {
    /// The older module.
    pub old: Subject,
    /// The newer one.
    pub new: Subject,
    /// The imports, by module, name and kind.
    pub imports: Changed<Import>,
    /// The exports, by name and kind.
    pub exports: Changed<Export>,
    /// The features.
    pub features: Changed<&'static str>,
    /// The functions whose size has changed, the largest difference first.
    pub functions: Vec<Resized>,
}

/// What was added, removed, and given another type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Changed<T> {
    /// Only in the newer module.
    pub added: Vec<T>,
    /// Only in the older one.
    pub removed: Vec<T>,
    /// In both, with another type: as it is in the older one, and in the newer one.
    pub retyped: Vec<(T, T)>,
}

/// A function, or all of the same name, whose size has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Resized {
    /// The symbol; `None` for all functions that have none.
    pub name: Option<String>,
    /// The bytes of code in the older module; `None` if it is not there.
    pub old: Option<u64>,
    /// The bytes of code in the newer module; `None` if it is not there.
    pub new: Option<u64>,
}

impl<T> Changed<T> {
    /// Returns whether nothing has changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && self.retyped.is_empty()
    }
}

impl Resized {
    fn difference(&self) -> u64 {
        self.old.unwrap_or(0).abs_diff(self.new.unwrap_or(0))
    }
}

impl Comparison {
    pub(super) fn new(old: Subject, new: Subject) -> Self {
        let (before, after) = (&old.module, &new.module);
        Self {
            imports: changed(&before.imports, &after.imports, |import| (&*import.module, &*import.name, import.kind), |import| &import.ty),
            exports: changed(&before.exports, &after.exports, |export| (&*export.name, export.kind), |export| &export.ty),
            features: changed(&before.features, &after.features, |feature| *feature, |_| ""),
            functions: resized(before, after),
            old,
            new,
        }
    }

    pub(super) fn deny_new_imports(&self) -> Result<(), InspectError> {
        if self.imports.added.is_empty() {
            return Ok(());
        }
        Err(InspectError::NewImports { imports: self.imports.added.iter().map(Import::full_name).collect() })
    }

    /// Returns whether nothing has changed that is compared.
    pub(super) fn is_empty(&self) -> bool {
        let (old, new) = (&self.old.module, &self.new.module);
        self.imports.is_empty()
            && self.exports.is_empty()
            && self.features.is_empty()
            && self.functions.is_empty()
            && (&old.memories, &old.tables, old.stack, old.static_data, old.start, old.sizes)
                == (&new.memories, &new.tables, new.stack, new.static_data, new.start, new.sizes)
    }
}

fn changed<'a, T: Clone, K: Ord>(old: &'a [T], new: &'a [T], key: impl Fn(&'a T) -> K, ty: impl Fn(&'a T) -> &'a str) -> Changed<T> {
    let before: BTreeMap<K, &T> = old.iter().map(|item| (key(item), item)).collect();
    let after: BTreeMap<K, &T> = new.iter().map(|item| (key(item), item)).collect();
    let only = |here: &BTreeMap<K, &T>, there: &BTreeMap<K, &T>| {
        here.iter().filter(|(key, _)| !there.contains_key(key)).map(|(_, item)| (*item).clone()).collect()
    };
    let both = before.iter().filter_map(|(key, old)| Some((*old, *after.get(key)?)));
    let retyped = both.filter(|(old, new)| ty(old) != ty(new)).map(|(old, new)| (old.clone(), new.clone())).collect();
    Changed { added: only(&after, &before), removed: only(&before, &after), retyped }
}

fn resized(old: &Module, new: &Module) -> Vec<Resized> {
    let (before, after) = (by_name(old), by_name(new));
    let names: BTreeSet<Option<&str>> = before.keys().chain(after.keys()).copied().collect();
    let mut functions: Vec<Resized> = names
        .into_iter()
        .map(|name| Resized { name: name.map(str::to_owned), old: before.get(&name).copied(), new: after.get(&name).copied() })
        .filter(|function| function.old != function.new)
        .collect();
    functions.sort_by_key(|function| std::cmp::Reverse(function.difference()));
    functions
}

/// Sums the sizes by name: C has `static` functions of the same name in several files.
fn by_name(module: &Module) -> BTreeMap<Option<&str>, u64> {
    let mut sizes = BTreeMap::new();
    for function in &module.functions {
        *sizes.entry(function.name.as_deref()).or_default() += function.bytes;
    }
    sizes
}
