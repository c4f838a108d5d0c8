//! The README's five minutes: a crate outside of the workspace, with nothing but path dependencies, wraps lz4.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::{env, fs};

/// Returns the code of the README below the line that starts with `heading`, without its indentation.
fn readme(heading: &str) -> String {
    let readme = include_str!("../../../README.md");
    let section = readme.lines().skip_while(|line| !line.starts_with(heading));
    let code = section.skip_while(|line| !line.trim_start().starts_with("```")).skip(1);
    let lines = code.take_while(|line| line.trim_start() != "```").map(|line| line.strip_prefix("   ").unwrap_or(line));
    let text: String = lines.flat_map(|line| [line, "\n"]).collect();
    assert!(!text.is_empty(), "the README has no code below `{heading}`");
    text
}

/// The folder that these tests were built in.
fn target_folder() -> PathBuf {
    let program = env::current_exe().unwrap();
    let profile = program.ancestors().nth(2).expect("a test lies in target/<profile>/deps");
    profile.parent().expect("a profile lies in the target folder").to_owned()
}

#[test]
fn the_readme_wraps_lz4_in_a_crate_of_its_own() {
    let repository = std::env::current_dir().unwrap();
    let repository = repository.parent().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let package = "[package]\nname = \"wraps-lz4\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n";
    let manifest = readme("2. `Cargo.toml`").replace("../sandbox/", &format!("{}/", repository.display()));
    let build = readme("3. `build.rs`");
    assert!(build.lines().count() <= 12, "build.rs has grown:\n{build}");
    fs::create_dir(folder.path().join("src")).unwrap();
    let one_engine = ["dependencies", "build-dependencies"]
        .map(|kind| format!("\n[{kind}.one-engine]\npath = {:?}\n", repository.join("tests/one-engine").display().to_string()));
    fs::write(folder.path().join("Cargo.toml"), format!("{package}{manifest}{}", one_engine.concat())).unwrap();
    fs::write(folder.path().join("build.rs"), build).unwrap();
    fs::write(folder.path().join("src/main.rs"), readme("4. `src/main.rs`")).unwrap();
    // The versions that the workspace was tested with.
    fs::copy(repository.join("Cargo.lock"), folder.path().join("Cargo.lock")).unwrap();

    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or("cargo".into()));
    cargo.args(["build", "--message-format=json"]).current_dir(&folder).env("CARGO_TARGET_DIR", target_folder());
    // With these, and with `one-engine`, cargo takes the engine that these tests are linked with, and does not build another.
    cargo.args(["--features", "sandbox/jit,build-support/pre-initialize"]);
    for profile in [r#"package."*""#, "build-override"] {
        for setting in ["debug=false", "debug-assertions=false", "overflow-checks=false", "opt-level=1", "codegen-units=16"] {
            cargo.arg("--config").arg(format!("profile.dev.{profile}.{setting}"));
        }
    }
    let built = cargo.stderr(Stdio::inherit()).output().unwrap();
    assert!(built.status.success());
    let messages = String::from_utf8(built.stdout).unwrap();
    let mut engines =
        messages.lines().filter(|line| line.contains("#wasmtime@") && line.contains("\"compiler-artifact\"") && line.contains("\"lib\""));
    let is_fresh = |line: &str| line.contains("\"fresh\":true");
    if env::var_os("SANDBOX_ONE_ENGINE").is_some() {
        assert!(engines.clone().count() > 0 && engines.all(is_fresh), "the engine was built again; see tests/one-engine/Cargo.toml");
    }
    let executable = messages.lines().rev().find_map(|line| line.split_once("\"executable\":\"")?.1.split('"').next());
    let mut program = Command::new(executable.expect("cargo names no program"));
    let mut child = program.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let data: Vec<u8> = (0..100_000_u32).flat_map(|number| (number % 1_000).to_le_bytes()).collect();
    let mut stdin = child.stdin.take().unwrap();
    let writer = std::thread::spawn({
        let data = data.clone();
        move || stdin.write_all(&data)
    });
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success());
    assert!(output.stdout.len() < data.len() / 10, "{} bytes", output.stdout.len());
    assert_eq!(lz4_flex::block::decompress(&output.stdout, data.len()).unwrap(), data);
}
