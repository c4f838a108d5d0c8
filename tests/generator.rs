//! Random C headers, with C code that knows what is in them, and Rust code that holds the bindings to it.
//!
//! A header is a function of its number, so that every build has the same ones.

mod c;
mod leaves;
mod model;
mod random;
mod rust;

use std::error::Error;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use model::Header;

/// How many libraries there are.
pub(crate) const LIBRARIES: u32 = 5;
/// How many headers each has.
const HEADERS: u32 = 60;

/// A C library of generated headers.
pub(crate) struct Library {
    pub(crate) name: String,
    headers: Vec<Header>,
}

/// Where its C files are.
pub(crate) struct Files {
    pub(crate) headers: Vec<PathBuf>,
    pub(crate) source: PathBuf,
}

impl Library {
    /// The seed of the first header of the first library is `first`.
    pub(crate) fn new(first: u32, number: u32) -> Self {
        let numbers: Range<u32> = first + number * HEADERS..first + (number + 1) * HEADERS;
        Self { name: format!("generated_{number}"), headers: numbers.map(Header::random).collect() }
    }

    /// Writes the C files into a folder.
    pub(crate) fn write(&self, folder: &Path) -> Result<Files, Box<dyn Error>> {
        fs::create_dir_all(folder)?;
        let mut source = String::from("#include \"leaves.h\"\n\n");
        let mut headers = Vec::new();
        for header in &self.headers {
            let path = folder.join(format!("{}.h", header.name));
            fs::write(&path, c::header(header)?)?;
            headers.push(path);
            source.push_str(&format!("#include \"{}.h\"\n\n", header.name));
            for record in &header.records {
                source.push_str(&c::definition(record, &leaves::leaves(header, record)));
            }
        }
        let path = folder.join(format!("{}.c", self.name));
        fs::write(&path, source)?;
        Ok(Files { headers, source: path })
    }
}

/// The Rust half of the tests.
#[derive(Default)]
pub(crate) struct Tests {
    code: String,
    headers: usize,
    text: String,
    records: usize,
    opaque: Vec<(String, String)>,
}

impl Tests {
    /// Adds the test of a library, as far as its bindings have fields.
    pub(crate) fn add(&mut self, library: &Library, files: &Files, bindings: &str) -> Result<(), Box<dyn Error>> {
        let mut plain = Vec::new();
        for (header, path) in library.headers.iter().zip(&files.headers) {
            self.headers += 1;
            self.text.push_str(&fs::read_to_string(path)?);
            for record in &header.records {
                self.records += 1;
                match rust::reason(bindings, &record.name) {
                    Some(reason) => self.opaque.push((record.name.clone(), reason)),
                    None => {
                        self.code.push_str(&rust::record(&library.name, record, &leaves::leaves(header, record)));
                        plain.push(record.name.as_str());
                    }
                }
            }
        }
        self.code.push_str(&rust::test(&library.name, &plain));
        Ok(())
    }

    /// Writes `tests.rs` into a folder.
    pub(crate) fn write(&self, folder: &Path) -> Result<(), Box<dyn Error>> {
        let Self { code, headers, text, records, opaque } = self;
        let found = format!(
            "const HEADERS: usize = {headers};\n\
             const RECORDS: usize = {records};\n\
             const OPAQUE: &[(&str, &str)] = &{opaque:?};\n\
             const TEXT: &str = {text:?};\n"
        );
        Ok(fs::write(folder.join("tests.rs"), format!("{code}{found}"))?)
    }
}
