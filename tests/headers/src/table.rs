//! The table of what is bound.

use std::fmt::Write as _;

use crate::found::Found;

/// A line of the table.
#[derive(Debug)]
pub struct Line<'a> {
    /// The library and its version.
    pub library: String,
    /// What it is for.
    pub kind: &'a str,
    /// Where its headers come from.
    pub package: String,
    /// What was found.
    pub found: &'a Found,
}

/// Writes the table, with a last line for all.
#[must_use]
pub fn table(source: &str, lines: &[Line<'_>]) -> String {
    let mut text = format!("| library | | {source} | functions | refused | types | opaque | refused | constants | refused |\n");
    text.push_str("|---|---|---|--:|--:|--:|--:|--:|--:|--:|\n");
    let mut sums = [0; 7];
    for Line { library, kind, package, found } in lines {
        let Found { functions, types, opaque, constants, .. } = found;
        let counts = [
            functions.bound.len(),
            functions.refused.len(),
            types.bound.len(),
            opaque.len(),
            types.refused.len(),
            constants.bound.len(),
            constants.refused.len(),
        ];
        let _ = writeln!(text, "| {library} | {kind} | {package} | {} |", counts.map(|count| count.to_string()).join(" | "));
        sums.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
    }
    let _ = writeln!(text, "| **all** | | | {} |", sums.map(|sum| sum.to_string()).join(" | "));
    text
}

/// Says how many of so many functions are bound.
#[must_use]
pub fn share(bound: usize, refused: usize) -> String {
    format!("{:.1} % of the functions are bound.", 100.0 * bound as f64 / (bound + refused).max(1) as f64)
}

/// What the columns are.
pub const LEGEND: &str = "
*Functions* are those that the library's own headers declare, without macros with parameters. *Types* are structs, unions, enums and typedefs;
an *opaque* one is bound, but only pointers to it exist. *Constants* are macros and the enumerators of unnamed enums; those of named enums come
with their types.
";
