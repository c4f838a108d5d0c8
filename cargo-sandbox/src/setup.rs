//! `cargo sandbox setup`: a working toolchain, from the distribution's packages or from a wasi-sdk release.

use std::io::{self, Write};

use clap::{Args, ValueEnum};
use sandbox_toolchain::{Check, Environment, Kind, Probe, Toolchain, ToolchainError, probe};

mod apt;
#[cfg(feature = "download")]
mod download;
mod error;
mod machine;
mod release;
#[cfg(feature = "download")]
mod unpack;

pub use error::SetupError;
pub use machine::Machine;
pub use release::Release;

/// The arguments of `cargo sandbox setup`.
#[derive(Args, Clone, Debug)]
pub struct Options {
    /// How to get the toolchain
    #[arg(long, value_enum, default_value_t)]
    pub method: Method,
    /// Do not ask before installing or downloading
    #[arg(long, short)]
    pub yes: bool,
    /// Only print what would be done
    #[arg(long)]
    pub dry_run: bool,
    /// Do it even if a working toolchain is there
    #[arg(long)]
    pub force: bool,
    /// Where the releases of wasi-sdk are (a mirror, for instance)
    #[arg(long, value_name = "URL", default_value = release::BASE_URL)]
    pub base_url: String,
    /// The SHA-256 of the archive, in place of the one known for this release
    #[arg(long, value_name = "HEX", value_parser = release::parse_digest)]
    pub sha256: Option<String>,
}

/// How to get the toolchain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Method {
    /// The distribution's packages where apt can install them, a download otherwise
    #[default]
    Auto,
    /// The packages of Debian, Ubuntu and their relatives
    Apt,
    /// A release of wasi-sdk, into the user's cache folder
    Download,
}

impl Default for Options {
    /// What the program does without arguments.
    fn default() -> Self {
        Self { method: Method::Auto, yes: false, dry_run: false, force: false, base_url: release::BASE_URL.into(), sha256: None }
    }
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// A working toolchain was there, and nothing was touched.
    AlreadyThere,
    /// The toolchain was set up now.
    SetUp,
    /// Nothing: it was a dry run.
    DryRun,
}

/// One way to the toolchain, with everything decided, nothing done.
enum Plan {
    Apt(apt::Plan),
    #[cfg(feature = "download")]
    Download(download::Plan),
}

/// Sets up a toolchain unless a working one is there, tries it out, and writes a report for the user.
///
/// # Errors
/// [`SetupError`]; nothing half-done is left in the cache folder.
pub fn run(options: &Options, machine: &Machine, out: &mut dyn Write) -> Result<Outcome, SetupError> {
    if !options.force {
        match Toolchain::find_in(&machine.environment) {
            Ok(toolchain) => {
                let probed = probe(&toolchain)?;
                if probed.usable() && probed.setjmp.works() && !lacks_cxx(&toolchain, &probed, options, machine) {
                    write!(out, "already set up: {}", probed.report(&toolchain))?;
                    return Ok(Outcome::AlreadyThere);
                }
                write!(out, "found, but not complete: {}", probed.report(&toolchain))?;
            }
            Err(ToolchainError::NotFound { .. }) => {}
            // The user named a place, and it is wrong: installing another toolchain would not help, it would not be used.
            Err(error) => return Err(error.into()),
        }
    }
    let plan = plan(options, machine, out)?;
    match &plan {
        Plan::Apt(plan) => write!(out, "{plan}")?,
        #[cfg(feature = "download")]
        Plan::Download(plan) => write!(out, "{plan}")?,
    }
    if options.dry_run {
        writeln!(out, "dry run: nothing was done")?;
        return Ok(Outcome::DryRun);
    }
    if !options.yes {
        confirm(machine, out)?;
    }
    match plan {
        Plan::Apt(plan) => plan.carry_out(machine)?,
        #[cfg(feature = "download")]
        Plan::Download(plan) => plan.carry_out()?,
    }
    verify(&machine.environment, out)?;
    Ok(Outcome::SetUp)
}

/// Whether a distribution's toolchain has no C++ library, and its packages could be installed.
///
/// A library in C needs none. So where it cannot be had, a toolchain without it will do.
fn lacks_cxx(toolchain: &Toolchain, probed: &Probe, options: &Options, machine: &Machine) -> bool {
    toolchain.kind() == Kind::Distribution
        && matches!(probed.cxx, Check::Missing(_))
        && options.method != Method::Download
        && apt::Plan::new(machine, true).is_ok_and(|plan| plan.has_cxx())
}

fn plan(options: &Options, machine: &Machine, out: &mut dyn Write) -> Result<Plan, SetupError> {
    #[cfg(feature = "download")]
    let download = || download::Plan::new(options, machine).map(Plan::Download);
    #[cfg(not(feature = "download"))]
    let download = || Err(SetupError::NoDownload);
    match options.method {
        Method::Apt => apt::Plan::new(machine, options.dry_run).map(Plan::Apt),
        Method::Download => download(),
        Method::Auto => {
            if machine.apt.is_none() {
                return download();
            }
            match apt::Plan::new(machine, options.dry_run) {
                Ok(plan) => Ok(Plan::Apt(plan)),
                Err(reason) => {
                    // Both reasons matter to a user for whom neither way works.
                    writeln!(out, "not with apt: {reason}")?;
                    download()
                }
            }
        }
    }
}

fn confirm(machine: &Machine, out: &mut dyn Write) -> Result<(), SetupError> {
    if !machine.interactive {
        return Err(SetupError::NotConfirmed);
    }
    write!(out, "go on? [Y/n] ")?;
    out.flush()?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    match answer.trim().to_ascii_lowercase().as_str() {
        "" | "y" | "yes" => Ok(()),
        _ => Err(SetupError::Declined),
    }
}

fn verify(environment: &Environment, out: &mut dyn Write) -> Result<(), SetupError> {
    let toolchain = Toolchain::find_in(environment)?;
    let probed = probe(&toolchain)?;
    let report = probed.report(&toolchain).to_string();
    if !probed.usable() || !probed.setjmp.works() {
        return Err(SetupError::DoesNotWork { report });
    }
    write!(out, "set up: {report}")?;
    Ok(())
}
