//! Small documents: encodings, entities, limits.

use example_expat::{Error, Event, Parser, parse};

fn text(document: &[u8]) -> String {
    parse(document, 1 << 20)
        .unwrap()
        .into_iter()
        .filter_map(|event| match event {
            Event::Text(text) => Some(text),
            _ => None,
        })
        .collect()
}

/// The text of an element, through `levels` of entities of which each is ten of the one before.
fn laughs(levels: usize) -> Vec<u8> {
    let mut document = String::from("<!DOCTYPE lolz [<!ENTITY l0 'lol'>");
    for level in 1..=levels {
        let of = format!("&l{};", level - 1).repeat(10);
        document += &format!("<!ENTITY l{level} '{of}'>");
    }
    document += &format!("]><lolz>&l{levels};</lolz>");
    document.into_bytes()
}

#[test]
fn text_is_utf_8_whatever_the_document_was() {
    assert_eq!(text("<a>é€😀</a>".as_bytes()), "é€😀");
    assert_eq!(text(b"<?xml version='1.0' encoding='ISO-8859-1'?><a>\xe9</a>"), "é");
    let utf_16: Vec<u8> = "\u{feff}<a>é€😀</a>".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(text(&utf_16), "é€😀");
}

#[test]
fn entities_are_replaced() {
    assert_eq!(text(b"<!DOCTYPE a [<!ENTITY who 'world'>]><a>hello &who; &amp; &#x263a;</a>"), "hello world & ☺");
}

#[test]
fn a_thousand_laughs_are_a_text() {
    assert_eq!(text(&laughs(3)).len(), 3000);
}

#[test]
fn a_billion_laughs_stop_at_the_limit() {
    assert!(matches!(parse(&laughs(9), 1 << 20), Err(Error::TooLarge { limit: 1_048_576 })));
}

#[test]
fn each_string_counts_against_the_limit() {
    let long = "x".repeat(10_000);
    for document in [
        format!("<{long}/>"),
        format!("<a {long}=''/>"),
        format!("<a b='{long}'/>"),
        format!("<a><!--{long}--></a>"),
        format!("<a><?b {long}?></a>"),
    ] {
        assert!(matches!(parse(document.as_bytes(), 9000), Err(Error::TooLarge { limit: 9000 })));
        assert!(parse(document.as_bytes(), 40_000).is_ok());
    }
}

#[test]
fn an_attribute_that_needs_too_much_memory_is_an_error() {
    let mut document = laughs(9);
    let at = document.len() - "<lolz>&l9;</lolz>".len();
    document.truncate(at);
    document.extend(b"<lolz all='&l9;'/>");
    assert!(matches!(parse(&document, 1 << 20), Err(Error::OutOfMemory)));
}

#[test]
fn after_an_error_a_parser_does_nothing_but_say_so_again() {
    let mut parser = Parser::new(1 << 20).unwrap();
    assert!(matches!(parser.feed(b"<a></b>"), Err(Error::Malformed { line: 1, .. })));
    assert!(matches!(parser.feed(b"<a/>"), Err(Error::Malformed { line: 1, .. })));
    let mut parser = Parser::new(0).unwrap();
    assert!(matches!(parser.feed(b"<a/>"), Err(Error::TooLarge { limit: 0 })));
    assert!(matches!(parser.feed(b"<a/>"), Err(Error::Sandbox(sandbox::Error::Poisoned { .. }))));
}

#[test]
fn no_document_is_not_a_document() {
    assert!(matches!(parse(b"", 100), Err(Error::Malformed { reason, .. }) if reason == "no element found"));
}
