//! The search, on machines made up by the tests: folders with files of the right names, and compilers that only know
//! their version.
#![cfg(target_os = "linux")]

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use sandbox_toolchain::{Environment, Kind, Language, Looked, Toolchain, ToolchainError};

struct Machine {
    folder: tempfile::TempDir,
    environment: Environment,
}

impl Machine {
    fn empty() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), environment: Environment::default() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn file(&self, name: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "").unwrap();
    }

    fn clang(&self, name: &str, version: &str) {
        self.file(name);
        let script =
            format!("#!/bin/sh\ncase $1 in --version) echo '{version}';; *) echo {}/resources;; esac\n", self.folder.path().display());
        fs::write(self.path(name), script).unwrap();
        fs::set_permissions(self.path(name), fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn wasi_sdk(&self, name: &str, version: &str) -> PathBuf {
        self.clang(&format!("{name}/bin/clang"), &format!("clang version {version}-wasi-sdk"));
        for file in ["bin/clang++", "bin/llvm-ar"] {
            self.file(&format!("{name}/{file}"));
        }
        let sysroot = format!("{name}/share/wasi-sysroot");
        for file in ["include/wasm32-wasip1/stdlib.h", "lib/wasm32-wasip1/libc.a"] {
            self.file(&format!("{sysroot}/{file}"));
        }
        self.path(name)
    }

    /// Debian's layout below the folder `usr`, with these releases of LLVM.
    fn debian(&mut self, releases: &[u32]) {
        self.file("usr/include/wasm32-wasi/stdlib.h");
        self.file("usr/lib/wasm32-wasi/libc.a");
        for release in releases {
            let llvm = format!("usr/lib/llvm-{release}");
            self.clang(&format!("{llvm}/bin/clang"), &format!("Debian clang version {release}.1.8"));
            for file in ["bin/clang++", "bin/wasm-ld", "bin/llvm-ar"] {
                self.file(&format!("{llvm}/{file}"));
            }
        }
        self.environment.prefixes = vec![self.path("usr")];
    }

    fn find(&self) -> Result<Toolchain, ToolchainError> {
        Toolchain::find_in(&self.environment)
    }

    fn found(&self) -> Toolchain {
        self.find().unwrap()
    }

    fn error(&self) -> String {
        self.find().unwrap_err().to_string()
    }
}

#[test]
fn an_empty_machine_gets_one_error_with_everything_and_the_command_that_fixes_it() {
    let mut machine = Machine::empty();
    machine.environment.install_folders = vec!["/nowhere/wasi-sdk".into()];
    machine.environment.cache = Some(machine.path("cache"));
    machine.environment.prefixes = vec!["/nowhere/usr".into()];
    let error = machine.find().unwrap_err();
    let ToolchainError::NotFound { looked } = &error else { panic!("{error}") };
    let places: Vec<&str> = looked.iter().map(|Looked { place, .. }| place.as_str()).collect();
    assert_eq!(places.len(), 4, "{places:?}");
    let text = error.to_string();
    for part in ["WASI_SDK_PATH: not set", "/nowhere/wasi-sdk: not there", "wasi-libc in /nowhere/usr", "`cargo sandbox setup`"] {
        assert!(text.contains(part), "{part} is not in:\n{text}");
    }
}

#[test]
fn the_order_is_variable_install_folder_download_distribution() {
    let mut machine = Machine::empty();
    machine.debian(&[22]);
    assert_eq!(machine.found().kind(), Kind::Distribution);

    let cached = machine.wasi_sdk("cache/wasi-sdk-27.0-x86_64-linux", "20.1.8");
    machine.environment.cache = Some(machine.path("cache"));
    assert_eq!(machine.found().root(), cached);

    let installed = machine.wasi_sdk("opt/wasi-sdk", "21.1.4");
    machine.environment.install_folders = vec![installed.clone()];
    assert_eq!(machine.found().root(), installed);

    let named = machine.wasi_sdk("mine", "20.1.8");
    machine.environment.wasi_sdk_path = Some(named.clone().into());
    assert_eq!(machine.found().root(), named);
    assert_eq!(machine.found().origin(), "WASI_SDK_PATH");
}

#[test]
fn a_wrong_wasi_sdk_path_is_an_error_and_no_reason_to_look_elsewhere() {
    let mut machine = Machine::empty();
    machine.debian(&[22]);
    machine.environment.wasi_sdk_path = Some("/nowhere".into());
    assert!(machine.error().starts_with("WASI_SDK_PATH names /nowhere, which is no usable toolchain: there is no such folder"));

    fs::create_dir(machine.path("empty")).unwrap();
    machine.environment.wasi_sdk_path = Some(machine.path("empty").into());
    assert!(machine.error().contains("no bin/clang in it"), "{}", machine.error());
}

#[test]
fn a_wasi_sdk_that_is_too_old_is_named_with_its_version() {
    let mut machine = Machine::empty();
    machine.environment.wasi_sdk_path = Some(machine.wasi_sdk("old", "16.0.0").into());
    assert!(machine.error().contains("clang 16.0.0 is too old (19 or later is needed)"), "{}", machine.error());
}

#[test]
fn a_wasi_sdk_without_its_sysroot_is_not_taken() {
    let mut machine = Machine::empty();
    let folder = machine.wasi_sdk("sdk", "20.1.8");
    fs::remove_file(folder.join("share/wasi-sysroot/lib/wasm32-wasip1/libc.a")).unwrap();
    machine.environment.wasi_sdk_path = Some(folder.into());
    assert!(machine.error().contains("no lib/wasm32-wasip1/libc.a"), "{}", machine.error());
}

#[test]
fn an_install_folder_may_carry_the_version_in_its_name_and_the_newest_wins() {
    let mut machine = Machine::empty();
    machine.wasi_sdk("opt/wasi-sdk-9.0-x86_64-linux", "19.0.0");
    let newest = machine.wasi_sdk("opt/wasi-sdk-27.0-x86_64-linux", "20.1.8");
    machine.environment.install_folders = vec![machine.path("opt/wasi-sdk")];
    assert_eq!(machine.found().root(), newest);
}

#[test]
fn a_distribution_gives_its_newest_clang() {
    let mut machine = Machine::empty();
    machine.debian(&[14, 20, 22]);
    let toolchain = machine.found();
    assert_eq!(toolchain.version().major, 22);
    assert_eq!(toolchain.clang(), machine.path("usr/lib/llvm-22/bin/clang"));
    assert_eq!(toolchain.target(), "wasm32-wasi");
}

#[test]
fn a_clang_without_its_linker_is_passed_over_and_named_if_it_was_the_only_one() {
    let mut machine = Machine::empty();
    machine.debian(&[20, 22]);
    fs::remove_file(machine.path("usr/lib/llvm-22/bin/wasm-ld")).unwrap();
    assert_eq!(machine.found().version().major, 20);
    fs::remove_file(machine.path("usr/lib/llvm-20/bin/llvm-ar")).unwrap();
    let text = machine.error();
    assert!(text.contains("no wasm-ld (Debian: package lld-22)") && text.contains("no llvm-ar (Debian: package llvm-20)"), "{text}");
}

#[test]
fn an_old_clang_alone_is_named() {
    let mut machine = Machine::empty();
    machine.debian(&[14]);
    assert!(machine.error().contains("clang 14.1.8 is too old"), "{}", machine.error());
}

#[test]
fn wasi_libc_without_any_clang_says_so() {
    let mut machine = Machine::empty();
    machine.debian(&[]);
    assert!(machine.error().contains("wasi-libc is there, clang 19 or later is not"), "{}", machine.error());
}

#[test]
fn a_distributions_headers_never_mix_with_the_hosts() {
    let mut machine = Machine::empty();
    machine.debian(&[22]);
    let flags = machine.found().compile_flags(Language::Cxx);
    let include = machine.path("usr/include/wasm32-wasi");
    let position = |flag: &Path| flags.iter().position(|f| Path::new(f) == flag).unwrap();
    assert!(flags.iter().any(|flag| flag == "-nostdlibinc"));
    assert!(position(&include.join("c++/v1")) < position(&include), "libc++ wraps the C headers: {flags:?}");
    assert!(machine.found().link_flags().iter().any(|flag| flag == "--no-wasm-opt"));
}

#[test]
fn an_explicit_folder_is_taken_or_refused_alone() {
    let machine = Machine::empty();
    let folder = machine.wasi_sdk("sdk", "20.1.8");
    assert_eq!(Toolchain::at_in(&folder, &machine.environment).unwrap().root(), folder);
    let error = Toolchain::at_in(machine.path("nothing"), &machine.environment).unwrap_err();
    assert!(error.to_string().starts_with("the build script names "), "{error}");
}

#[test]
fn libclang_next_to_clang_comes_first_and_needs_no_version_in_its_name() {
    let machine = Machine::empty();
    let folder = machine.wasi_sdk("sdk", "20.1.8");
    machine.file("sdk/lib/libclang.so");
    let toolchain = Toolchain::at_in(folder, &machine.environment).unwrap();
    assert_eq!(toolchain.libclang().unwrap(), machine.path("sdk/lib/libclang.so"));
}

#[test]
fn a_wasi_sdk_takes_a_systems_libclang_that_is_not_older() {
    let mut machine = Machine::empty();
    let folder = machine.wasi_sdk("sdk", "20.1.8");
    machine.environment.prefixes = vec![machine.path("usr")];
    machine.file("usr/lib/llvm-14/lib/libclang.so");
    let toolchain = Toolchain::at_in(&folder, &machine.environment).unwrap();
    let text = toolchain.libclang().unwrap_err().to_string();
    assert!(text.contains("no libclang was found for clang 20.1.8") && text.contains("too old (version 14)"), "{text}");
    assert!(text.contains("LIBCLANG_PATH: not set"), "{text}");

    machine.file("usr/lib/llvm-22/lib/libclang-22.so.22");
    symlink("libclang-22.so.22", machine.path("usr/lib/llvm-22/lib/libclang.so")).unwrap();
    assert_eq!(toolchain.libclang().unwrap(), machine.path("usr/lib/llvm-22/lib/libclang.so"));
    // Another release's built-in headers may not suit it: it keeps its own.
    assert!(!toolchain.bindgen_flags(Language::C).unwrap().iter().any(|flag| flag == "-resource-dir"));

    machine.file("usr/lib/llvm-20/lib/libclang.so");
    assert_eq!(toolchain.libclang().unwrap(), machine.path("usr/lib/llvm-20/lib/libclang.so"));
}

#[test]
fn libclang_of_clangs_own_release_gets_clangs_headers() {
    let machine = Machine::empty();
    let folder = machine.wasi_sdk("sdk", "20.1.8");
    machine.file("sdk/lib/libclang.so");
    fs::create_dir(machine.path("resources")).unwrap();
    let flags = Toolchain::at_in(folder, &machine.environment).unwrap().bindgen_flags(Language::C).unwrap();
    let at = flags.iter().position(|flag| flag == "-resource-dir").unwrap();
    assert_eq!(Path::new(&flags[at + 1]), machine.path("resources"));
    assert!(flags.iter().any(|flag| flag == "-fvisibility=default"));
}

#[test]
fn libclang_path_is_believed_and_wrong_is_an_error() {
    let mut machine = Machine::empty();
    let folder = machine.wasi_sdk("sdk", "20.1.8");
    machine.file("elsewhere/libclang.so.1");
    machine.environment.libclang_path = Some(machine.path("elsewhere").into());
    let libclang = |machine: &Machine| Toolchain::at_in(&folder, &machine.environment).unwrap().libclang();
    assert_eq!(libclang(&machine).unwrap(), machine.path("elsewhere/libclang.so.1"));
    machine.environment.libclang_path = Some("/nowhere".into());
    assert!(libclang(&machine).unwrap_err().to_string().starts_with("LIBCLANG_PATH names /nowhere"));
}

#[test]
fn a_distributions_linker_is_named_to_clang() {
    let mut machine = Machine::empty();
    machine.debian(&[22]);
    let flags = machine.found().link_flags();
    let expected = format!("-fuse-ld={}", machine.path("usr/lib/llvm-22/bin/wasm-ld").display());
    assert!(flags.iter().any(|flag| *flag == *expected), "{flags:?}");
}
