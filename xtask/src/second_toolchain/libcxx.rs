//! libc++, libc++abi and libunwind, compiled with exceptions by the compiler that is laid out, in
//! the configuration that wasi-sdk builds them in.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use sandbox_toolchain::exec;

use super::layout::copy_all;

/// The target, as clang and the folders of a wasi-sdk have it.
pub(super) const TARGET: &str = "wasm32-wasip1";

/// What libc++'s build sets, and what makes exceptions those of the standard.
const FLAGS: &str = "-O1 -w -DNDEBUG -fwasm-exceptions -mllvm -wasm-use-legacy-eh=false -D_LIBUNWIND_HIDE_SYMBOLS";
const CXX_FLAGS: &str = "-std=c++23 -fvisibility-inlines-hidden -D_LIBCPP_BUILDING_LIBRARY -D_LIBCPP_REMOVE_TRANSITIVE_INCLUDES \
    -DLIBCXX_BUILDING_LIBCXXABI -D_LIBCXXABI_BUILDING_LIBRARY -DLIBCXXABI_SILENT_TERMINATE";

/// Sources for other systems, of what is experimental, and for a build without exceptions.
const LEFT_OUT: [&str; 4] = ["/experimental/", "/win32/", "/pstl/", "cxa_noexception.cpp"];

/// Puts the headers in their places.
pub(super) fn headers(package: &Path, unpacked: &Path, sysroot: &Path) -> Result<(), Box<dyn Error>> {
    let include = sysroot.join("include").join(TARGET);
    let cxx = include.join("c++/v1");
    copy_all(&package.join("lib/libcxx/include"), &cxx)?;
    for (folder, to) in [("libcxxabi", &cxx), ("libunwind", &include)] {
        copy_all(&package.join("lib").join(folder).join("include"), to)?;
    }
    // clang++ takes the folder of the target only if this one is there, too.
    fs::create_dir_all(sysroot.join("include/c++/v1"))?;
    // In this package the configuration is left to flags. In a wasi-sdk it is a header, which the
    // package of the sysroot has.
    fs::copy(unpacked.join("include/c++/v1/__config_site"), cxx.join("__config_site"))?;
    let config = cxx.join("__config");
    let text = fs::read_to_string(&config)?;
    if !text.contains("#include <__config_site>") {
        fs::write(config, format!("#include <__config_site>\n{text}"))?;
    }
    Ok(())
}

/// Compiles the three libraries, one file per processor at a time.
pub(super) fn compile(package: &Path, root: &Path) -> Result<(), Box<dyn Error>> {
    let lib = package.join("ziglang/lib");
    let objects = package.join("objects");
    let mut jobs = Vec::new();
    for (library, folder) in [("libc++", "libcxx/src"), ("libc++abi", "libcxxabi/src"), ("libunwind", "libunwind/src")] {
        let mut sources = Vec::new();
        find(&lib.join(folder), &mut sources)?;
        sources.sort();
        fs::create_dir_all(objects.join(library))?;
        for source in sources {
            let object = objects.join(library).join(format!("{}.o", jobs.len()));
            jobs.push((source, object));
        }
    }
    eprintln!("compiling libc++ with exceptions: {} files", jobs.len());
    let next = AtomicUsize::new(0);
    let work = || -> Result<(), String> {
        while let Some((source, object)) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
            compile_one(&lib, root, source, object).map_err(|error| error.to_string())?;
        }
        Ok(())
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..thread::available_parallelism().map_or(1, usize::from)).map(|_| scope.spawn(work)).collect();
        workers.into_iter().try_for_each(|worker| worker.join().map_err(|_| "a compiling thread panicked".to_owned())?)
    })?;
    for library in ["libc++", "libc++abi", "libunwind"] {
        let archive = root.join("share/wasi-sysroot/lib").join(TARGET).join(format!("{library}.a"));
        let mut files: Vec<PathBuf> = fs::read_dir(objects.join(library))?.flatten().map(|entry| entry.path()).collect();
        files.sort();
        exec::run(exec::tool(root.join("bin/llvm-ar")).arg("rcs").arg(archive).args(files))?;
    }
    Ok(())
}

fn compile_one(lib: &Path, root: &Path, source: &Path, object: &Path) -> Result<(), exec::ExecError> {
    let is_cxx = source.extension().is_some_and(|extension| extension == "cpp");
    let mut command = exec::tool(root.join("bin").join(if is_cxx { "clang++" } else { "clang" }));
    command.arg("--no-default-config").arg(format!("--target={TARGET}"));
    command.arg(format!("--sysroot={}", root.join("share/wasi-sysroot").display())).args(FLAGS.split_whitespace());
    if is_cxx {
        command.args(CXX_FLAGS.split_whitespace());
    }
    for folder in ["libcxx/src", "libcxx/libc", "libcxxabi/src", "libcxxabi/include", "libunwind/src", "libunwind/include"] {
        command.arg("-I").arg(lib.join(folder));
    }
    exec::run(command.arg("-c").arg(source).arg("-o").arg(object)).map(drop)
}

/// Lists the sources below a folder. Of libunwind only one file is about WebAssembly.
fn find(folder: &Path, sources: &mut Vec<PathBuf>) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let text = path.to_string_lossy().replace('\\', "/");
        if path.is_dir() {
            find(&path, sources)?;
        } else if (text.ends_with(".cpp") && !text.contains("/libunwind/") || text.ends_with("/Unwind-wasm.c"))
            && !LEFT_OUT.iter().any(|part| text.contains(part))
        {
            sources.push(path);
        }
    }
    Ok(())
}
