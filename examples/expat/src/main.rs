//! Counts what an XML file consists of, with expat in a sandbox.
//!
//! ```sh
//! cargo run --release -p example-expat -- FILE.xml
//! ```

use std::error::Error;
use std::fs::File;
use std::io::Read as _;
use std::process::ExitCode;

use example_expat::{Event, Parser};

/// As much as the events of a file may take, in bytes.
const LIMIT: usize = 1 << 30;

/// How often each kind of event came.
#[derive(Default)]
struct Counts {
    elements: u64,
    attributes: usize,
    text: usize,
    comments: u64,
    instructions: u64,
}

impl Counts {
    fn add(&mut self, event: &Event) {
        match event {
            Event::Start { attributes, .. } => {
                self.elements += 1;
                self.attributes += attributes.len();
            }
            Event::End { .. } => {}
            Event::Text(text) => self.text += text.len(),
            Event::Comment(_) => self.comments += 1,
            Event::Instruction { .. } => self.instructions += 1,
        }
    }
}

fn count(path: &str) -> Result<Counts, Box<dyn Error>> {
    let mut file = File::open(path)?;
    let mut parser = Parser::new(LIMIT)?;
    let mut buffer = vec![0; 64 << 10];
    let mut counts = Counts::default();
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            break;
        }
        parser.feed(&buffer[..read])?.iter().for_each(|event| counts.add(event));
    }
    parser.finish()?.iter().for_each(|event| counts.add(event));
    Ok(counts)
}

fn main() -> ExitCode {
    let Some(path) = std::env::args().nth(1) else {
        eprintln!("usage: example-expat FILE.xml");
        return ExitCode::from(2);
    };
    match count(&path) {
        Ok(Counts { elements, attributes, text, comments, instructions }) => {
            println!(
                "{elements} elements, {attributes} attributes, {text} bytes of text, {comments} comments, {instructions} instructions"
            );
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {path}: {error}");
            ExitCode::FAILURE
        }
    }
}
