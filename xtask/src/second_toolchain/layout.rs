//! The folders of a wasi-sdk, filled from two packages.

use std::error::Error;
use std::fs::{self, File};
use std::path::Path;

use super::libcxx;

/// The release of clang in the package of the compiler, after which clang names a folder.
const RELEASE: &str = "21";

/// The programs of a wasi-sdk that are used here, as the one program of the package knows them.
const PROGRAMS: [(&str, &str); 4] = [("clang", "clang"), ("clang++", "clang --driver-mode=g++"), ("wasm-ld", "wasm-ld"), ("llvm-ar", "ar")];

/// Fills `root`, but for the libraries of C++.
pub(super) fn lay_out(compiler: &Path, sysroot: &Path, root: &Path) -> Result<(), Box<dyn Error>> {
    let package = compiler.join("ziglang");
    let bin = root.join("bin");
    fs::create_dir_all(&bin)?;
    fs::copy(package.join("zig"), bin.join("zig"))?;
    for (name, arguments) in PROGRAMS {
        program(&bin.join(name), arguments)?;
    }
    // clang looks for its own headers, and for its run-time, relative to its program.
    let resources = root.join("lib/clang").join(RELEASE);
    copy_all(&package.join("lib/include"), &resources.join("include"))?;
    let unpacked = sysroot.join("unpacked");
    tar::Archive::new(File::open(sysroot.join("gen/llvm-resources.tar"))?).unpack(&unpacked)?;
    copy_all(&unpacked.join("lib/wasm32-unknown-wasip1"), &resources.join("lib/wasm32-unknown-wasip1"))?;

    let guest = root.join("share/wasi-sysroot");
    let (include, lib) = (guest.join("include").join(libcxx::TARGET), guest.join("lib").join(libcxx::TARGET));
    copy_all(&unpacked.join("include").join(libcxx::TARGET), &include)?;
    copy_all(&unpacked.join("lib").join(libcxx::TARGET), &lib)?;
    for library in ["libc++.a", "libc++abi.a", "libc++experimental.a"] {
        // Without exceptions, and of another release than the headers below.
        fs::remove_file(lib.join(library))?;
    }
    libcxx::headers(&package, &unpacked, &guest)
}

/// Writes a program that is another one with arguments of its own.
fn program(path: &Path, arguments: &str) -> Result<(), Box<dyn Error>> {
    fs::write(path, format!("#!/bin/sh\nexec \"$(dirname \"$0\")/zig\" {arguments} \"$@\"\n"))?;
    #[cfg(unix)]
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
    Ok(())
}

/// Copies a folder with all that is in it.
pub(super) fn copy_all(from: &Path, to: &Path) -> Result<(), Box<dyn Error>> {
    fs::create_dir_all(to)?;
    let entries = fs::read_dir(from).map_err(|error| format!("could not read {}: {error}", from.display()))?;
    for entry in entries {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_all(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
