//! The list, for people and for programs.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::Path;

use serde::Serialize;

use super::sources::Sources;
use super::text::printable;
use super::{Options, Problem, Release};

/// How many packages that were not searched are named.
const NAMED: usize = 3;

/// A release, and the file that it is in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Site {
    /// The package.
    pub package: String,
    /// The file, relative to the current folder, with `/` between its parts.
    pub file: String,
    /// The rest.
    #[serde(flatten)]
    pub release: Release,
}

/// What an audit has found.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// Every site, by file, line and column.
    pub sites: Vec<Site>,
    /// Why the list cannot be accepted.
    pub problems: Vec<Problem>,
    /// The packages below the folders that were not searched, because they do not belong to the workspace.
    pub not_searched: Vec<String>,
    /// How many files were searched.
    pub files: usize,
    /// How many packages were searched.
    pub packages: usize,
}

impl Report {
    pub(super) fn new(sources: Sources<'_>, folder: &Path, options: &Options) -> Self {
        let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
        let mut report = Self {
            sites: Vec::new(),
            problems: Vec::new(),
            not_searched: sources.foreign.iter().map(|path| relative(path, &folder)).collect(),
            files: 0,
            packages: sources.packages,
        };
        for (path, message) in sources.failed {
            report.problems.push(Problem::At { place: relative(&path, &folder), message: format!("could not read it: {message}") });
        }
        for (path, source) in sources.files {
            if source.test && options.no_tests {
                continue;
            }
            let file = relative(&path, &folder);
            match source.outcome {
                Ok(scan) => {
                    report.files += 1;
                    for hidden in scan.hidden {
                        if !((hidden.test || source.test) && options.no_tests) {
                            let place = format!("{file}:{}:{}", hidden.line, hidden.column);
                            report.problems.push(Problem::At { place, message: hidden.message });
                        }
                    }
                    for mut release in scan.releases {
                        release.test |= source.test;
                        if !(release.test && options.no_tests) {
                            report.sites.push(Site { package: source.package.name.clone(), file: file.clone(), release });
                        }
                    }
                }
                Err(error) => {
                    let place = error.line.map_or(file.clone(), |line| format!("{file}:{line}"));
                    report.problems.push(Problem::At { place, message: error.message });
                }
            }
        }
        report.sites.sort_by(|a, b| (&a.file, a.release.line, a.release.column).cmp(&(&b.file, b.release.line, b.release.column)));
        let wrong = report.sites.iter().filter_map(|site| Some(Problem::At { place: site.place(), message: site.release.problem()? }));
        report.problems.extend(wrong);
        if let Some(max) = options.max.filter(|max| report.sites.len() > *max) {
            report.problems.push(Problem::TooMany { found: report.sites.len(), max });
        }
        report
    }

    pub(super) fn write_json(&self, out: &mut dyn Write) -> io::Result<()> {
        #[derive(Serialize)]
        struct Json<'a> {
            sites: &'a [Site],
            total: usize,
            errors: Vec<String>,
            not_searched: &'a [String],
        }
        let errors = self.problems.iter().map(Problem::to_string).collect();
        let json = Json { sites: &self.sites, total: self.sites.len(), errors, not_searched: &self.not_searched };
        serde_json::to_writer_pretty(&mut *out, &json)?;
        writeln!(out)
    }

    pub(super) fn write_text(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut last = None;
        for site in &self.sites {
            if last.replace(&site.file).is_some_and(|last| *last != site.file) {
                writeln!(out)?;
            }
            let reason = match &site.release.reason {
                Some(reason) if !site.release.literal => format!("(not a literal) {reason}"),
                Some(reason) if reason.trim().is_empty() => "(empty)".into(),
                Some(reason) => printable(reason),
                None => "(no reason)".into(),
            };
            writeln!(out, "{}: {reason}", site.place())?;
            if let Some(released) = &site.release.released {
                writeln!(out, "    {released}")?;
            }
        }
        if !self.sites.is_empty() {
            writeln!(out)?;
        }
        let with_sites = self.sites.iter().map(|site| &site.file).collect::<BTreeSet<_>>().len();
        let in_tests = match self.sites.iter().filter(|site| site.release.test).count() {
            0 => String::new(),
            count => format!(", {count} of them in tests"),
        };
        writeln!(
            out,
            "{} in {}{in_tests}; searched {} of {}",
            count(self.sites.len(), "site"),
            count(with_sites, "file"),
            count(self.files, "file"),
            count(self.packages, "package")
        )?;
        if !self.not_searched.is_empty() {
            let named = self.not_searched.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
            let more = if self.not_searched.len() > NAMED { ", …" } else { "" };
            let packages = count(self.not_searched.len(), "package");
            writeln!(out, "not searched: {packages} outside this workspace ({named}{more}); use --manifest-path for them")?;
        }
        Ok(())
    }
}

impl Site {
    fn place(&self) -> String {
        format!("{}:{}:{}", self.file, self.release.line, self.release.column)
    }
}

fn count(count: usize, thing: &str) -> String {
    format!("{count} {thing}{}", if count == 1 { "" } else { "s" })
}

/// Names a file as seen from a folder; both are canonical.
fn relative(path: &Path, folder: &Path) -> String {
    let common = path.components().zip(folder.components()).take_while(|(a, b)| a == b).count();
    if common == 0 {
        return printable(&path.to_string_lossy());
    }
    let up = folder.components().skip(common).map(|_| "..".into());
    let down = path.components().skip(common).map(|part| part.as_os_str().to_string_lossy());
    printable(&up.chain(down).collect::<Vec<_>>().join("/"))
}
