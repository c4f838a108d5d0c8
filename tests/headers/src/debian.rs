//! Headers out of Debian's packages. Nothing is installed: apt keeps its lists, and this unpacks
//! the packages, in a folder of ours.
//!
//! The packages are those of a 32-bit machine, so that what a library's `configure` wrote into its
//! headers (the size of a pointer, of `long`) is true for wasm32.

use std::collections::{BTreeSet, HashMap};
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use sandbox_toolchain::exec;

use crate::candidates::Candidate;

const ARCHITECTURE: &str = "i386";
const TRIPLE: &str = "i386-linux-gnu";

/// What a package's dependencies bring that is the machine's own: wasi-libc and clang have it.
const MACHINE: [&str; 12] = [
    "libc6-dev",
    "libc-dev-bin",
    "linux-libc-dev",
    "libcrypt-dev",
    "libnsl-dev",
    "libtirpc-dev",
    "libpthread-stubs0-dev",
    "libgcc-12-dev",
    "libstdc++-12-dev",
    "libgomp1",
    "libc++-dev",
    "libunwind-dev",
];

/// Debian's packages, and the folder for them.
#[derive(Debug)]
pub struct Debian {
    folder: PathBuf,
    available: HashMap<String, Available>,
    /// What has a name that no package has.
    providers: HashMap<String, Vec<String>>,
}

/// What apt says of a package.
#[derive(Debug, Default)]
struct Available {
    version: String,
    depends: Vec<String>,
}

/// The packages that one library needs.
#[derive(Debug, Clone)]
pub struct Packages {
    /// The version of the library's own.
    pub version: String,
    /// The name and the version of each, that of the library first.
    all: Vec<(String, String)>,
}

impl Debian {
    /// Gets the lists of packages.
    ///
    /// # Errors
    /// If the folders cannot be made.
    pub fn new(folder: &Path) -> Result<Self, Box<dyn Error>> {
        let mut debian = Self { folder: folder.to_owned(), available: HashMap::new(), providers: HashMap::new() };
        for folder in ["apt/state/lists/partial", "apt/cache/archives/partial", "archives", "unpacked"] {
            fs::create_dir_all(debian.folder.join(folder))?;
        }
        fs::write(debian.folder.join("apt/status"), "")?;
        // One source that is not there is no reason to stop: the packages may be in another.
        if let Err(error) = exec::run(debian.apt("apt-get").args(["--quiet", "update"])) {
            let error = error.to_string();
            let first = error.lines().find(|line| line.starts_with("E: ")).unwrap_or(&error);
            eprintln!("not every list of packages is up to date: {first}");
        }
        for package in exec::run(debian.apt("apt-cache").arg("dumpavail"))?.stdout.split("\n\n") {
            let field = |name: &str| package.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
            let (Some(name), Some(version)) = (field("Package"), field("Version")) else { continue };
            for provided in names(field("Provides").unwrap_or_default()) {
                debian.providers.entry(provided).or_default().push(name.to_owned());
            }
            let depends = names(field("Depends").unwrap_or_default());
            debian.available.entry(name.to_owned()).or_insert(Available { version: version.to_owned(), depends });
        }
        Ok(debian)
    }

    fn apt(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        for (option, folder) in [("Dir::State", "apt/state"), ("Dir::State::status", "apt/status"), ("Dir::Cache", "apt/cache")] {
            command.arg("-o").arg(format!("{option}={}", self.folder.join(folder).display()));
        }
        command.args(["-o", &format!("APT::Architecture={ARCHITECTURE}"), "-o", &format!("APT::Architectures={ARCHITECTURE}")]);
        // Otherwise root would hand downloads to a user who may not write here.
        command.args(["-o", "APT::Sandbox::User=root"]).env("LC_ALL", "C");
        command
    }

    /// Says which packages have the headers of a library, and those that these include.
    ///
    /// # Errors
    /// If there is no such package.
    pub fn packages(&self, candidate: &Candidate) -> Result<Packages, Box<dyn Error>> {
        let mut names = BTreeSet::new();
        let mut next: Vec<&str> = candidate.packages.iter().map(String::as_str).collect();
        while let Some(name) = next.pop() {
            if MACHINE.contains(&name) || names.contains(name) {
                continue;
            }
            let Some(available) = self.available.get(name) else {
                next.extend(self.providers.get(name).into_iter().flatten().map(String::as_str));
                continue;
            };
            names.insert(name);
            next.extend(available.depends.iter().map(String::as_str).filter(|name| name.contains("-dev")));
        }
        let version = |name: &str| self.available.get(name).map(|available| available.version.clone());
        let first = candidate.packages.first().ok_or("no package")?;
        let own = version(first).ok_or_else(|| format!("there is no package {first}"))?;
        names.remove(first.as_str());
        let mut all = vec![(first.clone(), own.clone())];
        all.extend(names.into_iter().filter_map(|name| Some((name.to_owned(), version(name)?))));
        Ok(Packages { version: own, all })
    }

    /// Downloads and unpacks what is not there.
    ///
    /// # Errors
    /// If a package cannot be downloaded or unpacked.
    pub fn unpack<'a>(&self, packages: impl Iterator<Item = &'a Packages>) -> Result<(), Box<dyn Error>> {
        let wanted: BTreeSet<&(String, String)> = packages.flat_map(|packages| &packages.all).collect();
        let missing: Vec<_> = wanted.into_iter().filter(|package| !self.unpacked(package).exists()).collect();
        let archives = self.folder.join("archives");
        for (number, some) in missing.chunks(50).enumerate() {
            eprintln!("downloading packages {} to {} of {}", 50 * number + 1, 50 * number + some.len(), missing.len());
            let mut download = self.apt("apt-get");
            download.args(["--quiet", "download"]).args(some.iter().map(|(name, version)| format!("{name}={version}")));
            exec::run(download.current_dir(&archives))?;
            for package in some {
                self.unpack_one(package, &archives)?;
            }
        }
        Ok(())
    }

    fn unpack_one(&self, package: &(String, String), archives: &Path) -> Result<(), Box<dyn Error>> {
        let begin = format!("{}_", package.0);
        let is_of_package = |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&begin));
        let archive = fs::read_dir(archives)?.flatten().map(|entry| entry.path()).find(is_of_package);
        let archive = archive.ok_or_else(|| format!("{} was not downloaded", package.0))?;
        let partial = self.folder.join("partial");
        if partial.exists() {
            fs::remove_dir_all(&partial)?;
        }
        exec::run(Command::new("dpkg-deb").arg("-x").arg(&archive).arg(&partial))?;
        keep_headers(&partial)?;
        fs::remove_file(archive)?;
        Ok(fs::rename(partial, self.unpacked(package))?)
    }

    fn unpacked(&self, (name, version): &(String, String)) -> PathBuf {
        self.folder.join("unpacked").join(format!("{name}_{}", version.replace(':', "%3a")))
    }

    /// Returns the folders in which a library's headers are looked for.
    #[must_use]
    pub fn includes(&self, candidate: &Candidate, packages: &Packages) -> Vec<PathBuf> {
        let mut found = Vec::new();
        for package in &packages.all {
            let root = self.unpacked(package);
            let common = [root.join("usr/include"), root.join("usr/include").join(TRIPLE)];
            for folder in &candidate.folders {
                match folder.strip_prefix('/') {
                    Some(folder) => found.push(root.join(folder)),
                    None => found.extend(common.iter().map(|common| common.join(folder))),
                }
            }
            found.extend(common);
        }
        found.retain(|folder| folder.is_dir());
        found
    }
}

/// Returns the packages of a list such as `a (>= 1) | b:any, c`.
fn names(list: &str) -> Vec<String> {
    let words = list.split([',', '|']).filter_map(|item| item.split_whitespace().next()?.split(':').next());
    words.map(str::to_owned).collect()
}

/// Removes what is large and no header.
fn keep_headers(folder: &Path) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        if entry.file_type()?.is_dir() {
            if path.ends_with("usr/share") || path.ends_with("usr/bin") {
                fs::remove_dir_all(path)?;
            } else {
                keep_headers(&path)?;
            }
        } else if path.extension().is_some_and(|extension| extension == "a" || extension == "so") {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}
