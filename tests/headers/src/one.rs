//! One library: what is asked of the process that binds it, and what it answers.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{self, Command, Stdio};
use std::time::Instant;

use build_support::Library;
use serde::{Deserialize, Serialize};

use crate::found::{Found, Outcome};
use crate::second::Compiler;

/// What a process is told.
#[derive(Debug, Serialize, Deserialize)]
pub struct Request {
    /// The headers, in the order in which they are included.
    pub headers: Vec<String>,
    /// The folders in which they are looked for.
    pub includes: Vec<PathBuf>,
    /// The macros that they want.
    pub defines: Vec<(String, Option<String>)>,
}

/// Answers a request that is in a file.
///
/// # Errors
/// If the files cannot be read or written, or the compiler cannot be asked.
pub fn answer(request: &Path, answer: &Path) -> Result<(), Box<dyn Error>> {
    let request: Request = serde_json::from_slice(&fs::read(request)?)?;
    let folder = answer.parent().ok_or("no folder")?;
    let outcome = bind(&request, folder)?;
    Ok(fs::write(answer, serde_json::to_vec(&outcome)?)?)
}

fn bind(request: &Request, folder: &Path) -> Result<Outcome, Box<dyn Error>> {
    let compiler = Compiler::new(&folder.join("second"), &request.includes, &request.defines)?;
    if let Some(complaint) = compiler.complaint(&request.headers)? {
        return Ok(Outcome::DoesNotCompile(complaint));
    }
    let begin = Instant::now();
    let mut library = Library::new("library");
    library.out_dir(folder).allow_function(".*").allow_type(".*").allow_var(".*");
    for include in &request.includes {
        library.include(include);
    }
    for (name, value) in &request.defines {
        library.define(name, value.as_deref());
    }
    for header in &request.headers {
        library.header(header);
    }
    let survey = match library.survey() {
        Ok(survey) => survey,
        Err(error) => return Ok(Outcome::Failed(error.to_string())),
    };
    let mut found = Found::from(&survey);
    found.seconds = begin.elapsed().as_secs_f64();
    fs::write(folder.join("bindings.rs"), &survey.bindings)?;
    found.disagreements = compiler.disagreements(&request.headers, &survey.bindings)?;
    found.disagreements.extend(compiler.lost(&request.headers, &survey.bindings, &found)?);
    Ok(Outcome::Bound(Box::new(found)))
}

/// Binds in a process of its own, which is ended with all that it has started if it takes longer
/// than so many seconds.
///
/// # Errors
/// If the process cannot be started.
pub fn in_a_process(request: &Request, folder: &Path, limit: u64) -> Result<Outcome, Box<dyn Error>> {
    fs::create_dir_all(folder)?;
    let (request_file, answer) = (folder.join("request.json"), folder.join("answer.json"));
    if answer.exists() {
        fs::remove_file(&answer)?;
    }
    fs::write(&request_file, serde_json::to_vec(request)?)?;
    // This program, as it was started: its file may be another one by now.
    let program = format!("/proc/{}/exe", process::id());
    // `timeout` ends a whole group of processes: the compilers, too.
    let mut command = Command::new("timeout");
    command.args(["--kill-after=5", &limit.to_string(), &program, "one"]).args([&request_file, &answer]);
    let output = command.stdin(Stdio::null()).output()?;
    match (output.status.code(), fs::read(&answer)) {
        (Some(0), Ok(answer)) => Ok(serde_json::from_slice(&answer)?),
        (Some(124 | 137), _) => Ok(Outcome::Endless(limit)),
        _ => {
            let stderr = String::from_utf8_lossy(&output.stderr);
            let lines: Vec<&str> = stderr.lines().collect();
            let last = lines.get(lines.len().saturating_sub(3)..).unwrap_or_default().join(" / ");
            Ok(Outcome::Crashed(format!("{}: {last}", output.status)))
        }
    }
}
