//! The guest is taken over: it calls back when and with what it likes. Each attack ends the parsing with an error.

use sandbox::AppPointerError;

use super::*;
use crate::guest::CStr;

/// Lets an attacker in the guest call handlers in the place of expat.
fn attack(calls: impl FnOnce(&mut Parser) -> sandbox::Result<()>) -> Error {
    let mut parser = Parser::new(1 << 20).unwrap();
    let error = calls(&mut parser).unwrap_err();
    assert!(parser.sandbox.is_poisoned());
    assert!(matches!(parser.feed(b"<a/>"), Err(Error::Sandbox(sandbox::Error::Poisoned { .. }))));
    error.into()
}

/// What is wrong, if the sandbox itself has found it in a callback.
fn found(error: &Error) -> &sandbox::Error {
    match error {
        Error::Sandbox(error @ sandbox::Error::Callback { .. }) => match error.callback_error::<Error>() {
            Some(Error::Sandbox(error)) => error,
            _ => error.callback_error().unwrap(),
        },
        Error::Sandbox(error) => error,
        error => panic!("{error:?}"),
    }
}

fn string(parser: &mut Parser, string: &std::ffi::CStr) -> CStr {
    parser.sandbox.copy_in_c_str(string).unwrap().leak()
}

/// An address of the attacker's choice.
fn address(parser: &Parser, address: u32) -> CStr {
    let somewhere: CStr = parser.parser.cast();
    somewhere.add(address).sub(somewhere.address())
}

/// A list without attributes.
fn none(parser: &mut Parser) -> CStr {
    let list = parser.sandbox.alloc::<CStr>(1).unwrap();
    parser.sandbox.write(list.as_ptr(), null()).unwrap();
    list.leak().cast()
}

fn text(parser: &mut Parser, text: CStr, length: i32) -> sandbox::Result<()> {
    parser.handlers.text.as_fn_ptr().call(&mut parser.sandbox, (&parser.collector, text, length))
}

fn end(parser: &mut Parser, name: CStr) -> sandbox::Result<()> {
    parser.handlers.end.as_fn_ptr().call(&mut parser.sandbox, (&parser.collector, name))
}

fn start(parser: &mut Parser, name: CStr, attributes: CStr) -> sandbox::Result<()> {
    parser.handlers.start.as_fn_ptr().call(&mut parser.sandbox, (&parser.collector, name, attributes.cast()))
}

#[test]
fn a_length_below_nothing_is_refused() {
    let error = attack(|parser| text(parser, address(parser, 1024), -1));
    assert!(matches!(found(&error), sandbox::Error::Verify(_)), "{error:?}");
}

#[test]
fn a_length_above_the_limit_is_refused_before_anything_is_read() {
    let error = attack(|parser| text(parser, address(parser, 1024), i32::MAX));
    assert!(matches!(error, Error::TooLarge { limit: 1_048_576 }), "{error:?}");
}

#[test]
fn text_outside_of_guest_memory_is_refused() {
    let error = attack(|parser| text(parser, address(parser, 0xffff_fff0), 32));
    assert!(matches!(found(&error), sandbox::Error::Memory(_)), "{error:?}");
}

#[test]
fn text_that_is_not_utf_8_is_refused() {
    let error = attack(|parser| {
        let wrong = string(parser, c"\xff");
        text(parser, wrong, 1)
    });
    assert!(matches!(error, Error::Lied { .. }), "{error:?}");
}

#[test]
fn attributes_without_end_stop_at_the_limit() {
    let error = attack(|parser| {
        let name = string(parser, c"a");
        let endless = parser.sandbox.alloc::<CStr>(100_000).unwrap();
        parser.sandbox.write_slice(endless.as_ptr(), &vec![name; 100_000]).unwrap();
        start(parser, name, endless.leak().cast())
    });
    assert!(matches!(error, Error::TooLarge { limit: 1_048_576 }), "{error:?}");
}

#[test]
fn an_end_without_a_start_is_refused() {
    let error = attack(|parser| {
        let name = string(parser, c"a");
        end(parser, name)
    });
    assert!(matches!(error, Error::Lied { .. }), "{error:?}");
}

#[test]
fn an_end_of_another_element_is_refused() {
    let error = attack(|parser| {
        let (a, b, none) = (string(parser, c"a"), string(parser, c"b"), none(parser));
        start(parser, a, none)?;
        end(parser, b)
    });
    assert!(matches!(error, Error::Lied { .. }), "{error:?}");
}

#[test]
fn user_data_that_the_host_did_not_give_is_refused() {
    let error = attack(|parser| {
        let (forged, name) = (address(parser, 1024).cast(), string(parser, c"a"));
        parser.handlers.comment.as_fn_ptr().call(&mut parser.sandbox, (forged, name))
    });
    assert!(matches!(found(&error), sandbox::Error::AppPointer(AppPointerError::Forged)), "{error:?}");
}

#[test]
fn a_document_that_ends_with_an_element_open_is_refused() {
    let mut parser = Parser::new(1 << 20).unwrap();
    let (name, none) = (string(&mut parser, c"a"), none(&mut parser));
    parser.feed(b"<a/>").unwrap();
    start(&mut parser, name, none).unwrap();
    assert!(matches!(parser.finish(), Err(Error::Lied { .. })));
}
