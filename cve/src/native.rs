//! The native half of a replay: a child process under AddressSanitizer, and its report.

use std::fmt;
use std::fs::File;
use std::io::{Read as _, Seek as _, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::Failure;
use crate::failure::Result;

/// A program that goes on after its memory is corrupted may go on for ever.
const PATIENCE: Duration = Duration::from_secs(60);

/// What the code did where it must not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// It read.
    Read,
    /// It wrote.
    Write,
}

/// One report of AddressSanitizer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The kind of the error in AddressSanitizer's words, such as `heap-buffer-overflow`.
    pub kind: String,
    /// What was done.
    pub access: Access,
    /// To how many bytes.
    pub bytes: u64,
    /// The innermost C function that is the program's own.
    pub function: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let access = match self.access {
            Access::Read => "read",
            Access::Write => "write",
        };
        let unit = if self.bytes == 1 { "byte" } else { "bytes" };
        write!(f, "{}: {access} of {} {unit} in `{}`", self.kind, self.bytes, self.function)
    }
}

/// What a run of a native program has shown.
#[derive(Debug)]
pub struct Native {
    /// All reports, in their order.
    pub findings: Vec<Finding>,
    /// The program ended by itself, with the code 0.
    pub success: bool,
}

impl Native {
    /// Returns the first write, or else the first finding.
    pub(crate) fn gravest(self) -> Result<Finding> {
        let write = self.findings.iter().position(|finding| finding.access == Access::Write);
        let found = self.findings.into_iter().nth(write.unwrap_or(0));
        found.ok_or_else(|| Failure::Unexpected("AddressSanitizer has nothing to report on the hostile input".to_owned()))
    }
}

/// Runs a program of `native/` with an input.
pub(crate) fn run(program: &str, input: &[u8]) -> Result<Native> {
    let mut stdin = scratch()?;
    stdin.write_all(input)?;
    stdin.rewind()?;
    let mut report = scratch()?;
    let mut child = Command::new(Path::new(env!("OUT_DIR")).join("native").join(program))
        .env_clear()
        // Goes on after an error as the program would without AddressSanitizer, so that what comes of a bad read is reported too.
        .env("ASAN_OPTIONS", "halt_on_error=0:detect_leaks=0:color=never:symbolize=1")
        .stdin(stdin)
        .stdout(Stdio::null())
        .stderr(report.try_clone()?)
        .spawn()?;
    let start = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if start.elapsed() > PATIENCE {
            child.kill()?;
            child.wait()?;
            return Err(Failure::Timeout { seconds: PATIENCE.as_secs() });
        }
        thread::sleep(Duration::from_millis(5));
    };
    report.rewind()?;
    let mut text = Vec::new();
    report.take(16 << 20).read_to_end(&mut text)?;
    Ok(Native { findings: findings(&String::from_utf8_lossy(&text)), success: status.success() })
}

/// A file without a name, so that neither side waits for the other as with a pipe.
fn scratch() -> Result<File> {
    Ok(tempfile::tempfile()?)
}

/// Finds the reports in what AddressSanitizer has printed.
fn findings(text: &str) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let Some((_, error)) = line.split_once("ERROR: AddressSanitizer: ") else { continue };
        let kind = error.split_whitespace().next().unwrap_or_default().trim_end_matches(':').to_owned();
        let Some((access, bytes)) = lines.next().and_then(access) else { continue };
        let function = lines.by_ref().map_while(frame).find(|frame| !frame.starts_with("__"));
        found.push(Finding { kind, access, bytes, function: function.unwrap_or("?").to_owned() });
    }
    found
}

/// Reads `WRITE of size 4 at 0x…`.
fn access(line: &str) -> Option<(Access, u64)> {
    let (access, rest) = line.trim().split_once(" of size ")?;
    let bytes = rest.split_whitespace().next()?.parse().ok()?;
    match access {
        "READ" => Some((Access::Read, bytes)),
        "WRITE" => Some((Access::Write, bytes)),
        _ => None,
    }
}

/// Reads the function's name in `    #0 0x… in function file:line`.
fn frame(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let (_, rest) = line.strip_prefix('#')?.split_once(" in ")?;
    rest.split_whitespace().next()
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPORT: &str = "\
==7==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x602000000020 at pc 0x7f bp 0x7f sp 0x7f
WRITE of size 984 at 0x602000000020 thread T0
    #0 0x7fa196c4814a in __interceptor_memcpy ../../x.inc:827
    #1 0x5651a9d851e2 in inflate /a/inflate.c:764

0x602000000020 is located 0 bytes to the right of 16-byte region
==7==ERROR: AddressSanitizer: SEGV on unknown address 0x000000000000 (pc 0x5 bp 0x7 sp 0x7 T0)
==7==The signal is caused by a READ memory access.
";

    #[test]
    fn a_report_is_read_past_the_sanitizers_own_functions() {
        let expected =
            Finding { kind: "heap-buffer-overflow".to_owned(), access: Access::Write, bytes: 984, function: "inflate".to_owned() };
        assert_eq!(findings(REPORT), [expected]);
    }

    #[test]
    fn a_quiet_program_has_no_findings() {
        assert_eq!(findings("all is well\n"), []);
    }

    #[test]
    fn a_write_is_graver_than_the_read_before_it() {
        let finding = |access| Finding { kind: "k".to_owned(), access, bytes: 1, function: "f".to_owned() };
        let native = Native { findings: vec![finding(Access::Read), finding(Access::Write)], success: false };
        assert_eq!(native.gravest().unwrap().access, Access::Write);
    }
}
