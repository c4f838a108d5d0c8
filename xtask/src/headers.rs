//! `cargo xtask headers`: binds the headers of Debian's libraries, and asks the C compiler about
//! the bindings (docs/headers.md).

use std::error::Error;
use std::path::absolute;
use std::process::Command;

use crate::cargo::{cargo, root, target_folder};

/// Which libraries, and what becomes of the answers.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Only these libraries of tests/headers/libraries.tsv
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// Seconds that one library may take
    #[arg(long, default_value_t = 300)]
    limit: u64,
    /// Writes the tables of docs/headers.md anew
    #[arg(long, conflicts_with = "only")]
    write: bool,
    /// So many random headers instead of libraries
    #[arg(long, value_name = "HEADERS", conflicts_with_all = ["only", "write"])]
    random: Option<u32>,
    /// The seed of the first random header
    #[arg(long, default_value_t = 0, requires = "random")]
    seed: u32,
}

/// Builds the program, and lets it bind the libraries. Packages and bindings stay in the target
/// folder.
pub(crate) fn run(options: &Options) -> Result<(), Box<dyn Error>> {
    cargo(&["build", "--bin", "headers"], &[])?;
    let target = absolute(target_folder()?)?;
    let mut command = Command::new(target.join("debug").join("headers"));
    let folder = target.join("headers");
    if let Some(count) = options.random {
        command.arg("random").arg("--folder").arg(folder.join("random")).args(["--fixtures", "tests/fixtures"]);
        command.args(["--first", &options.seed.to_string(), "--count", &count.to_string()]);
    } else {
        command.arg("debian").arg("--folder").arg(folder);
    }
    command.args(["--limit", &options.limit.to_string()]);
    if !options.only.is_empty() {
        command.args(["--only", &options.only.join(",")]);
    }
    if options.write {
        command.arg("--page").arg(root()?.join("docs/headers.md"));
    }
    let status = command.current_dir(root()?).status()?;
    if status.success() { Ok(()) } else { Err(format!("the headers are not all bound as they should be ({status})").into()) }
}
