//! Does all that `first_row` does but decoding: the size and time that remain without libpng. See MEASURE.md.
//!
//! Run: `cargo run --release -p example-libpng --no-default-features --example first_row_none -- FILE`

use std::io::Write;

fn main() {
    let file = std::env::args_os().nth(1).map(std::fs::read);
    let Some(Ok(file)) = file else {
        eprintln!("usage: first_row_none FILE.png");
        std::process::exit(2);
    };
    writeln!(std::io::stdout(), "a file of {} bytes", file.len()).unwrap_or_default();
}
