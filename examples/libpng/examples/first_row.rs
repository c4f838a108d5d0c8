//! Decodes the first row of a PNG file in the sandbox and prints how long that took since the process started. See MEASURE.md.
//!
//! Run: `cargo run --release -p example-libpng --no-default-features --example first_row -- FILE`

use std::io::Write;
use std::ops::ControlFlow;

use example_libpng::{PixelFormat, Png};

fn main() {
    let file = std::env::args_os().nth(1).map(std::fs::read);
    let Some(Ok(file)) = file else {
        eprintln!("usage: first_row FILE.png");
        std::process::exit(2);
    };
    let mut first = None;
    let result = Png::new().and_then(|mut png| {
        png.rows_from(file.as_slice(), PixelFormat::Rgba8, |_, row| {
            first.get_or_insert_with(|| row.to_vec());
            ControlFlow::Break(())
        })
    });
    match (first, result) {
        (Some(row), _) => writeln!(std::io::stdout(), "first row: {} bytes", row.len()).unwrap_or_default(),
        (None, result) => eprintln!("no row: {result:?}"),
    }
}
