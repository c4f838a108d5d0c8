//! The packages of Debian, Ubuntu and their relatives.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::process::{Command, Stdio};

use sandbox_toolchain::{Toolchain, exec};

use super::{Machine, SetupError};

/// The packages to install, and how.
#[derive(Debug)]
pub(super) struct Plan {
    /// Empty only in a dry run on a machine whose lists have to be refreshed first.
    packages: Vec<String>,
    /// Whether the lists were refreshed already, to be able to choose.
    refreshed: bool,
}

/// The packages of one LLVM release. The last two, C++, are useful but not needed.
fn packages(release: u32) -> (Vec<String>, Vec<String>) {
    let needed = vec![
        format!("clang-{release}"),
        format!("lld-{release}"),
        format!("llvm-{release}"),
        format!("libclang-{release}-dev"),
        format!("libclang-rt-{release}-dev-wasm32"),
        "wasi-libc".into(),
    ];
    let cxx = vec![format!("libc++-{release}-dev-wasm32"), format!("libc++abi-{release}-dev-wasm32")];
    (needed, cxx)
}

impl Plan {
    /// Chooses the newest release that apt offers completely. Refreshes apt's lists if they know none, unless it is a dry run.
    pub(super) fn new(machine: &Machine, dry_run: bool) -> Result<Self, SetupError> {
        let Some(apt_cache) = machine.apt.as_ref().and(machine.apt_cache.as_deref()) else {
            return Err(SetupError::NoApt);
        };
        if !machine.root && machine.sudo.is_none() {
            let command = match choose(apt_cache) {
                Ok(packages) => format!("apt-get install {}", packages.join(" ")),
                Err(_) => "cargo sandbox setup".into(),
            };
            return Err(SetupError::NotRoot { command });
        }
        match choose(apt_cache) {
            Ok(packages) => Ok(Self { packages, refreshed: false }),
            Err(SetupError::NoAptLists) if dry_run => Ok(Self { packages: Vec::new(), refreshed: false }),
            Err(error) if dry_run => Err(error),
            // A fresh machine or container has no lists yet. Reading them changes nothing that is installed.
            Err(_) => {
                run(machine, &["update", "--quiet"])?;
                Ok(Self { packages: choose(apt_cache)?, refreshed: true })
            }
        }
    }

    /// Whether a C++ library is among the packages.
    pub(super) fn has_cxx(&self) -> bool {
        self.packages.iter().any(|package| package.starts_with("libc++-"))
    }

    pub(super) fn carry_out(&self, machine: &Machine) -> Result<(), SetupError> {
        if !self.refreshed {
            // Old lists name packages that the server has replaced.
            run(machine, &["update", "--quiet"])?;
        }
        let mut arguments = vec!["install", "--yes", "--quiet", "--no-install-recommends"];
        arguments.extend(self.packages.iter().map(String::as_str));
        run(machine, &arguments)
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.packages.is_empty() {
            return writeln!(f, "will refresh apt's lists (apt-get update), then install the newest clang that has all it needs");
        }
        writeln!(f, "will install with apt-get: {}", self.packages.join(" "))
    }
}

fn choose(apt_cache: &Path) -> Result<Vec<String>, SetupError> {
    let names = exec::run(Command::new(apt_cache).args(["pkgnames", "clang-"]))?;
    let mut releases: Vec<u32> = names.stdout.lines().filter_map(|name| name.trim().strip_prefix("clang-")?.parse().ok()).collect();
    releases.sort_unstable_by(|a, b| b.cmp(a));
    releases.dedup();
    let Some(newest) = releases.first() else { return Err(SetupError::NoAptLists) };
    let mut looked = Vec::new();
    // An older release would do for libraries without setjmp, but half of the interesting ones need it.
    for release in releases.iter().copied().filter(|release| *release >= Toolchain::OLDEST_WITH_SETJMP) {
        let (needed, cxx) = packages(release);
        let offered = offered(apt_cache, needed.iter().chain(&cxx))?;
        let has = |name: &String| offered.get(name.as_str()).copied().unwrap_or(false);
        let missing: Vec<&str> = needed.iter().filter(|name| !has(name)).map(String::as_str).collect();
        if missing.is_empty() {
            return Ok(needed.iter().chain(cxx.iter().filter(|name| has(name))).cloned().collect());
        }
        looked.push(format!("clang-{release} without {}", missing.join(", ")));
    }
    if looked.is_empty() {
        looked.push(format!("the newest is clang-{newest}"));
    }
    Err(SetupError::NoPackages { oldest: Toolchain::OLDEST_WITH_SETJMP, looked: looked.join("; ") })
}

/// Asks apt which packages it could install: a name alone may be known only because another package mentions it.
fn offered<'a>(apt_cache: &Path, names: impl Iterator<Item = &'a String>) -> Result<BTreeMap<String, bool>, SetupError> {
    let mut command = Command::new(apt_cache);
    // The words of the answer are translated otherwise.
    command.env("LC_ALL", "C").arg("policy").args(names);
    let answer = exec::run(&mut command)?.stdout;
    let mut offered = BTreeMap::new();
    let mut package = "";
    for line in answer.lines() {
        if let Some(name) = line.strip_suffix(':').filter(|name| !name.starts_with(' ')) {
            package = name;
        } else if let Some(version) = line.trim().strip_prefix("Candidate: ") {
            offered.insert(package.to_owned(), version != "(none)");
        }
    }
    Ok(offered)
}

/// Runs apt-get as root, on the user's own terminal: it may take minutes, and sudo may ask for a password.
fn run(machine: &Machine, arguments: &[&str]) -> Result<(), SetupError> {
    let apt = machine.apt.as_deref().ok_or(SetupError::NoApt)?;
    let mut command = match &machine.sudo {
        _ if machine.root => Command::new(apt),
        Some(sudo) => {
            let mut command = Command::new(sudo);
            if !machine.interactive {
                // Nobody can type a password: fail at once in place of waiting for ever.
                command.arg("--non-interactive");
            }
            command.arg(apt);
            command
        }
        None => return Err(SetupError::NotRoot { command: format!("apt-get {}", arguments.join(" ")) }),
    };
    command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
    if !machine.interactive {
        command.stdin(Stdio::null());
    }
    Ok(exec::run_on_terminal(&mut command)?)
}
