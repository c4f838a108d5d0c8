//! The libraries: `libraries.tsv`.

use std::error::Error;

/// A library in a Debian package.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// What its users call it.
    pub name: String,
    /// What it is for.
    pub kind: String,
    /// The package with its headers, and those that its headers need without a dependency that says
    /// so.
    pub packages: Vec<String>,
    /// Its headers, in the order in which they are included.
    pub headers: Vec<String>,
    /// The folders that its documentation or its pkg-config file adds to the search path: below an
    /// include folder, or with a leading `/`.
    pub folders: Vec<String>,
    /// Macros that its documentation, or wasi-libc, wants.
    pub defines: Vec<(String, Option<String>)>,
}

impl Candidate {
    /// The package with its headers.
    #[must_use]
    pub fn package(&self) -> &str {
        self.packages.first().map_or("", String::as_str)
    }
}

/// Returns all libraries.
///
/// # Errors
/// If a line of the table has not the number of columns that it should have.
pub fn all() -> Result<Vec<Candidate>, Box<dyn Error>> {
    include_str!("../libraries.tsv").lines().skip(1).map(candidate).collect()
}

fn candidate(line: &str) -> Result<Candidate, Box<dyn Error>> {
    let columns: Vec<&str> = line.split('\t').collect();
    let [name, kind, packages, headers, folders, defines] = columns.as_slice() else {
        return Err(format!("libraries.tsv: not six columns: {line}").into());
    };
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<String>>();
    let defines = words(defines).into_iter().map(|define| match define.split_once('=') {
        Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
        None => (define, None),
    });
    Ok(Candidate {
        name: (*name).to_owned(),
        kind: (*kind).to_owned(),
        packages: words(packages),
        headers: words(headers),
        folders: words(folders),
        defines: defines.collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_library_has_a_name_of_its_own_and_headers() {
        let all = all().unwrap();
        let mut names: Vec<&str> = all.iter().map(|candidate| candidate.name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all.len());
        assert!(all.iter().all(|candidate| !candidate.headers.is_empty() && !candidate.packages.is_empty()));
    }
}
