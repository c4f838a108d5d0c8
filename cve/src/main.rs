//! Prints the table: `cargo xtask cve`.

use std::process::ExitCode;

fn main() -> ExitCode {
    let mut rows = Vec::new();
    for replay in cve::all() {
        match replay.run() {
            Ok(outcome) => rows.push((replay, outcome)),
            Err(failure) => {
                eprintln!("error: {}: {failure}", replay.cve);
                return ExitCode::FAILURE;
            }
        }
    }
    print!("{}", cve::table(&rows));
    ExitCode::SUCCESS
}
