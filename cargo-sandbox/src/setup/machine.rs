//! What setting up depends on, in one value that a test can fill.

use std::env::consts;
use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::Command;

use sandbox_toolchain::{Environment, exec};

/// The machine that is set up.
#[derive(Clone, Debug)]
pub struct Machine {
    /// Where toolchains are looked for.
    pub environment: Environment,
    /// `apt-get`, if it is there.
    pub apt: Option<PathBuf>,
    /// `apt-cache`, if it is there.
    pub apt_cache: Option<PathBuf>,
    /// `sudo`, if it is there.
    pub sudo: Option<PathBuf>,
    /// Whether this process may install packages itself.
    pub root: bool,
    /// Whether there is a terminal to ask on.
    pub interactive: bool,
    /// The operating system and the processor, in Rust's words.
    pub host: (String, String),
}

impl Machine {
    /// Describes this machine.
    pub fn this() -> Self {
        let environment = Environment::of_process();
        let program = |name: &str| environment.path.iter().map(|folder| folder.join(name)).find(|file| file.is_file());
        // An apt on another system than Linux installs other packages (macOS once had one).
        let apt = program("apt-get").filter(|_| cfg!(target_os = "linux"));
        let apt_cache = program("apt-cache").filter(|_| cfg!(target_os = "linux"));
        let sudo = program("sudo");
        let root = cfg!(unix) && exec::run(Command::new("id").arg("-u")).is_ok_and(|id| id.stdout.trim() == "0");
        let interactive = std::io::stdin().is_terminal();
        Self { apt, apt_cache, sudo, root, interactive, host: (consts::OS.into(), consts::ARCH.into()), environment }
    }
}
