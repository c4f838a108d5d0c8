//! `cargo xtask leftovers`.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cargo::{cargo, target_folder};

/// How long is looked.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Guests that come and go while their huge pages are split; a tenth of that for each other
    /// thing that happens to memory
    #[arg(long, default_value_t = 100_000)]
    rounds: u32,
}

/// As much memory as the guests and the program that runs them can have where they are in a group,
/// in bytes: less than two guests write.
const GROUP_BYTES: u64 = 24 << 20;

/// Bytes of the swap file.
const SWAP_BYTES: usize = 256 << 20;

/// Looks for what guests leave to the next, round after round, with a swap and too little memory
/// where this may make them.
pub(crate) fn run(options: &Options) -> Result<(), Box<dyn Error>> {
    let swap = Swap::on(&target_folder()?.join("leftovers.swap"));
    let group = Group::new();
    println!("swap: {}", if swap.is_some() { "a file" } else { "none that can be made here" });
    println!("memory: {}", group.as_ref().map_or("no group that can be made here".to_owned(), |_| format!("{GROUP_BYTES} bytes")));
    let pages = swapped_out();
    let folder = group.as_ref().map(|group| group.0.display().to_string()).unwrap_or_default();
    let few = (options.rounds / 10).max(1).to_string();
    for (tests, rounds) in [("next_guest::pages_that_are_split", options.rounds.to_string()), ("next_guest::", few)] {
        let arguments = ["test", "--test", "it", "--", tests, "--test-threads=1", "--include-ignored", "--skip", "alone::"];
        // The first one has had its turn.
        let skip = ["--skip", "pages_that_are_split"];
        let rest = if tests.ends_with("::") { &skip[..] } else { &[] };
        let began = std::time::Instant::now();
        cargo(&[&arguments[..], rest].concat(), &[("ROUNDS", &rounds), ("LEFTOVERS_GROUP", &folder)])?;
        println!("{tests}: {rounds} rounds each, nothing left, {} s", began.elapsed().as_secs());
    }
    println!("pages that were swapped out meanwhile: {}", swapped_out().saturating_sub(pages));
    Ok(())
}

/// How many pages this machine has swapped out since it began.
fn swapped_out() -> u64 {
    let counters = fs::read_to_string("/proc/vmstat").unwrap_or_default();
    counters.lines().find_map(|line| line.strip_prefix("pswpout ")?.parse().ok()).unwrap_or_default()
}

/// A swap file, in use until this is dropped.
struct Swap(PathBuf);

impl Swap {
    /// Makes one, if this machine and user can.
    fn on(file: &Path) -> Option<Self> {
        use std::os::unix::fs::PermissionsExt as _;
        fs::write(file, vec![0; SWAP_BYTES]).ok()?;
        let swap = Self(file.to_owned());
        fs::set_permissions(file, fs::Permissions::from_mode(0o600)).ok()?;
        (tool("mkswap", file) && tool("swapon", file)).then_some(swap)
    }
}

impl Drop for Swap {
    fn drop(&mut self) {
        tool("swapoff", &self.0);
        let _ = fs::remove_file(&self.0);
    }
}

/// Runs a tool of the system on a file, and tells whether it did what it was to.
fn tool(name: &str, file: &Path) -> bool {
    Command::new(name).arg(file).output().is_ok_and(|output| output.status.success())
}

/// A control group with little memory, until this is dropped.
struct Group(PathBuf);

impl Group {
    /// Makes one, if this machine and user can.
    fn new() -> Option<Self> {
        [("/sys/fs/cgroup/memory", "memory.limit_in_bytes"), ("/sys/fs/cgroup", "memory.max")].into_iter().find_map(|(parent, limit)| {
            let group = Self(Path::new(parent).join("sandbox-leftovers"));
            fs::create_dir(&group.0).ok()?;
            fs::write(group.0.join(limit), GROUP_BYTES.to_string()).ok()?;
            Some(group)
        })
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        let _ = fs::remove_dir(&self.0);
    }
}
