//! The native expat, from the same sources, without a sandbox: the oracle. Only for documents that are trusted.
#![allow(unsafe_code, reason = "a C library without a sandbox")]

use std::ffi::{CStr, c_char, c_int, c_uint, c_ulong, c_void};

use example_expat::Event;

#[repr(C)]
struct Parser([u8; 0]);

type Start = unsafe extern "C" fn(*mut c_void, *const c_char, *const *const c_char);
type End = unsafe extern "C" fn(*mut c_void, *const c_char);
type Text = unsafe extern "C" fn(*mut c_void, *const c_char, c_int);
type Instruction = unsafe extern "C" fn(*mut c_void, *const c_char, *const c_char);

// SAFETY: these are the declarations of `expat.h`, which build.rs compiled for the host.
unsafe extern "C" {
    fn XML_ParserCreate(encoding: *const c_char) -> *mut Parser;
    fn XML_ParserFree(parser: *mut Parser);
    fn XML_SetUserData(parser: *mut Parser, data: *mut c_void);
    fn XML_SetElementHandler(parser: *mut Parser, start: Start, end: End);
    fn XML_SetCharacterDataHandler(parser: *mut Parser, handler: Text);
    fn XML_SetCommentHandler(parser: *mut Parser, handler: End);
    fn XML_SetProcessingInstructionHandler(parser: *mut Parser, handler: Instruction);
    fn XML_Parse(parser: *mut Parser, text: *const c_char, length: c_int, last: c_int) -> c_uint;
    fn XML_GetErrorCode(parser: *mut Parser) -> c_uint;
    fn XML_ErrorString(code: c_uint) -> *const c_char;
    fn XML_GetCurrentLineNumber(parser: *mut Parser) -> c_ulong;
    fn XML_GetCurrentColumnNumber(parser: *mut Parser) -> c_ulong;
}

// SAFETY: of all these, expat passes the user data that it was given, and strings that live until the handler returns.
unsafe fn events<'a>(data: *mut c_void) -> &'a mut Vec<Event> {
    unsafe { &mut *data.cast() }
}

unsafe fn string(text: *const c_char) -> String {
    unsafe { CStr::from_ptr(text) }.to_str().unwrap().to_owned()
}

unsafe extern "C" fn start(data: *mut c_void, name: *const c_char, mut attribute: *const *const c_char) {
    let mut attributes = Vec::new();
    unsafe {
        while !(*attribute).is_null() {
            attributes.push((string(*attribute), string(*attribute.add(1))));
            attribute = attribute.add(2);
        }
        events(data).push(Event::Start { name: string(name), attributes });
    }
}

unsafe extern "C" fn end(data: *mut c_void, name: *const c_char) {
    unsafe { events(data).push(Event::End { name: string(name) }) }
}

unsafe extern "C" fn text(data: *mut c_void, text: *const c_char, length: c_int) {
    let (events, bytes) = unsafe { (events(data), std::slice::from_raw_parts(text.cast(), usize::try_from(length).unwrap())) };
    let text = str::from_utf8(bytes).unwrap();
    match events.last_mut() {
        Some(Event::Text(begun)) => begun.push_str(text),
        _ => events.push(Event::Text(text.to_owned())),
    }
}

unsafe extern "C" fn comment(data: *mut c_void, comment: *const c_char) {
    unsafe { events(data).push(Event::Comment(string(comment))) }
}

unsafe extern "C" fn instruction(data: *mut c_void, target: *const c_char, value: *const c_char) {
    unsafe { events(data).push(Event::Instruction { target: string(target), data: string(value) }) }
}

/// Parses a trusted document. An error is line, column and message.
pub(crate) fn parse(document: &[u8]) -> Result<Vec<Event>, (u64, u64, String)> {
    let mut events = Vec::<Event>::new();
    // SAFETY: the parser is freed once; nothing but the handlers uses the events while it parses; pointer and length are of one slice.
    unsafe {
        let parser = XML_ParserCreate(std::ptr::null());
        XML_SetUserData(parser, (&raw mut events).cast());
        XML_SetElementHandler(parser, start, end);
        XML_SetCharacterDataHandler(parser, text);
        XML_SetCommentHandler(parser, comment);
        XML_SetProcessingInstructionHandler(parser, instruction);
        let status = XML_Parse(parser, document.as_ptr().cast(), c_int::try_from(document.len()).unwrap(), 1);
        let error = (
            XML_GetCurrentLineNumber(parser),
            XML_GetCurrentColumnNumber(parser),
            (status == 0).then(|| string(XML_ErrorString(XML_GetErrorCode(parser)))),
        );
        XML_ParserFree(parser);
        match error {
            (_, _, None) => Ok(events),
            (line, column, Some(reason)) => Err((line, column, reason)),
        }
    }
}
