//! `cargo xtask instructions`.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::cargo::{cargo, clang, root, target_folder};

/// How much more than the baseline is taken for noise: the same program differs by less.
const TOLERANCE: f64 = 0.03;

/// What becomes of the counts.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Writes them down as the new baseline
    #[arg(long)]
    bless: bool,
}

/// Counts the instructions of each task under callgrind, and compares them with `benches/instructions.tsv`.
pub(crate) fn run(options: &Options) -> Result<(), Box<dyn Error>> {
    cargo(&["build", "--release", "--package", "benches", "--bin", "count"], &[("CC", &clang()?.display().to_string())])?;
    let program = target_folder()?.join("release/count");
    let list = Command::new(&program).output().map_err(|error| format!("{}: {error}", program.display()))?;
    let tasks = String::from_utf8(list.stdout)?;
    if !list.status.success() || tasks.is_empty() {
        return Err(format!("{} lists no tasks ({})", program.display(), list.status).into());
    }

    let path = root()?.join("benches/instructions.tsv");
    let text = fs::read_to_string(&path).unwrap_or_default();
    let baseline: BTreeMap<&str, f64> =
        text.lines().filter_map(|line| line.split_once('\t')).filter_map(|(task, count)| Some((task, count.parse().ok()?))).collect();
    let (mut lines, mut worse) = (String::new(), Vec::new());
    println!("| task | instructions | baseline | |\n|---|--:|--:|--:|");
    for (task, times) in tasks.lines().filter_map(|line| line.split_once('\t')) {
        let times: u32 = times.parse()?;
        // What is done once, and the program itself, is in both.
        let (once, more) = (count(&program, task, 1)?, count(&program, task, 1 + times)?);
        let each = more.saturating_sub(once) as f64 / f64::from(times);
        let before = baseline.get(task).copied();
        let change = before.map_or(0.0, |before| each / before - 1.0);
        println!(
            "| {task} | {each:.0} | {} | {:+.1} % |",
            before.map_or_else(|| "none".into(), |before| format!("{before:.0}")),
            change * 100.0
        );
        lines.push_str(&format!("{task}\t{each:.0}\n"));
        if before.is_none() || change > TOLERANCE {
            worse.push(task.to_owned());
        }
    }
    if options.bless {
        fs::write(&path, lines)?;
        return Ok(());
    }
    if worse.is_empty() {
        return Ok(());
    }
    let percent = TOLERANCE * 100.0;
    Err(format!(
        "more than {percent} % above the baseline, or not in it: {}; if that is meant, `cargo xtask instructions --bless`",
        worse.join("; ")
    )
    .into())
}

fn count(program: &Path, task: &str, times: u32) -> Result<u64, Box<dyn Error>> {
    let mut command = Command::new("valgrind");
    command.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]).arg(program).arg(task).arg(times.to_string());
    let output = command.output().map_err(|error| format!("valgrind could not be started: {error}; Debian's package is `valgrind`"))?;
    let text = String::from_utf8_lossy(&output.stderr);
    let counted = text.lines().find_map(|line| line.split_once("Collected : ")?.1.trim().parse().ok());
    counted.filter(|_| output.status.success()).ok_or_else(|| format!("valgrind counted nothing for `{task}`:\n{text}").into())
}
