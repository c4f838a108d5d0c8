//! Three hundred random headers: the bindings agree with the C compiler about each leaf.
//!
//! `tests/generator.rs` writes them, and `build.rs` builds them.

use crate::record::{Kind, Leaf, Record, Trial, field, record};

include!(concat!(env!("OUT_DIR"), "/generated/tests.rs"));

#[test]
fn nearly_all_records_have_fields_and_the_others_a_reason() {
    let (all, opaque) = (RECORDS, OPAQUE.len());
    println!("{all} records in {HEADERS} headers, {opaque} of them opaque:");
    for (name, reason) in OPAQUE {
        println!("{name}: {reason}");
        assert!(reason.starts_with("Opaque, only pointers to it exist: "), "{name}: {reason}");
    }
    assert!(opaque * 20 <= all, "{opaque} of {all} are opaque");
}

#[test]
fn no_header_is_left_out() {
    assert_eq!(HEADERS, 300);
}

#[test]
fn the_headers_use_all_that_they_can() {
    let texts = " : 0;| : 64;|_Bool m|int  : |enum h|packed|pragma pack|aligned(|union {|struct {|[];|[2][3]|(*m|...|restrict|struct hidden *\
                 |typedef struct|typedef union|    struct h|    union h|double|float|long long";
    for text in texts.split('|') {
        assert!(TEXT.contains(text), "no header has `{text}`");
    }
}
