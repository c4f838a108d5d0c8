//! The files to search, how they refer to each other, and which of them are only for tests.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fs;
use std::mem;
use std::path::{Path, PathBuf};

use super::references::Reference;
use super::scan::{self, Scan, ScanError};
use super::walk;
use super::workspace::{Package, Workspace};

/// What was read.
#[derive(Default)]
pub(super) struct Sources<'a> {
    /// By path, each once, however many ways lead to it.
    pub files: BTreeMap<PathBuf, Source<'a>>,
    /// What could not be looked at, and why.
    pub failed: Vec<(PathBuf, String)>,
    /// Packages below the folders that do not belong to the workspace.
    pub foreign: BTreeSet<PathBuf>,
    /// How many packages were selected.
    pub packages: usize,
}

pub(super) struct Source<'a> {
    pub package: &'a Package,
    pub outcome: Result<Scan, ScanError>,
    /// It is compiled only for tests, benches and examples.
    pub test: bool,
}

/// Says that one file leads to another.
struct Edge {
    from: PathBuf,
    to: PathBuf,
    test: bool,
}

/// Reads every Rust file of the selected packages, and every file elsewhere that they refer to.
pub(super) fn collect(workspace: &Workspace) -> Sources<'_> {
    let mut sources = Sources { packages: workspace.packages.len(), ..Sources::default() };
    let mut shipped = Vec::new();
    let mut tests = Vec::new();
    let mut edges = Vec::new();
    let mut queue = VecDeque::new();
    for package in &workspace.packages {
        let found = walk::walk(&package.folder, workspace);
        sources.failed.extend(found.failed);
        sources.foreign.extend(found.foreign);
        queue.extend(found.files.into_iter().map(|path| (path, package)));
        for root in &package.roots {
            let roots = if root.test { &mut tests } else { &mut shipped };
            roots.push(root.path.canonicalize().unwrap_or_else(|_| root.path.clone()));
            queue.push_back((root.path.clone(), package));
        }
    }
    let mut in_macros = Vec::new();
    while !queue.is_empty() {
        while let Some((path, package)) = queue.pop_front() {
            let path = match path.canonicalize() {
                Ok(path) => path,
                Err(error) => {
                    sources.failed.push((path, error.to_string()));
                    continue;
                }
            };
            let Entry::Vacant(place) = sources.files.entry(path) else { continue };
            let mut outcome = read(place.key());
            if let Ok(scan) = &mut outcome {
                for reference in mem::take(&mut scan.references) {
                    if reference.in_macro {
                        in_macros.push((place.key().clone(), reference));
                        continue;
                    }
                    let found = existing(&reference, place.key(), &package.folder);
                    if found.is_empty() {
                        scan.hidden.extend(reference.missing);
                    }
                    for to in found {
                        edges.push(Edge { from: place.key().clone(), to: to.clone(), test: reference.test });
                        queue.push_back((to, package));
                    }
                }
            }
            let test = is_in_a_test_folder(place.key(), package);
            place.insert(Source { package, outcome, test });
        }
        // What a macro includes is looked for where the macro can be called: beside every file.
        for (from, reference) in &in_macros {
            for (file, source) in &sources.files {
                for to in existing(reference, file, &source.package.folder) {
                    edges.push(Edge { from: from.clone(), to: to.clone(), test: reference.test });
                    if !sources.files.contains_key(&to) {
                        queue.push_back((to, source.package));
                    }
                }
            }
        }
    }
    for (from, reference) in in_macros {
        let found = sources.files.iter().any(|(file, source)| !existing(&reference, file, &source.package.folder).is_empty());
        if let (false, Some(Source { outcome: Ok(scan), .. })) = (found, sources.files.get_mut(&from)) {
            scan.hidden.extend(reference.missing);
        }
    }
    judge(&mut sources, shipped, tests, &edges);
    sources
}

/// Gives the files that a reference in `file` can mean, as far as they are there.
fn existing(reference: &Reference, file: &Path, folder: &Path) -> Vec<PathBuf> {
    reference.candidates(file, folder).iter().filter_map(|path| path.canonicalize().ok()).filter(|path| path.is_file()).collect()
}

fn read(path: &Path) -> Result<Scan, ScanError> {
    let bytes = fs::read(path).map_err(|error| ScanError { line: None, message: format!("could not read it: {error}") })?;
    scan::scan_bytes(&bytes)
}

/// Where cargo looks for tests, benches and examples.
fn is_in_a_test_folder(path: &Path, package: &Package) -> bool {
    let first = path.strip_prefix(&package.folder).ok().and_then(|path| path.components().next());
    first.is_some_and(|first| ["tests", "benches", "examples"].iter().any(|folder| first.as_os_str() == *folder))
}

/// Decides what is only for tests. What a library, a program or a build script leads to is not, wherever it lies; for what nothing leads to
/// (a file that a test passes to the compiler, for instance) the folder decides.
fn judge(sources: &mut Sources<'_>, shipped: Vec<PathBuf>, tests: Vec<PathBuf>, edges: &[Edge]) {
    let shipped = reach(shipped, edges, |edge| !edge.test);
    let tests =
        reach(tests.into_iter().chain(edges.iter().filter(|edge| edge.test).map(|edge| edge.to.clone())).collect(), edges, |_| true);
    for (path, source) in &mut sources.files {
        source.test = !shipped.contains(path) && (source.test || tests.contains(path));
    }
}

fn reach(mut queue: Vec<PathBuf>, edges: &[Edge], leads_on: impl Fn(&Edge) -> bool) -> BTreeSet<PathBuf> {
    let mut outgoing = BTreeMap::<&Path, Vec<&Path>>::new();
    for edge in edges.iter().filter(|edge| leads_on(edge)) {
        outgoing.entry(&edge.from).or_default().push(&edge.to);
    }
    let mut reached = BTreeSet::new();
    while let Some(path) = queue.pop() {
        let next = outgoing.get(path.as_path());
        if reached.insert(path) {
            queue.extend(next.into_iter().flatten().map(|path| path.to_path_buf()));
        }
    }
    reached
}
