//! Packages of the registries, by the registries' own clients, and never another content than the
//! pinned one.

use std::error::Error;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use flate2::read::GzDecoder;
use sandbox_toolchain::exec;
use sha2::{Digest as _, Sha256};

/// One version of a package, and the digest of its archive.
pub(super) struct Package {
    pub(super) name: &'static str,
    version: &'static str,
    sha256: &'static str,
}

/// A Python package with a program that is clang, lld and llvm-ar, and with the sources of libc++,
/// libc++abi and libunwind.
pub(super) const COMPILER: Package =
    Package { name: "ziglang", version: "0.16.0", sha256: "9fcda73f62b851dd72a54b710ad40a209896db14cfb13649e62191243556342b" };

/// A package of Node's registry with a sysroot for `wasm32-wasip1`, built by the rules of wasi-sdk.
pub(super) const SYSROOT: Package = Package {
    name: "@yowasp/clang",
    version: "22.0.0-git20542-10",
    sha256: "6230ea1afa9691fa065935cf68c01642ff9b31c183fe8ac64cdfda025df06009",
};

impl Package {
    /// Describes the content, whatever its name.
    pub(super) fn pinned(&self) -> String {
        format!("{} {} sha256:{}", self.name, self.version, self.sha256)
    }
}

/// Installs a Python package, which pip checks, into a folder of its own.
pub(super) fn with_pip(package: &Package, folder: &Path) -> Result<PathBuf, Box<dyn Error>> {
    let requirements = folder.join("requirements.txt");
    fs::write(&requirements, format!("{}=={} --hash=sha256:{}\n", package.name, package.version, package.sha256))?;
    let place = folder.join("python");
    let mut pip = Command::new("pip");
    pip.args(["install", "--disable-pip-version-check", "--quiet", "--no-compile", "--no-deps", "--require-hashes"]);
    pip.args(["--only-binary", ":all:", "--target"]).arg(&place).arg("--requirement").arg(&requirements);
    run(&mut pip, "Debian: `apt-get install python3-pip`")?;
    Ok(place)
}

/// Downloads and unpacks a package of Node's registry.
pub(super) fn with_npm(package: &Package, folder: &Path) -> Result<PathBuf, Box<dyn Error>> {
    let place = folder.join("node");
    fs::create_dir(&place)?;
    let mut npm = Command::new("npm");
    npm.args(["pack", "--silent", "--pack-destination"]).arg(&place).arg(format!("{}@{}", package.name, package.version));
    run(&mut npm, "Debian: `apt-get install npm`")?;
    let archives: Vec<PathBuf> = fs::read_dir(&place)?.map(|entry| Ok(entry?.path())).collect::<io::Result<_>>()?;
    let [archive] = archives.as_slice() else {
        return Err(format!("npm left {} files for {}", archives.len(), package.name).into());
    };
    let found: String = Sha256::digest(fs::read(archive)?).iter().map(|byte| format!("{byte:02x}")).collect();
    if found != package.sha256 {
        return Err(format!("{} {} has the SHA-256 {found}, not {}", package.name, package.version, package.sha256).into());
    }
    tar::Archive::new(GzDecoder::new(File::open(archive)?)).unpack(&place)?;
    Ok(place.join("package"))
}

fn run(command: &mut Command, advice: &str) -> Result<(), Box<dyn Error>> {
    match exec::run_on_terminal(command) {
        Err(error @ exec::ExecError::NotStarted { .. }) => Err(format!("{error}\n{advice}").into()),
        other => Ok(other?),
    }
}
