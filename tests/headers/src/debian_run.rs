//! `headers debian`: all libraries of the table.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::num::NonZero;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::candidates::{self, Candidate};
use crate::debian::{Debian, Packages};
use crate::found::Outcome;
use crate::one::{self, Request};
use crate::report::{self, Done};

/// Which libraries, and where the answers go.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// The folder for packages and bindings
    #[arg(long)]
    folder: PathBuf,
    /// Only these libraries
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// Seconds that one library may take
    #[arg(long, default_value_t = 300)]
    limit: u64,
    /// The page whose tables are written anew
    #[arg(long, conflicts_with = "only")]
    page: Option<PathBuf>,
}

/// Binds the libraries, and prints what came of each as soon as it is known.
///
/// # Errors
/// If the packages cannot be had, or if a library is not bound as it should be.
pub fn run(options: &Options) -> Result<(), Box<dyn Error>> {
    fs::create_dir_all(&options.folder)?;
    let folder = options.folder.canonicalize()?;
    let candidates = candidates::all()?;
    if let Some(unknown) = options.only.iter().find(|only| candidates.iter().all(|candidate| candidate.name != **only)) {
        return Err(format!("libraries.tsv has no `{unknown}`").into());
    }
    let wanted = |candidate: &&Candidate| options.only.is_empty() || options.only.contains(&candidate.name);
    let candidates: Vec<&Candidate> = candidates.iter().filter(wanted).collect();
    eprintln!("{} libraries; asking apt for their packages", candidates.len());
    let debian = Debian::new(&folder.join("debian"))?;
    let mut packages: Vec<(&Candidate, Packages)> = Vec::new();
    for candidate in candidates {
        packages.push((candidate, debian.packages(candidate)?));
    }
    debian.unpack(packages.iter().map(|(_, packages)| packages))?;

    let next = AtomicUsize::new(0);
    let done: Mutex<BTreeMap<usize, Done<'_>>> = Mutex::default();
    let work = || {
        while let index = next.fetch_add(1, Ordering::Relaxed)
            && let Some((candidate, of_candidate)) = packages.get(index)
        {
            let includes = debian.includes(candidate, of_candidate);
            let Candidate { name, headers, defines, .. } = Candidate::clone(candidate);
            let outcome = one::in_a_process(&Request { headers, includes, defines }, &folder.join("bound").join(name), options.limit)
                .unwrap_or_else(|error| Outcome::Crashed(error.to_string()));
            let done_now = Done { candidate, version: of_candidate.version.clone(), outcome };
            print!("[{}/{}] {}", index + 1, packages.len(), report::shown(&done_now));
            if let Ok(mut done) = done.lock() {
                done.insert(index, done_now);
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, NonZero::get) {
            scope.spawn(work);
        }
    });
    let done: Vec<Done<'_>> = done.into_inner().map_err(|_| "a thread failed")?.into_values().collect();
    println!("\n{}", report::summary(&done));
    if let Some(page) = &options.page {
        report::write(page, &done)?;
    }
    if done.iter().all(Done::is_good) { Ok(()) } else { Err("not every library is bound as it should be".into()) }
}
