//! A folder with C sources that nobody has wrapped: everything that its headers declare.

use std::collections::VecDeque;
use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use build_support::{Error, Library};
use clap::Args;

use super::SurveyError;

/// How the C sources are built, where no build script says it. Each option is a method of `build_support::Library`.
#[derive(Args, Clone, Debug, Default)]
pub struct Options {
    /// A header, relative to the folder (can be repeated); without it, all of `include` or of the folder itself
    #[arg(long, value_name = "FILE")]
    pub header: Vec<PathBuf>,
    /// A folder for headers that sources include, relative to the folder (can be repeated)
    #[arg(long, value_name = "FOLDER")]
    pub include: Vec<PathBuf>,
    /// A macro of the compiler's command line (can be repeated)
    #[arg(long, value_name = "NAME[=VALUE]")]
    pub define: Vec<String>,
    /// The sources, as a pattern relative to the folder (can be repeated); without it, `*.c`,
    /// `src/**/*.c` and `lib/**/*.c`, but for those that are called a test, demo, example,
    /// benchmark or fuzzer
    #[arg(long, value_name = "PATTERN")]
    pub sources: Vec<String>,
    /// Sources that are left out, as a pattern (can be repeated)
    #[arg(long, value_name = "PATTERN")]
    pub exclude: Vec<String>,
    /// Compile nothing: not known is then which functions the sources define
    #[arg(long)]
    pub headers_only: bool,
}

/// Where sources are looked for.
const SOURCES: [&str; 3] = ["*.c", "src/**/*.c", "lib/**/*.c"];

/// Words in the names of files that are no part of most libraries.
const OTHERS: [&str; 9] = ["test", "tests", "demo", "demos", "example", "examples", "bench", "fuzz", "fuzzer"];

/// How many folders are searched for headers.
const MOST_FOLDERS: usize = 10_000;

/// Writes the table.
pub(super) fn run(options: &Options, folder: &Path, out: &mut dyn Write) -> Result<(), SurveyError> {
    let (root, headers) = match options.header.as_slice() {
        [] => find_headers(folder, options)?,
        given if given.iter().all(|header| folder.join(header).is_file()) => (folder.to_owned(), given.to_vec()),
        // Named as they are shown where none is named.
        given => (find_headers(folder, options).map_or_else(|_| folder.to_owned(), |(root, _)| root), given.to_vec()),
    };
    let out_dir = tempfile::tempdir().map_err(|source| SurveyError::Io { action: "make a folder".to_owned(), source })?;
    let (sources, other_sources) = find_sources(options, &root)?;
    let subject = Subject { options, root: &root, out_dir: out_dir.path(), sources };
    let (mut chosen, mut left_out) = if options.header.is_empty() { subject.choose(&headers) } else { (headers.clone(), Vec::new()) };
    if chosen.is_empty() {
        // Then the compiler says why.
        (chosen, left_out) = (headers, Vec::new());
    }
    let headers = chosen;
    let survey = match subject.library(&headers, !options.headers_only).survey() {
        Ok(survey) => survey,
        Err(error @ Error::Headers { .. }) => return Err(SurveyError::Headers { folder: root, error: Box::new(error) }),
        Err(error) => return Err(SurveyError::Survey(Box::new(error))),
    };
    writeln!(out, "folder    {}", root.display())?;
    writeln!(out, "headers   {}", list(&headers))?;
    for (header, reason) in &left_out {
        writeln!(out, "left out  {}: {reason}", header.display())?;
    }
    if !left_out.is_empty() {
        writeln!(out, "          to choose headers and their order: --header; what they need: --include, --define")?;
    }
    if !options.headers_only {
        for source in &other_sources {
            writeln!(out, "left out  {}: by its name it is no part of the library", source.display())?;
        }
        if !other_sources.is_empty() {
            writeln!(out, "          to choose sources: --sources, --exclude")?;
        }
        if subject.sources.is_empty() {
            writeln!(out, "sources   none: not known is which functions they define; name them: --sources 'core/*.c'")?;
        }
    }
    write!(out, "\n{survey}")?;
    Ok(())
}

/// A folder that is surveyed.
struct Subject<'a> {
    options: &'a Options,
    root: &'a Path,
    out_dir: &'a Path,
    sources: Vec<PathBuf>,
}

impl Subject<'_> {
    /// Parts headers into those that can be included, and those that cannot, with the reason.
    fn choose(&self, headers: &[PathBuf]) -> (Vec<PathBuf>, Vec<(PathBuf, String)>) {
        if self.refused(headers).is_none() {
            return (headers.to_vec(), Vec::new());
        }
        let (mut chosen, mut left_out) = (Vec::new(), Vec::new());
        for header in headers {
            match self.refused(std::slice::from_ref(header)) {
                None => chosen.push(header.clone()),
                Some(reason) => left_out.push((header.clone(), reason)),
            }
        }
        (chosen, left_out)
    }

    /// Returns why headers cannot be included, in the compiler's first words.
    fn refused(&self, headers: &[PathBuf]) -> Option<String> {
        let Err(Error::Headers { tool, .. }) = self.library(headers, false).survey() else { return None };
        let first = tool.lines().find_map(|line| line.split_once("error: "));
        Some(first.map_or("it does not compile", |(_, reason)| reason).to_owned())
    }

    fn library(&self, headers: &[PathBuf], sources: bool) -> Library {
        let Options { include, define, .. } = self.options;
        let name = self.root.file_name().unwrap_or_default().to_string_lossy();
        let identifier: String = name.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '_' }).collect();
        let mut library = Library::new(format!("_{identifier}").trim_start_matches('_'));
        library.source_dir(self.root).out_dir(self.out_dir);
        for folder in ["include", "src", "lib"].iter().map(Path::new).filter(|folder| self.root.join(folder).is_dir()) {
            library.include(self.root.join(folder));
        }
        for folder in include {
            library.include(self.root.join(folder));
        }
        for macro_ in define {
            let (name, value) = macro_.split_once('=').unwrap_or((macro_, "1"));
            library.define(name, value);
        }
        for header in headers {
            library.header(header);
        }
        if sources {
            library.files(&self.sources);
        }
        library.allow_function(".*").allow_type(".*").allow_var(".*");
        library
    }
}

/// Returns the folder of the library, and its headers relative to that: those of `include`, or else those of the folder itself.
///
/// It is the nearest folder that has headers and sources, or else the nearest with headers; or this one, if there are options that name files
/// relative to it.
fn find_headers(folder: &Path, options: &Options) -> Result<(PathBuf, Vec<PathBuf>), SurveyError> {
    let mut folders = VecDeque::from([folder.to_owned()]);
    let mut headers_alone = None;
    let most = if options.include.is_empty() && options.sources.is_empty() { MOST_FOLDERS } else { 1 };
    for _ in 0..most {
        let Some(folder) = folders.pop_front() else { break };
        let mut headers = below(&folder.join("include"), true);
        if headers.is_empty() {
            headers = below(&folder, false);
        }
        if !headers.is_empty() {
            let relative = headers.iter().map(|header| header.strip_prefix(&folder).unwrap_or(header).to_owned()).collect();
            if SOURCES.iter().any(|pattern| has(&folder, pattern)) {
                return Ok((folder, relative));
            }
            headers_alone.get_or_insert_with(|| (folder.clone(), relative));
        }
        folders.extend(entries(&folder).into_iter().filter(|(_, is_folder)| *is_folder).map(|(path, _)| path));
    }
    headers_alone.ok_or_else(|| SurveyError::NoHeader { folder: folder.to_owned() })
}

/// Says whether a pattern matches any file of a folder.
fn has(folder: &Path, pattern: &str) -> bool {
    matching(folder, pattern).is_ok_and(|mut found| found.next().is_some())
}

/// Finds the files of a folder that a pattern matches.
fn matching(folder: &Path, pattern: &str) -> Result<impl Iterator<Item = PathBuf> + use<>, SurveyError> {
    let folder = glob::Pattern::escape(&folder.to_string_lossy());
    let found = glob::glob(&format!("{folder}/{pattern}")).map_err(|error| SurveyError::Pattern { pattern: pattern.to_owned(), error })?;
    Ok(found.flatten().filter(|path| path.is_file()))
}

/// Returns the sources, and those that are left out for their names. If options name them, all of
/// these are taken.
fn find_sources(options: &Options, root: &Path) -> Result<(Vec<PathBuf>, Vec<PathBuf>), SurveyError> {
    let usual = SOURCES.map(str::to_owned);
    let patterns: &[String] = if options.sources.is_empty() { &usual } else { &options.sources };
    let parse = |text: &String| glob::Pattern::new(text).map_err(|error| SurveyError::Pattern { pattern: text.clone(), error });
    let excluded = options.exclude.iter().map(parse).collect::<Result<Vec<_>, _>>()?;
    let in_a_folder = glob::MatchOptions { require_literal_separator: true, ..glob::MatchOptions::default() };
    let (mut sources, mut others) = (Vec::new(), Vec::new());
    for pattern in patterns {
        for path in matching(root, pattern)? {
            let relative = path.strip_prefix(root).unwrap_or(&path).to_owned();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let is_hidden = name.starts_with('.');
            let is_excluded = excluded
                .iter()
                .any(|pattern| pattern.matches_path_with(&relative, in_a_folder) || pattern.matches_with(&name, in_a_folder));
            if is_hidden || is_excluded || sources.contains(&relative) || others.contains(&relative) {
                continue;
            }
            let is_other = relative.to_string_lossy().split(|c: char| !c.is_ascii_alphanumeric()).any(|word| OTHERS.contains(&word));
            if options.sources.is_empty() && is_other { &mut others } else { &mut sources }.push(relative);
        }
    }
    Ok((sources, others))
}

/// Lists the headers of a folder, and of those below it if `deep`.
fn below(folder: &Path, deep: bool) -> Vec<PathBuf> {
    let (mut headers, mut folders, mut searched) = (Vec::new(), vec![folder.to_owned()], 0);
    while let Some(folder) = folders.pop() {
        searched += 1;
        for (path, is_folder) in entries(&folder) {
            if is_folder && deep && searched < MOST_FOLDERS {
                folders.push(path);
            } else if !is_folder && path.extension() == Some(OsStr::new("h")) {
                headers.push(path);
            }
        }
    }
    headers.sort();
    headers
}

/// Lists the files and folders in a folder, in the order of names, without following links to
/// folders; and whether each is a folder.
fn entries(folder: &Path) -> Vec<(PathBuf, bool)> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let known = entries.filter_map(|entry| Some((entry.path(), entry.file_type().ok()?.is_dir())));
    // A pipe would be waited for.
    let mut all: Vec<(PathBuf, bool)> = known.filter(|(path, is_folder)| *is_folder || path.is_file()).collect();
    all.sort();
    all
}

fn list(headers: &[PathBuf]) -> String {
    headers.iter().map(|header| header.display().to_string()).collect::<Vec<_>>().join(", ")
}
