//! An application contains no Wasm compiler: the guest's code is precompiled, and nothing on the host can make more of it.

use std::env;
use std::process::Command;

/// Returns the names of the packages that are linked into `package`, without those of its build script.
fn linked(package: &str) -> Vec<String> {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or("cargo".into()));
    cargo.args(["tree", "--package", package, "--edges", "normal,no-proc-macro", "--prefix", "none", "--format", "{p}"]);
    let output = cargo.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let packages = String::from_utf8(output.stdout).unwrap();
    packages.lines().filter_map(|line| line.split(' ').next()).map(Into::into).collect()
}

#[test]
fn the_examples_link_the_engine_without_its_compiler() {
    for package in ["example-zlib", "example-libpng", "example-snappy", "sandbox"] {
        let packages = linked(package);
        assert!(packages.iter().any(|name| name == "wasmtime"), "{package} links no engine: {packages:?}");
        let compilers: Vec<_> = packages.iter().filter(|name| name.contains("cranelift-codegen") || name.contains("winch")).collect();
        assert!(compilers.is_empty(), "{package} links {compilers:?}");
    }
}
