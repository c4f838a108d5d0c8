//! Runs cargo in this repository.

use std::env;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

/// Runs the cargo that runs this task, in the repository's root, on the user's terminal.
pub(crate) fn cargo(arguments: &[&str], variables: &[(&str, &str)]) -> Result<(), Box<dyn Error>> {
    let (line, mut command) = command(arguments, variables)?;
    let status = command.status().map_err(|error| format!("could not start `{line}`: {error}"))?;
    succeeded(&line, status)
}

/// What a run printed, and whether it succeeded.
type Printed = (String, Result<(), Box<dyn Error>>);

/// Does the same, and returns what was printed, also when it failed.
pub(crate) fn cargo_output(arguments: &[&str], variables: &[(&str, &str)]) -> Result<Printed, Box<dyn Error>> {
    let (line, mut command) = command(arguments, variables)?;
    let output = command.stderr(Stdio::inherit()).output().map_err(|error| format!("could not start `{line}`: {error}"))?;
    Ok((String::from_utf8_lossy(&output.stdout).into_owned(), succeeded(&line, output.status)))
}

/// Returns the repository's root.
pub(crate) fn root() -> Result<PathBuf, Box<dyn Error>> {
    // Asked for at run time: a target folder that several clones share holds one program, built in any of them.
    let package = env::var_os("CARGO_MANIFEST_DIR").ok_or("run this through cargo: `cargo xtask …`")?;
    Ok(Path::new(&package).parent().ok_or("xtask is not in the repository")?.to_owned())
}

/// Returns the folder that cargo builds in.
pub(crate) fn target_folder() -> Result<PathBuf, Box<dyn Error>> {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| Ok(root()?.join("target")), |folder| Ok(folder.into()))
}

/// Returns the compiler that makes the guests; the native code that they are compared with is made by it too.
pub(crate) fn clang() -> Result<PathBuf, Box<dyn Error>> {
    Ok(sandbox_toolchain::Toolchain::find()?.clang().to_owned())
}

fn command(arguments: &[&str], variables: &[(&str, &str)]) -> Result<(String, Command), Box<dyn Error>> {
    let line = format!("cargo {}", arguments.join(" "));
    eprintln!("--- {line}");
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments).envs(variables.iter().copied()).current_dir(root()?);
    // What `cargo run` set for this program describes xtask, and would make build scripts of the others run again.
    for (name, _) in env::vars_os() {
        if name.to_str().is_some_and(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")) {
            command.env_remove(name);
        }
    }
    Ok((line, command))
}

fn succeeded(line: &str, status: ExitStatus) -> Result<(), Box<dyn Error>> {
    if status.success() { Ok(()) } else { Err(format!("`{line}` failed ({status})").into()) }
}
