//! Decodes the first row of a PNG file with the native libpng: what `first_row` is compared with. See MEASURE.md.
//!
//! Run: `cargo run --release -p example-libpng --no-default-features --features native --example first_row_native -- FILE`

use std::io::Write;
use std::ops::ControlFlow;

use example_libpng::{PixelFormat, native};

fn main() {
    let file = std::env::args_os().nth(1).map(std::fs::read);
    let Some(Ok(file)) = file else {
        eprintln!("usage: first_row_native FILE.png");
        std::process::exit(2);
    };
    let mut first = None;
    let result = native::rows(&file, PixelFormat::Rgba8, |row| {
        first.get_or_insert_with(|| row.to_vec());
        ControlFlow::Break(())
    });
    match (first, result) {
        (Some(row), _) => writeln!(std::io::stdout(), "first row: {} bytes", row.len()).unwrap_or_default(),
        (None, result) => eprintln!("no row: {result:?}"),
    }
}
