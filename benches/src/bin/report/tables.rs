//! Tables of ratios.

use std::fmt::Write as _;

use crate::measured::Measured;

/// One task at one size, with all the ways in which it was done.
pub(crate) struct Row<'a> {
    pub(crate) task: String,
    pub(crate) ways: Vec<&'a Measured>,
}

impl<'a> Row<'a> {
    pub(crate) fn way(&self, name: &str) -> Option<&'a Measured> {
        self.ways.iter().copied().find(|measured| measured.way == name)
    }

    /// Returns the sandbox's median by that of another way.
    pub(crate) fn ratio(&self, other: &str) -> Option<f64> {
        Some(self.way("sandbox")?.median() / self.way(other)?.median())
    }
}

/// Returns the rows of the groups whose name begins with one of these, in this order.
pub(crate) fn rows<'a>(measured: &'a [Measured], prefixes: &[&str]) -> Vec<Row<'a>> {
    let mut rows: Vec<Row<'a>> = Vec::new();
    for prefix in prefixes {
        let mut found: Vec<&Measured> = measured.iter().filter(|measured| measured.group.starts_with(prefix)).collect();
        let number = |measured: &Measured| measured.value.as_deref().and_then(|value| value.parse::<u64>().ok());
        let last_number = |text: &str| text.rsplit(' ').next().and_then(|word| word.parse::<u64>().ok());
        found.sort_by_key(|m| (last_number(&m.group), m.group.clone(), number(m), m.value.clone()));
        for measured in found {
            let task = match (&measured.value, number(measured)) {
                (_, Some(number)) => format!("{}, {}", measured.group, count(number)),
                (Some(value), _) => format!("{}, {value}", measured.group),
                (None, _) => measured.group.clone(),
            };
            match rows.iter_mut().find(|row| row.task == task) {
                Some(row) => row.ways.push(measured),
                None => rows.push(Row { task, ways: vec![measured] }),
            }
        }
    }
    rows
}

/// Writes a table: the medians, and the sandbox by each of the others.
pub(crate) fn table(text: &mut String, rows: &[Row<'_>]) {
    let ways = ["native", "wasmtime", "rust", "sandbox", "sandbox, deadline"];
    let ways: Vec<&str> = ways.into_iter().filter(|way| rows.iter().any(|row| row.way(way).is_some())).collect();
    let compared = |way: &&str| !way.starts_with("sandbox") && rows.iter().any(|row| row.ratio(way).is_some());
    let others: Vec<&str> = ways.iter().copied().filter(compared).collect();
    let _ = write!(text, "| |");
    ways.iter().for_each(|way| {
        let _ = write!(text, " {way} |");
    });
    others.iter().for_each(|other| {
        let _ = write!(text, " ÷ {other} |");
    });
    let _ = write!(text, "\n|---|");
    let _ = writeln!(text, "{}", "--:|".repeat(ways.len() + others.len()));
    for row in rows {
        let _ = write!(text, "| {} |", row.task);
        for way in &ways {
            let _ = write!(text, " {} |", row.way(way).map_or_else(String::new, |measured| time(measured.median())));
        }
        for other in &others {
            let cell = row.way("sandbox").zip(row.way(other)).map_or_else(String::new, |(sandbox, other)| {
                let ratio = sandbox.median() / other.median();
                let (low, high) = (sandbox.quantile(0.25) / other.quantile(0.75), sandbox.quantile(0.75) / other.quantile(0.25));
                format!("**{ratio:.2}** ({low:.2}–{high:.2})")
            });
            let _ = write!(text, " {cell} |");
        }
        text.push('\n');
    }
    text.push('\n');
}

/// Returns the geometric mean and the largest of the ratios, and which that is.
pub(crate) fn summary(rows: &[Row<'_>], other: &str) -> Option<(f64, f64, String)> {
    let ratios: Vec<(f64, &str)> = rows.iter().filter_map(|row| Some((row.ratio(other)?, row.task.as_str()))).collect();
    let (largest, task) = ratios.iter().max_by(|a, b| a.0.total_cmp(&b.0))?;
    let mean = (ratios.iter().map(|(ratio, _)| ratio.ln()).sum::<f64>() / ratios.len() as f64).exp();
    Some((mean, *largest, (*task).to_owned()))
}

fn time(nanoseconds: f64) -> String {
    match nanoseconds {
        time if time < 1e3 => format!("{time:.1} ns"),
        time if time < 1e6 => format!("{:.2} µs", time / 1e3),
        time => format!("{:.2} ms", time / 1e6),
    }
}

fn count(number: u64) -> String {
    match number {
        0..1024 => number.to_string(),
        _ if number.is_multiple_of(1 << 20) => format!("{} MiB", number >> 20),
        _ if number.is_multiple_of(1 << 10) => format!("{} KiB", number >> 10),
        _ => number.to_string(),
    }
}
