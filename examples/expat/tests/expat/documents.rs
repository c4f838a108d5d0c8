//! The XML files of the Khronos registry, which a published package carries: 64 of them, up to 2.7 MB.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use example_expat::{Event, Parser, parse};

use crate::native;

const LIMIT: usize = 1 << 30;

pub(crate) fn document(path: &str) -> Vec<u8> {
    fs::read(Path::new(env!("EXAMPLE_EXPAT_DOCUMENTS")).join(path)).unwrap()
}

fn all(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "xml") {
            found.push(path);
        }
    }
}

/// Parses in pieces of `size` bytes.
fn in_pieces(document: &[u8], size: usize) -> Vec<Event> {
    let mut parser = Parser::new(LIMIT).unwrap();
    let mut events: Vec<Event> = document.chunks(size).flat_map(|piece| parser.feed(piece).unwrap()).collect();
    events.extend(parser.finish().unwrap());
    events
}

#[test]
fn a_large_document_has_the_events_of_the_native_library() {
    let document = document("api/xml/gl.xml");
    let began = Instant::now();
    let native = native::parse(&document).unwrap();
    let between = Instant::now();
    let sandboxed = in_pieces(&document, 16 << 10);
    println!("{} bytes, {} events: native {:?}, in the sandbox {:?}", document.len(), native.len(), between - began, between.elapsed());
    assert!(document.len() > 2_000_000 && native.len() > 100_000);
    assert!(sandboxed == native, "the events differ");
}

#[test]
fn each_document_of_the_registry_has_the_events_of_the_native_library() {
    let mut paths = Vec::new();
    all(Path::new(env!("EXAMPLE_EXPAT_DOCUMENTS")), &mut paths);
    assert!(paths.len() >= 60);
    let mut seen = [0; 5];
    for path in paths {
        let document = fs::read(&path).unwrap();
        let events = parse(&document, LIMIT).unwrap();
        assert!(events == native::parse(&document).unwrap(), "{}", path.display());
        for event in events {
            seen[match event {
                Event::Start { .. } => 0,
                Event::End { .. } => 1,
                Event::Text(_) => 2,
                Event::Comment(_) => 3,
                Event::Instruction { .. } => 4,
            }] += 1;
        }
    }
    println!("starts, ends, texts, comments, instructions: {seen:?}");
    assert!(seen.iter().all(|count| *count > 0), "{seen:?}");
}

#[test]
fn the_events_do_not_depend_on_how_a_document_is_cut() {
    let document = document("api_webgl/extensions/proposals/WEBGL_debug/extension.xml");
    let whole = parse(&document, LIMIT).unwrap();
    for size in [1, 2, 3, 7, 64, 1000] {
        assert_eq!(in_pieces(&document, size), whole, "pieces of {size}");
    }
}
