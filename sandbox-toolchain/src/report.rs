//! What a user is told about a toolchain.

use std::fmt;

use crate::{Check, Kind, Probe, Toolchain};

/// Where a toolchain was found, which one it is, and what works; shown with `{}`.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    toolchain: &'a Toolchain,
    probe: Option<&'a Probe>,
}

impl<'a> Report<'a> {
    pub(crate) fn new(toolchain: &'a Toolchain, probe: Option<&'a Probe>) -> Self {
        Self { toolchain, probe }
    }
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let toolchain = self.toolchain;
        let name = match toolchain.kind() {
            Kind::WasiSdk => "wasi-sdk",
            Kind::Distribution => "distribution's clang and wasi-libc",
        };
        writeln!(f, "{name}, clang {}, target {}", toolchain.version(), toolchain.target())?;
        writeln!(f, "  found through  {}", toolchain.origin())?;
        writeln!(f, "  folder         {}", toolchain.root().display())?;
        writeln!(f, "  clang          {}", toolchain.clang().display())?;
        match toolchain.libclang() {
            Ok(file) => writeln!(f, "  libclang       {}", file.display())?,
            Err(error) => writeln!(f, "  libclang       {}", indented(&error.to_string()))?,
        }
        let setjmp = if toolchain.sysroot.has_setjmp() { "the sysroot's run-time" } else { "our own run-time" };
        if let Some(probe) = self.probe {
            line(f, "C", &probe.c, "")?;
            line(f, "setjmp", &probe.setjmp, setjmp)?;
            line(f, "C++", &probe.cxx, if probe.exceptions { "with exceptions" } else { "without exceptions" })
        } else {
            let there = |there: bool| if there { "there" } else { "not there" };
            writeln!(f, "  setjmp         {} ({setjmp})", there(toolchain.has_setjmp()))?;
            writeln!(f, "  C++            {}", there(toolchain.has_cxx()))
        }
    }
}

fn line(f: &mut fmt::Formatter<'_>, name: &str, check: &Check, note: &str) -> fmt::Result {
    write!(f, "  {name:<14} ")?;
    match check {
        Check::Works if note.is_empty() => writeln!(f, "works"),
        Check::Works => writeln!(f, "works ({note})"),
        Check::Missing(reason) => writeln!(f, "missing: {}", indented(reason)),
        Check::Failed(output) => writeln!(f, "fails: {}", indented(output)),
    }
}

fn indented(text: &str) -> String {
    text.trim_end().replace('\n', "\n                 ")
}
