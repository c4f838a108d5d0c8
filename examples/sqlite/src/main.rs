//! Executes SQL in an empty database, with SQLite in a sandbox, and prints the rows.
//!
//! ```sh
//! cargo run --release -p example-sqlite -- "SELECT sqlite_version()"
//! ```

use std::error::Error;
use std::io::{Write as _, stdout};
use std::process::ExitCode;

use example_sqlite::Database;

fn run(sql: &str) -> example_sqlite::Result<()> {
    Database::open_in_memory()?.query_each(sql, (), |(), row| {
        let texts: Vec<&str> = row.iter().map(|text| text.as_deref().unwrap_or("NULL")).collect();
        Ok(writeln!(stdout(), "{}", texts.join("|"))?)
    })
}

fn main() -> ExitCode {
    let Some(sql) = std::env::args().nth(1) else {
        eprintln!("usage: example-sqlite SQL");
        return ExitCode::from(2);
    };
    match run(&sql) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            if let Some(cause) = error.source() {
                eprintln!("  because: {cause}");
            }
            ExitCode::FAILURE
        }
    }
}
