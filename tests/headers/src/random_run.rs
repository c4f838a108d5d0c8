//! `headers random`: random headers.

use std::error::Error;
use std::fs;
use std::num::NonZero;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::found::{Found, Outcome};
use crate::generator;
use crate::one::{self, Request};

/// Which headers, and where they go.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// The folder for headers and bindings
    #[arg(long)]
    folder: PathBuf,
    /// The folder of `record.h`
    #[arg(long)]
    fixtures: PathBuf,
    /// The seed of the first header
    #[arg(long, default_value_t = 0)]
    first: u32,
    /// How many headers
    #[arg(long)]
    count: u32,
    /// How many of them are bound at once
    #[arg(long, default_value_t = 5)]
    at_once: u32,
    /// Seconds that these may take
    #[arg(long, default_value_t = 300)]
    limit: u64,
}

/// What is known of all that was done.
#[derive(Debug, Default)]
struct Sums {
    headers: u32,
    functions: [usize; 2],
    types: [usize; 2],
    constants: [usize; 2],
    variables: [usize; 2],
    wrong: u32,
}

/// Binds the headers, and prints what is wrong as soon as it is known.
///
/// # Errors
/// If headers are not bound as they should be.
pub fn run(options: &Options) -> Result<(), Box<dyn Error>> {
    fs::create_dir_all(&options.folder)?;
    let (folder, fixtures) = (options.folder.canonicalize()?, options.fixtures.canonicalize()?);
    let end = options.first + options.count;
    let next = AtomicU32::new(0);
    let sums: Mutex<Sums> = Mutex::default();
    let work = || {
        while let first = options.first + next.fetch_add(1, Ordering::Relaxed) * options.at_once
            && first < end
        {
            let last = (first + options.at_once).min(end);
            let folder = folder.join(first.to_string());
            let outcome = bind(first..last, &folder, &fixtures, options.limit).unwrap_or_else(|error| Outcome::Crashed(error.to_string()));
            let Ok(mut sums) = sums.lock() else { return };
            sums.headers += last - first;
            sums.add(&outcome);
            let wrong = wrong(&outcome);
            sums.wrong += u32::from(!wrong.is_empty());
            for wrong in wrong {
                println!("headers {first} to {}: {wrong}", last - 1);
            }
            if sums.headers % 100 < options.at_once {
                eprintln!("{} of {} headers, {} with something wrong", sums.headers, options.count, sums.wrong);
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, NonZero::get) {
            scope.spawn(work);
        }
    });
    let sums = sums.into_inner().map_err(|_| "a thread failed")?;
    println!("{} random headers from seed {}", sums.headers, options.first);
    for (what, [bound, refused]) in
        [("functions", sums.functions), ("types", sums.types), ("constants", sums.constants), ("variables", sums.variables)]
    {
        println!("  {bound} {what} bound, {refused} refused");
    }
    if sums.wrong == 0 { Ok(()) } else { Err("not every header is bound as it should be".into()) }
}

/// Binds the headers of these numbers as one library.
fn bind(
    numbers: std::ops::Range<u32>,
    folder: &std::path::Path,
    fixtures: &std::path::Path,
    limit: u64,
) -> Result<Outcome, Box<dyn Error>> {
    let include = folder.join("include");
    fs::create_dir_all(&include)?;
    let mut headers = Vec::new();
    for number in numbers {
        let name = format!("h{number}.h");
        fs::write(include.join(&name), generator::header(number)?)?;
        headers.push(name);
    }
    let request = Request { headers, includes: vec![include, fixtures.to_owned()], defines: Vec::new() };
    let outcome = one::in_a_process(&request, folder, limit)?;
    if let Outcome::Bound(found) = &outcome
        && found.disagreements.is_empty()
    {
        fs::remove_dir_all(folder)?;
    }
    Ok(outcome)
}

fn wrong(outcome: &Outcome) -> Vec<String> {
    match outcome {
        Outcome::Bound(found) => found.disagreements.clone(),
        Outcome::DoesNotCompile(reason) => vec![format!("no C: {reason}")],
        Outcome::Failed(error) => vec![format!("FAILED: {error}")],
        Outcome::Crashed(how) => vec![format!("CRASHED: {how}")],
        Outcome::Endless(limit) => vec![format!("ENDLESS: not done after {limit} s")],
    }
}

impl Sums {
    fn add(&mut self, outcome: &Outcome) {
        if let Outcome::Bound(found) = outcome {
            let Found { functions, types, opaque, constants, variables, .. } = &**found;
            for (sum, items) in [
                (&mut self.functions, functions),
                (&mut self.types, types),
                (&mut self.constants, constants),
                (&mut self.variables, variables),
            ] {
                sum[0] += items.bound.len();
                sum[1] += items.refused.len();
            }
            self.types[1] += opaque.len();
        }
    }
}
