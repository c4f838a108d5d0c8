//! `cargo xtask second-toolchain`: lays out a toolchain in the shape of a wasi-sdk, and runs the
//! tests with it.
//!
//! Two packages make it (docs/toolchains.md): one has a sysroot as wasi-sdk builds it, the other a
//! clang, and the sources of libc++ with exceptions, which are compiled here. Both are downloaded
//! by the clients of their registries, are checked by their SHA-256, and stay in the target folder.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use cargo_sandbox::setup::Machine;
use sandbox_toolchain::{Toolchain, probe};

use crate::cargo::{cargo, target_folder};

mod download;
mod layout;
mod libcxx;

/// The variable by which the tests know the toolchain's folder.
pub(crate) const VARIABLE: &str = "SANDBOX_SECOND_TOOLCHAIN";

/// Holds what the toolchain was made of, and is written last.
const STAMP: &str = "made-of.txt";

/// What is done.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Only lays the toolchain out
    #[arg(long)]
    only_lay_out: bool,
    /// Arguments of the tests
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

/// Lays the toolchain out unless it is there, and runs the tests that know it.
pub(crate) fn run(options: &Options) -> Result<(), Box<dyn Error>> {
    let root = lay_out()?;
    if options.only_lay_out {
        return Ok(());
    }
    let mut arguments = vec!["test", "--test", "second_toolchain"];
    if !options.arguments.is_empty() {
        arguments.push("--");
        arguments.extend(options.arguments.iter().map(String::as_str));
    }
    cargo(&arguments, &[(VARIABLE, root.to_str().ok_or("the target folder's name is not UTF-8")?)])
}

/// Returns the toolchain's folder if it was laid out.
pub(crate) fn laid_out() -> Result<Option<PathBuf>, Box<dyn Error>> {
    let root = folder()?.join("wasi-sdk");
    Ok((fs::read_to_string(root.join(STAMP)).ok() == Some(made_of())).then_some(root))
}

fn folder() -> Result<PathBuf, Box<dyn Error>> {
    Ok(std::path::absolute(target_folder()?)?.join("second-toolchain"))
}

/// Names the packages, and all that decides what is made of them.
fn made_of() -> String {
    format!("{}\n{}\nlayout 1\n", download::COMPILER.pinned(), download::SYSROOT.pinned())
}

fn lay_out() -> Result<PathBuf, Box<dyn Error>> {
    if let Some(root) = laid_out()? {
        return Ok(root);
    }
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        return Err("the second toolchain is pinned for Linux on x86-64 only".into());
    }
    let folder = folder()?;
    fs::create_dir_all(&folder)?;
    // What fails leaves nothing that looks like a toolchain.
    let work = tempfile::Builder::new().prefix(".making-").tempdir_in(&folder)?;
    eprintln!("downloading {} and {}", download::COMPILER.name, download::SYSROOT.name);
    let compiler = download::with_pip(&download::COMPILER, work.path())?;
    let sysroot = download::with_npm(&download::SYSROOT, work.path())?;
    let root = work.path().join("wasi-sdk");
    layout::lay_out(&compiler, &sysroot, &root)?;
    libcxx::compile(&compiler, &root)?;
    check(&root)?;
    fs::write(root.join(STAMP), made_of())?;
    let place = folder.join("wasi-sdk");
    if place.exists() {
        fs::remove_dir_all(&place)?;
    }
    fs::rename(&root, &place)?;
    eprintln!("laid out in {}", place.display());
    Ok(place)
}

/// Tries all that the tests need.
fn check(root: &Path) -> Result<(), Box<dyn Error>> {
    let toolchain = Toolchain::at_in(root, &Machine::this().environment)?;
    let probed = probe(&toolchain)?;
    eprint!("{}", probed.report(&toolchain));
    if probed.usable() && probed.setjmp.works() && probed.cxx.works() && probed.exceptions {
        Ok(())
    } else {
        Err("the second toolchain does not do all that the tests need".into())
    }
}
