//! `cargo xtask headers`: binds the headers of the libraries of `libraries.tsv`, each in a process
//! of its own.

use std::error::Error;
use std::path::PathBuf;

use clap::{Parser, Subcommand};
use headers::{debian_run, one, random_run};

#[derive(Parser)]
#[command(name = "headers", about = "Binds many headers, and asks the C compiler about the bindings")]
struct CommandLine {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Binds the headers of Debian's libraries
    Debian(debian_run::Options),
    /// Binds random headers
    Random(random_run::Options),
    /// Binds the headers of one library: what the others start for each
    #[command(hide = true)]
    One { request: PathBuf, answer: PathBuf },
}

fn main() -> Result<(), Box<dyn Error>> {
    match CommandLine::parse().task {
        Task::Debian(options) => debian_run::run(&options),
        Task::Random(options) => random_run::run(&options),
        Task::One { request, answer } => one::answer(&request, &answer),
    }
}
