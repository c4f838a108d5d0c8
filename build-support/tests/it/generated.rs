//! Bindings as an application compiles them: in crates outside of the workspace, under the strictest lints, against the clock.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use std::{env, fs};

use proc_macro2::{TokenStream, TokenTree};

use crate::libraries::SURVEYS;

/// A library crate that is written, and compiled in the target folder of the README's crate: the engine is built once for both.
struct Application {
    folder: PathBuf,
    /// Its crates share a target folder, which cargo locks; waiting for that must not count as compile time.
    _turn: MutexGuard<'static, ()>,
}

impl Application {
    fn new(name: &str, bindings: &str) -> Self {
        static TURN: Mutex<()> = Mutex::new(());
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("generated").join(name);
        // Asked for at run time: a target folder that several clones share holds one program, built in any of them.
        let package = env::current_dir().unwrap();
        let repository = package.parent().unwrap();
        // Everything that decides how a dependency is built is as it is in the README's crate.
        let manifest = format!(
            "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n\
             [dependencies]\nsandbox = {{ path = {sandbox:?} }}\n\n\
             [build-dependencies]\nbuild-support = {{ path = {build:?} }}\n\n\
             [profile.dev.build-override]\nopt-level = 1\n",
            sandbox = repository.join("sandbox"),
            build = repository.join("build-support"),
        );
        fs::create_dir_all(folder.join("src")).unwrap();
        fs::write(folder.join("Cargo.toml"), manifest).unwrap();
        fs::copy(repository.join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
        let lints = "//! Bindings.\n#![forbid(unsafe_code)]\n#![deny(missing_docs, warnings)]\n\n";
        fs::write(folder.join("src/lib.rs"), format!("{lints}{bindings}")).unwrap();
        // A module that nothing loads, where a build script has its own.
        let script = "fn main() {\n    let folder = std::env::var(\"OUT_DIR\").unwrap_or_default();\n    let _ = std::fs::write(std::path::Path::new(&folder).join(\"code\"), \"\");\n}\n";
        fs::write(folder.join("build.rs"), script).unwrap();
        Self { folder, _turn: turn }
    }

    fn cargo(&self, arguments: &[&str]) -> Command {
        let mut cargo = Command::new(env::var_os("CARGO").unwrap_or("cargo".into()));
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("own-crate");
        cargo.args(arguments).current_dir(&self.folder).env("CARGO_TARGET_DIR", target).env("CARGO_INCREMENTAL", "0");
        cargo
    }

    /// Runs cargo and returns what it printed and how long it took.
    fn run(&self, cargo: &mut Command) -> (String, Duration) {
        let start = Instant::now();
        let output = cargo.output().unwrap();
        let time = start.elapsed();
        assert!(output.status.success(), "{cargo:?}\n{}", String::from_utf8_lossy(&output.stderr));
        (String::from_utf8(output.stdout).unwrap(), time)
    }

    /// Returns the median of three times for compiling the crate itself.
    fn time(&self, command: &str) -> Duration {
        self.run(&mut self.cargo(&[command, "--quiet"]));
        let mut times = [(); 3].map(|()| {
            fs::File::options()
                .append(true)
                .open(self.folder.join("src/lib.rs"))
                .unwrap()
                .set_modified(std::time::SystemTime::now())
                .unwrap();
            self.run(&mut self.cargo(&[command, "--quiet"])).1
        });
        times.sort();
        times[1]
    }
}

/// Returns the bindings of these libraries, or of all, and the number of their functions.
fn bindings(names: &[&str]) -> (String, usize) {
    let mut text = String::new();
    let mut functions = 0;
    for (library, survey) in SURVEYS.iter().filter(|(library, _)| names.is_empty() || names.contains(&library.name)) {
        let code = format!("{:?}", library.code().display().to_string());
        assert!(survey.bindings.contains(&code));
        text.push_str(&survey.bindings.replace(&code, "concat!(env!(\"OUT_DIR\"), \"/code\")"));
        functions += survey.functions.bound.len();
    }
    (text, functions)
}

#[test]
fn ten_libraries_compile_without_a_warning_of_rustc_or_clippy() {
    let all = Application::new("all", &bindings(&[]).0);
    let pedantic = ["clippy", "--quiet", "--", "-Dwarnings", "-Dclippy::all", "-Dclippy::pedantic"];
    all.run(&mut all.cargo(&pedantic));
}

/// `forbid(unsafe_code)` is not the answer: rustc does not apply it to what another crate's macro
/// wrote. Each library has one place, where its machine code is vouched for.
#[cfg(unix)]
#[test]
fn the_expansion_of_ten_libraries_is_unsafe_where_it_vouches_for_machine_code_alone() {
    use std::os::unix::fs::PermissionsExt;

    let all = Application::new("all", &bindings(&[]).0);
    // Cargo calls this for the crate itself only: its dependencies are not built again.
    let wrapper = all.folder.join("rustc");
    fs::write(&wrapper, "#!/bin/sh\nRUSTC_BOOTSTRAP=1 exec \"$@\"\n").unwrap();
    fs::set_permissions(&wrapper, fs::Permissions::from_mode(0o755)).unwrap();
    let mut cargo = all.cargo(&["rustc", "--quiet", "--profile=check", "--", "-Zunpretty=expanded"]);
    let (expanded, _) = all.run(cargo.env("RUSTC_WORKSPACE_WRAPPER", wrapper));
    assert!(expanded.contains("pub fn sqlite3_open("));
    // What the standard library's `derive(Clone)` writes.
    let expanded = expanded.replace("unsafe impl ::core::clone::TrivialClone for", "impl ::core::clone::TrivialClone for");
    let vouched = expanded.matches("unsafe { ::sandbox::__private::Precompiled::trusted(").count();
    assert_eq!(vouched, expanded.matches("const PRECOMPILED:").count());
    assert_eq!(says_unsafe(expanded.parse().unwrap()), vouched);
}

fn says_unsafe(tokens: TokenStream) -> usize {
    let count = |token| match token {
        TokenTree::Group(group) => says_unsafe(group.stream()),
        TokenTree::Ident(word) => usize::from(word == "unsafe"),
        TokenTree::Punct(_) | TokenTree::Literal(_) => 0,
    };
    tokens.into_iter().map(count).sum()
}

#[test]
fn three_hundred_functions_compile_in_five_seconds() {
    let (text, functions) = bindings(&["sqlite", "zlib"]);
    assert!(functions >= 300, "{functions}");
    for command in ["check", "build"] {
        let empty = Application::new("empty", "").time(command);
        let bound = Application::new("bound", &text).time(command);
        println!("cargo {command}: {bound:.2?} with {functions} functions, {empty:.2?} with none");
        assert!(bound < empty + Duration::from_secs(5), "cargo {command}: {bound:.2?} with {functions} functions, {empty:.2?} with none");
    }
}
