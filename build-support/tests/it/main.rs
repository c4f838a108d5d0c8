//! Builds libraries with the real toolchain, and with one that records what it is told.

mod bad_input;
mod bindings;
mod cxx;
mod debug_info;
mod facts;
mod generated;
mod hermetic;
mod imports;
mod inputs;
mod libraries;
mod machine;
mod names;
mod odd_headers;
mod pre_initialize;
#[cfg(unix)]
mod recorded;
mod relatives;
mod simd;
mod survey;
mod zlib;

use std::path::PathBuf;

use build_support::{Error, Library};
use tempfile::TempDir;

/// A folder with C files, and one for outputs.
struct Project {
    folder: TempDir,
}

impl Project {
    fn new(files: &[(&str, &str)]) -> Self {
        let project = Self { folder: tempfile::tempdir().unwrap() };
        for (name, text) in files {
            project.write(name, text);
        }
        std::fs::create_dir(project.folder.path().join("out")).unwrap();
        project
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// A library that takes its files from the folder.
    fn library(&self, name: &str) -> Library {
        let mut library = Library::new(name);
        library.out_dir(self.path("out")).source_dir(self.folder.path());
        library
    }

    /// Checks that a failed build left nothing that looks like a result.
    fn assert_no_outputs(&self, name: &str) {
        for file in ["lib.wasm", "lib.debug.wasm", "lib.cwasm", "lib.lines", "bindings.rs"] {
            let path = self.path("out/sandbox").join(name).join(file);
            assert!(!path.exists(), "{} is left", path.display());
        }
    }

    /// Builds a library that must fail, and returns the error.
    fn error(&self, library: &Library) -> Error {
        let error = library.try_compile().unwrap_err();
        self.assert_no_outputs("x");
        error
    }
}

fn fixtures() -> PathBuf {
    std::env::current_dir().unwrap().join("tests/fixtures")
}

/// Checks that an error message holds each of the texts.
#[track_caller]
fn assert_says(error: &Error, texts: &[&str]) {
    let message = error.to_string();
    for text in texts {
        assert!(message.contains(text), "`{text}` is not in:\n{message}");
    }
}
