//! What became of many libraries, for the terminal and for `docs/headers.md`.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::candidates::Candidate;
use crate::found::{Found, Outcome};

/// A library, its version, and what became of it.
#[derive(Debug)]
pub struct Done<'a> {
    /// The library.
    pub candidate: &'a Candidate,
    /// The version of its package.
    pub version: String,
    /// What became of it.
    pub outcome: Outcome,
}

impl Done<'_> {
    fn found(&self) -> Option<&Found> {
        if let Outcome::Bound(found) = &self.outcome { Some(found) } else { None }
    }

    /// Whether it is bound without a disagreement, or is no C for this machine.
    #[must_use]
    pub fn is_good(&self) -> bool {
        match &self.outcome {
            Outcome::Bound(found) => found.disagreements.is_empty(),
            Outcome::DoesNotCompile(_) => true,
            Outcome::Failed(_) | Outcome::Crashed(_) | Outcome::Endless(_) => false,
        }
    }
}

/// One library, as the terminal has it.
#[must_use]
pub fn shown(done: &Done<'_>) -> String {
    let name = &done.candidate.name;
    match &done.outcome {
        Outcome::Bound(found) => {
            let Found { functions, types, constants, variables, disagreements, seconds, .. } = &**found;
            let mut text = format!(
                "{name}: {} functions, {} types, {} constants, {} variables in {seconds:.1} s\n",
                functions.bound.len(),
                types.bound.len(),
                constants.bound.len(),
                variables.bound.len()
            );
            for ((kind, reason), names) in groups(found) {
                let _ = writeln!(text, "    {} × {kind}: {reason} ({})", names.len(), some(&names));
            }
            for disagreement in disagreements {
                let _ = writeln!(text, "    DISAGREEMENT: {disagreement}");
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

/// Leaves out numbers, and what is between backticks, but for C's own words.
fn without_names(reason: &str) -> String {
    const WORDS: [&str; 8] = ["long double", "unsigned __int128", "__int128", "_Complex", "...", "CStr", "__FILE__", "__LINE__"];
    let without_number = |word: &str| match word.trim_start_matches(|c: char| c.is_ascii_digit()) {
        rest if rest.len() < word.len() && (rest.is_empty() || rest == ",") => format!("…{rest}"),
        _ => word.to_owned(),
    };
    let without_numbers = |text: &str| text.split(' ').map(without_number).collect::<Vec<_>>().join(" ");
    let parts = reason.split('`').enumerate();
    let shown = parts.map(|(index, part)| match index % 2 {
        0 => without_numbers(part),
        _ if WORDS.contains(&part) => format!("`{part}`"),
        _ => "…".to_owned(),
    });
    shown.collect()
}

fn some(names: &[&str]) -> String {
    let first: Vec<&str> = names.iter().take(3).copied().collect();
    first.join(", ") + if names.len() > 3 { ", …" } else { "" }
}

/// The figures of all libraries.
#[must_use]
pub fn summary(done: &[Done<'_>]) -> String {
    let count = |is: fn(&Outcome) -> bool| done.iter().filter(|done| is(&done.outcome)).count();
    let found: Vec<&Found> = done.iter().filter_map(Done::found).collect();
    let sum = |number: fn(&Found) -> usize| found.iter().map(|found| number(found)).sum::<usize>();
    let functions = sum(|found| found.functions.bound.len());
    let refused = sum(|found| found.functions.refused.len());
    let mut text = String::new();
    let mut line = |what: &str, number: String| {
        let _ = writeln!(text, "| {what} | {number} |");
    };
    line("", "".to_owned());
    line("---", "--:".to_owned());
    line("libraries tried", done.len().to_string());
    line("bound", found.len().to_string());
    line("not compiled for wasm32-wasi by the C compiler", count(|outcome| matches!(outcome, Outcome::DoesNotCompile(_))).to_string());
    line("crashed", count(|outcome| matches!(outcome, Outcome::Crashed(_))).to_string());
    line("not done in time", count(|outcome| matches!(outcome, Outcome::Endless(_))).to_string());
    line("compiled, and yet not bound", count(|outcome| matches!(outcome, Outcome::Failed(_))).to_string());
    line("disagreements with the C compiler", sum(|found| found.disagreements.len()).to_string());
    line("functions bound", functions.to_string());
    line("functions refused with a reason", refused.to_string());
    line("share of the functions that is bound", format!("{:.2} %", 100.0 * functions as f64 / (functions + refused).max(1) as f64));
    line("types bound", sum(|found| found.types.bound.len()).to_string());
    line("of these with pointers alone, although C knows their fields", sum(|found| found.opaque.len()).to_string());
    line("constants bound", sum(|found| found.constants.bound.len()).to_string());
    line("constants refused with a reason", sum(|found| found.constants.refused.len()).to_string());
    line("variables bound", sum(|found| found.variables.bound.len()).to_string());
    line("variables refused with a reason", sum(|found| found.variables.refused.len()).to_string());
    let slowest = done.iter().filter_map(|done| Some((done.found()?.seconds, &done.candidate.name)));
    if let Some((seconds, name)) = slowest.max_by(|one, other| one.0.total_cmp(&other.0)) {
        line("the slowest", format!("{name}, {seconds:.1} s"));
    }
    line("all together", format!("{:.0} s", found.iter().map(|found| found.seconds).sum::<f64>()));
    text
}

const BEGIN: &str = "<!-- Written by `cargo xtask headers --write`. -->";
const END: &str = "<!-- Written by hand from here. -->";

/// Writes what is between two marks of a page anew.
///
/// # Errors
/// If there is no such page, or it has no marks.
pub fn write(page: &Path, done: &[Done<'_>]) -> Result<(), Box<dyn Error>> {
    let text = fs::read_to_string(page)?;
    let no_marks = || format!("{} has not the marks between which the tables are", page.display());
    let (before, rest) = text.split_once(BEGIN).ok_or_else(no_marks)?;
    let (_, after) = rest.split_once(END).ok_or_else(no_marks)?;
    Ok(fs::write(page, format!("{before}{BEGIN}\n\n{}\n{END}{after}", tables(done)))?)
}

fn tables(done: &[Done<'_>]) -> String {
    let mut text = summary(done);
    text.push_str("\n### Each library\n\n");
    text.push_str("| library | package | functions | refused | types | pointers alone | constants | refused | variables | seconds |\n");
    text.push_str("|---|---|--:|--:|--:|--:|--:|--:|--:|--:|\n");
    for (done, found) in done.iter().filter_map(|done| Some((done, done.found()?))) {
        let Found { functions, types, opaque, constants, variables, seconds, .. } = found;
        let counts = [
            functions.bound.len(),
            functions.refused.len(),
            types.bound.len(),
            opaque.len(),
            constants.bound.len(),
            constants.refused.len(),
            variables.bound.len(),
        ];
        let Done { candidate, version, .. } = done;
        let counts = counts.map(|count| if count == 0 { String::new() } else { count.to_string() }).join(" | ");
        let _ = writeln!(text, "| {} | {} {version} | {counts} | {seconds:.1} |", candidate.name, candidate.package());
    }
    text.push_str("\n### What is refused, by reason\n\n| kind | reason | times | libraries | for instance |\n|---|---|--:|--:|---|\n");
    let mut reasons: BTreeMap<(&str, String), (usize, Vec<String>)> = BTreeMap::new();
    for (done, found) in done.iter().filter_map(|done| Some((done, done.found()?))) {
        for (key, names) in groups(found) {
            let (times, examples) = reasons.entry(key).or_default();
            *times += names.len();
            examples.extend(names.first().map(|name| format!("`{name}` of {}", done.candidate.name)));
        }
    }
    for ((kind, reason), (times, examples)) in reasons {
        let example = examples.first().map_or("", String::as_str);
        let _ = writeln!(text, "| {kind} | {reason} | {times} | {} | {example} |", examples.len());
    }
    text.push_str("\n### What does not compile for wasm32-wasi\n\n| library | package | the compiler's first error |\n|---|---|---|\n");
    for done in done {
        if let Outcome::DoesNotCompile(reason) = &done.outcome {
            let Done { candidate, version, .. } = done;
            let _ = writeln!(text, "| {} | {} {version} | {} |", candidate.name, candidate.package(), reason.replace('|', "\\|"));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_of_one_kind_are_one() {
        assert_eq!(without_names("parameter `a` uses `long double`"), "parameter … uses `long double`");
        assert_eq!(without_names("it has 34 parameters, and 32 are supported"), "it has … parameters, and … are supported");
        assert_eq!(without_names("it has 28 bytes, aligned at 8, as C says"), "it has … bytes, aligned at …, as C says");
        assert_eq!(without_names("it is `a_1`, and  a `_Complex` number"), "it is …, and  a `_Complex` number");
    }
}
