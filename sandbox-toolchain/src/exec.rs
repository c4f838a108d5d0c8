//! Runs a program, and when it fails says everything one needs to know.

use std::ffi::OsStr;
use std::io::{self, Read as _};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// What a program that succeeded wrote.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Finished {
    /// Its standard output.
    pub stdout: String,
    /// Its standard error, where compilers put warnings.
    pub stderr: String,
}

/// A program that could not be started, or that failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExecError {
    /// The program did not start.
    #[error("could not start `{command}`: {source}")]
    NotStarted {
        /// The full command line.
        command: String,
        /// The operating system's reason.
        source: io::Error,
    },
    /// The program did not end in time, and was stopped.
    #[error("`{command}` did not end within {} seconds", .limit.as_secs())]
    Endless {
        /// The full command line.
        command: String,
        /// How long it was given.
        limit: Duration,
    },
    /// The program ended with a failure.
    #[error("`{command}` failed ({status}){}", output(.stdout, .stderr))]
    Failed {
        /// The full command line.
        command: String,
        /// How it ended.
        status: ExitStatus,
        /// Its standard output.
        stdout: String,
        /// Its standard error, unchanged.
        stderr: String,
    },
}

fn output(stdout: &str, stderr: &str) -> String {
    let shown = if stderr.trim().is_empty() { stdout } else { stderr };
    if shown.trim().is_empty() { String::new() } else { format!(":\n{}", shown.trim_end()) }
}

/// Begins a command for a program of the toolchain. It sees what programs need of the environment
/// to run, and no variable by which a compiler takes flags or search paths that are meant for the
/// host.
pub fn tool(program: impl AsRef<OsStr>) -> Command {
    const KEPT: [&str; 17] = [
        "PATH",
        "HOME",
        "USER",
        "TMPDIR",
        "TMP",
        "TEMP",
        "LD_LIBRARY_PATH",
        "DYLD_LIBRARY_PATH",
        "DYLD_FALLBACK_LIBRARY_PATH",
        "SOURCE_DATE_EPOCH",
        "SystemRoot",
        "SystemDrive",
        "windir",
        "COMSPEC",
        "PATHEXT",
        "USERPROFILE",
        "LOCALAPPDATA",
    ];
    let mut command = Command::new(program);
    command.env_clear().envs(KEPT.iter().filter_map(|name| Some((name, std::env::var_os(name)?))));
    command
}

/// Runs a command to its end without standard input, and captures what it writes.
///
/// # Errors
/// [`ExecError`] with the full command line if the program does not start or ends with a failure.
pub fn run(command: &mut Command) -> Result<Finished, ExecError> {
    let output = patiently(|| command.stdin(Stdio::null()).output())
        .map_err(|source| ExecError::NotStarted { command: command_line(command), source })?;
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.success() {
        Ok(Finished { stdout, stderr })
    } else {
        Err(ExecError::Failed { command: command_line(command), status: output.status, stdout, stderr })
    }
}

/// Runs a command as [`run`] does, and stops it after a time.
///
/// # Errors
/// As [`run`]; [`ExecError::Endless`] if it was stopped.
pub fn run_within(command: &mut Command, limit: Duration) -> Result<Finished, ExecError> {
    let not_started = |command: &Command, source| ExecError::NotStarted { command: command_line(command), source };
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = patiently(|| command.spawn()).map_err(|source| not_started(command, source))?;
    let (stdout, stderr) = (reader(child.stdout.take()), reader(child.stderr.take()));
    let begin = Instant::now();
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if begin.elapsed() < limit => std::thread::sleep(Duration::from_millis(2)),
            Ok(None) => {
                // It may end by itself at this moment.
                let _ = child.kill();
                let _ = child.wait();
                return Err(ExecError::Endless { command: command_line(command), limit });
            }
            Err(source) => return Err(not_started(command, source)),
        }
    };
    let (stdout, stderr) = (stdout.join().unwrap_or_default(), stderr.join().unwrap_or_default());
    if status.success() {
        Ok(Finished { stdout, stderr })
    } else {
        Err(ExecError::Failed { command: command_line(command), status, stdout, stderr })
    }
}

/// Runs a command, and returns what it has written to its output when it ended, had written `most`
/// bytes, or was stopped after a time. Whether it failed does not matter.
///
/// # Errors
/// [`ExecError::NotStarted`]; [`ExecError::Endless`] if it was stopped.
pub fn output_within(command: &mut Command, most: u64, limit: Duration) -> Result<Vec<u8>, ExecError> {
    let not_started = |command: &Command, source| ExecError::NotStarted { command: command_line(command), source };
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = patiently(|| command.spawn()).map_err(|source| not_started(command, source))?;
    let stream = child.stdout.take();
    let (done, is_done) = mpsc::channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        // What was read before an error is what there is.
        let _ = stream.map(|stream| stream.take(most).read_to_end(&mut bytes));
        // Nobody waits any more where the time is over.
        let _ = done.send(bytes);
    });
    let output = is_done.recv_timeout(limit);
    // It may have ended by itself.
    let _ = child.kill();
    let _ = child.wait();
    output.map_err(|_| ExecError::Endless { command: command_line(command), limit })
}

/// Reads a stream to its end, on a thread of its own.
fn reader(stream: Option<impl io::Read + Send + 'static>) -> std::thread::JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        // What was read before an error is all that there is to show.
        let _ = stream.map(|mut stream| stream.read_to_end(&mut bytes));
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// Runs a command to its end on the user's own terminal, for programs that take long or ask.
///
/// # Errors
/// As [`run`], but what the program wrote is on the terminal and not in the error.
pub fn run_on_terminal(command: &mut Command) -> Result<(), ExecError> {
    let status = patiently(|| command.status()).map_err(|source| ExecError::NotStarted { command: command_line(command), source })?;
    if status.success() {
        Ok(())
    } else {
        let command = command_line(command);
        Err(ExecError::Failed { command, status, stdout: String::new(), stderr: String::new() })
    }
}

/// Tries again while the program's file is still open for writing: right after it was unpacked,
/// another thread of this process that starts a program at that moment holds it open in its child
/// for an instant.
fn patiently<T>(mut start: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    for _ in 0..20 {
        match start() {
            Err(error) if error.kind() == io::ErrorKind::ExecutableFileBusy => {
                std::thread::sleep(Duration::from_millis(10));
            }
            result => return result,
        }
    }
    start()
}

/// Returns a command as one would type it: in the folder it runs in, arguments quoted where a shell
/// needs it.
pub fn command_line(command: &Command) -> String {
    let mut line = String::new();
    if let Some(folder) = command.get_current_dir() {
        line.push_str("cd ");
        line.push_str(&quoted(folder.as_os_str()));
        line.push_str(" && ");
    }
    line.push_str(&quoted(command.get_program()));
    for argument in command.get_args() {
        line.push(' ');
        line.push_str(&quoted(argument));
    }
    line
}

fn quoted(argument: &OsStr) -> String {
    let text = argument.to_string_lossy();
    let plain = |c: char| c.is_alphanumeric() || "-_./=,:+@%".contains(c) || (cfg!(windows) && c == '\\');
    if !text.is_empty() && text.chars().all(plain) {
        text.into_owned()
    } else if cfg!(windows) {
        format!("\"{}\"", text.replace('"', "\\\""))
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn captures_both_streams() {
        let finished = run(&mut shell("echo out; echo err >&2")).unwrap();
        assert_eq!((finished.stdout.as_str(), finished.stderr.as_str()), ("out\n", "err\n"));
    }

    #[test]
    fn a_failure_carries_command_status_and_stderr() {
        let error = run(&mut shell("echo 'bad thing' >&2; exit 7")).unwrap_err();
        let text = error.to_string();
        assert!(text.contains("sh -c 'echo '\\''bad thing'\\'' >&2; exit 7'"), "{text}");
        assert!(text.contains("exit status: 7") && text.ends_with("bad thing"), "{text}");
        assert!(matches!(error, ExecError::Failed { status, .. } if status.code() == Some(7)));
    }

    #[test]
    fn a_program_without_an_end_is_stopped() {
        let error = run_within(&mut shell("exec sleep 100"), Duration::from_millis(50)).unwrap_err();
        assert!(matches!(error, ExecError::Endless { .. }), "{error}");
        let finished = run_within(&mut shell("echo out; echo err >&2"), Duration::from_secs(20)).unwrap();
        assert_eq!((finished.stdout.as_str(), finished.stderr.as_str()), ("out\n", "err\n"));
        let error = run_within(&mut shell("echo bad >&2; exit 7"), Duration::from_secs(20)).unwrap_err();
        assert!(matches!(error, ExecError::Failed { status, stderr, .. } if status.code() == Some(7) && stderr == "bad\n"));
    }

    #[test]
    fn a_program_that_is_not_there_is_named() {
        let error = run(&mut Command::new("/nowhere/clang")).unwrap_err();
        assert!(matches!(error, ExecError::NotStarted { .. }));
        assert!(error.to_string().starts_with("could not start `/nowhere/clang`"), "{error}");
    }
}
