//! `cargo xtask headers`: binds the headers of the libraries of `libraries.tsv`, each in a process of its own.

use std::collections::BTreeMap;
use std::env;
use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use build_support::Library;
use headers::candidates::{self, Candidate};
use headers::debian::{Debian, Packages};
use headers::found::{Found, Outcome};
use headers::second::Compiler;
use headers::table::{self, Line};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["all", folder, limit, only, page] => all(Path::new(folder), limit.parse()?, only, page),
        ["one", request, answer] => one(Path::new(request), Path::new(answer)),
        _ => Err("run this through `cargo xtask headers`".into()),
    }
}

/// What the process for one library is told.
#[derive(serde::Serialize, serde::Deserialize)]
struct Request {
    name: String,
    headers: Vec<String>,
    includes: Vec<std::path::PathBuf>,
    defines: Vec<(String, Option<String>)>,
}

fn one(request: &Path, answer: &Path) -> Result<(), Box<dyn Error>> {
    let request: Request = serde_json::from_slice(&fs::read(request)?)?;
    let folder = answer.parent().ok_or("no folder")?;
    let outcome = bind(&request, folder)?;
    Ok(fs::write(answer, serde_json::to_vec(&outcome)?)?)
}

fn bind(request: &Request, folder: &Path) -> Result<Outcome, Box<dyn Error>> {
    let compiler = Compiler::new(&folder.join("second"), &request.includes, &request.defines)?;
    if let Some(complaint) = compiler.complaint(&request.headers)? {
        return Ok(Outcome::DoesNotCompile(complaint));
    }
    let begin = Instant::now();
    let mut library = Library::new("library");
    library.out_dir(folder).allow_function(".*").allow_type(".*").allow_var(".*");
    for include in &request.includes {
        library.include(include);
    }
    for (name, value) in &request.defines {
        library.define(name, value.as_deref());
    }
    for header in &request.headers {
        library.header(header);
    }
    let survey = match library.survey() {
        Ok(survey) => survey,
        Err(error) => return Ok(Outcome::Failed(error.to_string())),
    };
    let mut found = Found::from(&survey);
    found.seconds = begin.elapsed().as_secs_f64();
    fs::write(folder.join("bindings.rs"), &survey.bindings)?;
    found.disagreements = compiler.disagreements(&request.headers, &survey.bindings)?;
    Ok(Outcome::Bound(found))
}

/// A library, its packages, and what became of it.
struct Done<'a> {
    candidate: &'a Candidate,
    version: String,
    outcome: Outcome,
}

fn all(folder: &Path, limit: u64, only: &str, page: &str) -> Result<(), Box<dyn Error>> {
    fs::create_dir_all(folder)?;
    let folder = folder.canonicalize()?;
    let candidates = candidates::all()?;
    let wanted = |candidate: &&Candidate| only.is_empty() || only.split(',').any(|only| candidate.name == only);
    let candidates: Vec<&Candidate> = candidates.iter().filter(wanted).collect();
    let debian = Debian::new(&folder.join("debian"))?;
    let mut packages: Vec<(&Candidate, Packages)> = Vec::new();
    for candidate in candidates {
        match debian.packages(candidate) {
            Ok(found) => packages.push((candidate, found)),
            Err(error) => eprintln!("{}: {error}", candidate.name),
        }
    }
    debian.unpack(packages.iter().map(|(_, packages)| packages))?;

    let next = AtomicUsize::new(0);
    let done: Mutex<BTreeMap<usize, Done<'_>>> = Mutex::default();
    let work = || {
        while let index = next.fetch_add(1, Ordering::Relaxed)
            && let Some((candidate, packages)) = packages.get(index)
        {
            let outcome = run(candidate, &debian, packages, &folder, limit).unwrap_or_else(|error| Outcome::Crashed(error.to_string()));
            let done_now = Done { candidate, version: packages.version.clone(), outcome };
            print!("{}", shown(&done_now));
            if let Ok(mut done) = done.lock() {
                done.insert(index, done_now);
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, std::num::NonZero::get) {
            scope.spawn(work);
        }
    });
    let done: Vec<Done<'_>> = done.into_inner().map_err(|_| "a thread failed")?.into_values().collect();
    let (text, good) = report(&done, page)?;
    println!("{text}");
    if good { Ok(()) } else { Err("not every library is bound as it should be".into()) }
}

/// Binds a library in a process of its own, which is ended with all that it has started if it takes too long.
fn run(candidate: &Candidate, debian: &Debian, packages: &Packages, folder: &Path, limit: u64) -> Result<Outcome, Box<dyn Error>> {
    let folder = folder.join("bound").join(&candidate.name);
    fs::create_dir_all(&folder)?;
    let includes = debian.includes(candidate, packages);
    let Candidate { name, headers, defines, .. } = candidate.clone();
    let (request, answer) = (folder.join("request.json"), folder.join("answer.json"));
    if answer.exists() {
        fs::remove_file(&answer)?;
    }
    fs::write(&request, serde_json::to_vec(&Request { name, headers, includes, defines })?)?;
    // `timeout` ends a whole group of processes: the compilers, too.
    let mut command = Command::new("timeout");
    command.args(["--kill-after=5", &limit.to_string()]).arg(env::current_exe()?).arg("one").args([&request, &answer]);
    let output = command.stdin(Stdio::null()).output()?;
    match (output.status.code(), fs::read(&answer)) {
        (Some(0), Ok(answer)) => Ok(serde_json::from_slice(&answer)?),
        (Some(124 | 137), _) => Ok(Outcome::Endless(limit)),
        _ => {
            let stderr = String::from_utf8_lossy(&output.stderr);
            let lines: Vec<&str> = stderr.lines().collect();
            Ok(Outcome::Crashed(format!(
                "{}: {}",
                output.status,
                lines.get(lines.len().saturating_sub(3)..).unwrap_or_default().join(" / ")
            )))
        }
    }
}

/// One library, as the terminal has it.
fn shown(done: &Done<'_>) -> String {
    let name = &done.candidate.name;
    match &done.outcome {
        Outcome::Bound(found) => {
            let Found { functions, types, constants, variables, disagreements, seconds, .. } = found;
            let mut text = format!(
                "{name}: {} functions, {} types, {} constants, {} variables in {seconds:.1} s\n",
                functions.bound.len(),
                types.bound.len(),
                constants.bound.len(),
                variables.bound.len()
            );
            for ((kind, reason), names) in groups(found) {
                text.push_str(&format!("    {} × {kind}: {reason} ({})\n", names.len(), some(&names)));
            }
            for disagreement in disagreements {
                text.push_str(&format!("    DISAGREEMENT: {disagreement}\n"));
            }
            text
        }
        Outcome::DoesNotCompile(reason) => format!("{name}: does not compile for wasm32-wasi: {reason}\n"),
        Outcome::Failed(error) => format!("{name}: FAILED: {error}\n"),
        Outcome::Crashed(how) => format!("{name}: CRASHED: {how}\n"),
        Outcome::Endless(limit) => format!("{name}: ENDLESS: not done after {limit} s\n"),
    }
}

/// What is refused, by kind and reason, in which names are left out.
fn groups(found: &Found) -> BTreeMap<(&str, String), Vec<&str>> {
    let mut groups: BTreeMap<(&str, String), Vec<&str>> = BTreeMap::new();
    for (kind, name, reason) in found.refused() {
        groups.entry((kind, without_names(reason))).or_default().push(name);
    }
    groups
}

/// Leaves out what is between backticks, but for C's own words.
fn without_names(reason: &str) -> String {
    let is_word = |text: &str| text.contains("long double") || text.contains("__int128") || text.contains("_Complex") || text == "...";
    let parts = reason.split('`').enumerate();
    parts.map(|(index, part)| if index % 2 == 0 || is_word(part) { part } else { "…" }).collect()
}

fn some(names: &[&str]) -> String {
    let first: Vec<&str> = names.iter().take(3).copied().collect();
    first.join(", ") + if names.len() > 3 { ", …" } else { "" }
}

/// Writes the report, and says whether nothing is wrong.
fn report(done: &[Done<'_>], page: &str) -> Result<(String, bool), Box<dyn Error>> {
    let _ = page;
    let bound: Vec<(&Done<'_>, &Found)> =
        done.iter().filter_map(|done| if let Outcome::Bound(found) = &done.outcome { Some((done, found)) } else { None }).collect();
    let lines: Vec<Line<'_>> = bound
        .iter()
        .map(|(done, found)| Line {
            library: format!("{} {}", done.candidate.name, done.version),
            kind: &done.candidate.kind,
            package: done.candidate.package.clone(),
            found,
        })
        .collect();
    let text = table::table("package", &lines);
    let good = done.iter().all(|done| match &done.outcome {
        Outcome::Bound(found) => found.disagreements.is_empty(),
        Outcome::DoesNotCompile(_) => true,
        _ => false,
    });
    Ok((text, good))
}
