//! Damaged documents: the sandboxed library says what the native one says.

use example_expat::{Error, parse};

use crate::documents::document;
use crate::native;

fn same(document: &[u8]) -> bool {
    match (parse(document, 1 << 30), native::parse(document)) {
        (Ok(events), Ok(native)) => {
            assert!(events == native);
            true
        }
        (Err(Error::Malformed { line, column, reason }), Err(native)) => {
            assert_eq!((line.into(), column.into(), reason), native);
            false
        }
        (sandboxed, native) => panic!("{sandboxed:?}, but natively {native:?}"),
    }
}

#[test]
fn a_document_that_ends_early_fails_at_the_same_place() {
    let document = document("api_webgl/extensions/proposals/WEBGL_debug/extension.xml");
    for length in (0..document.len() - 10).step_by(97) {
        assert!(!same(&document[..length]), "{length}");
    }
}

#[test]
fn a_document_with_a_wrong_byte_parses_the_same_or_fails_at_the_same_place() {
    let mut document = document("api_webgl/extensions/proposals/WEBGL_debug/extension.xml");
    let mut parsed = [0, 0];
    for at in (0..document.len()).step_by(61) {
        for wrong in [b'<', b'&', 0, 0xff] {
            let right = std::mem::replace(&mut document[at], wrong);
            parsed[usize::from(same(&document))] += 1;
            document[at] = right;
        }
    }
    println!("{} refused, {} parsed", parsed[0], parsed[1]);
    assert!(parsed[0] > 100 && parsed[1] > 10);
}
