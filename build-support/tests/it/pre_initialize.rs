//! Running a set-up function at build time: what the module is afterwards, and each way in which it cannot be done.

use build_support::{Error, Library};
use wasmparser::{Parser, Payload};

use crate::{Project, assert_says};

const HEADER: (&str, &str) = ("x.h", "extern int x_state;\nint x_get(void);\nvoid x_bound(void);\n");
const SOURCE: &str = r#"
#include "x.h"
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
int x_state;
int x_get(void) { return x_state; }
void x_bound(void) { x_state = 0x5ec2e75e; }
void hidden(void) { x_state = 0x5ec2e75e; }
int with_result(void) { return 1; }
void calls_the_host(void) { puts("hello"); fflush(stdout); }
void traps(void) { abort(); }
void fails(void) { assert(x_state == 7); }
void endless(void) { for (;;) x_state++; }
"#;

fn project() -> Project {
    Project::new(&[HEADER, ("x.c", SOURCE)])
}

fn library(project: &Project, function: &str) -> Library {
    let mut library = project.library("x");
    library.file("x.c").header("x.h").allow_function("x_.*").pre_initialize(function);
    library
}

fn exports(wasm: &[u8]) -> Vec<String> {
    let mut names = Vec::new();
    for payload in Parser::new(0).parse_all(wasm) {
        if let Payload::ExportSection(section) = payload.unwrap() {
            names.extend(section.into_iter().map(|export| export.unwrap().name.to_owned()));
        }
    }
    names
}

/// Whether the module's initial memory has what the set-up wrote.
fn is_set_up(wasm: &[u8]) -> bool {
    Parser::new(0).parse_all(wasm).any(|payload| match payload.unwrap() {
        Payload::DataSection(section) => {
            section.into_iter().any(|data| data.unwrap().data.windows(4).any(|bytes| bytes == 0x5ec2_e75e_u32.to_le_bytes()))
        }
        _ => false,
    })
}

#[test]
fn the_state_is_in_the_module_and_the_function_is_not_exported() {
    let project = project();
    let output = library(&project, "hidden").try_compile().unwrap();
    let wasm = std::fs::read(output.wasm()).unwrap();
    assert!(is_set_up(&wasm));
    let exports = exports(&wasm);
    assert!(exports.contains(&"x_get".to_owned()) && exports.contains(&"malloc".to_owned()), "{exports:?}");
    assert!(!exports.contains(&"hidden".to_owned()) && !exports.contains(&"_initialize".to_owned()), "{exports:?}");
}

#[test]
fn the_same_sources_make_the_same_module() {
    let project = project();
    let build = || std::fs::read(library(&project, "hidden").out_dir(tempfile::tempdir().unwrap().path()).try_compile().unwrap().wasm());
    assert!(build().unwrap() == build().unwrap());
}

#[test]
fn a_bound_function_stays_bound() {
    let project = project();
    let output = library(&project, "x_bound").try_compile().unwrap();
    let wasm = std::fs::read(output.wasm()).unwrap();
    assert!(is_set_up(&wasm));
    assert!(exports(&wasm).contains(&"x_bound".to_owned()));
}

#[test]
fn a_function_that_is_not_there() {
    let project = project();
    let error = project.error(&library(&project, "nowhere"));
    assert!(matches!(error, Error::PreInitialize { .. }), "{error}");
    assert_says(&error, &["`nowhere`", "no source file defines it"]);
}

#[test]
fn a_function_with_a_result() {
    let project = project();
    let error = project.error(&library(&project, "with_result"));
    assert!(matches!(error, Error::PreInitialize { .. }));
    assert_says(&error, &["library `x`", "`with_result`", "void f(void)"]);
}

#[test]
fn a_function_that_calls_the_host() {
    let project = project();
    let error = project.error(&library(&project, "calls_the_host"));
    // Which import comes first is libc's choice.
    assert_says(&error, &["it calls `wasi_snapshot_preview1.fd_", "at run time", "!calls_the_host"]);
}

#[test]
fn a_function_that_traps() {
    let project = project();
    assert_says(&project.error(&library(&project, "traps")), &["unreachable", "traps"]);
}

#[test]
fn a_function_that_does_not_end() {
    let project = project();
    assert_says(&project.error(&library(&project, "endless")), &["has not ended after"]);
}

#[test]
fn a_constructor_that_calls_the_host_is_named_as_such() {
    let opens = "#include <stdio.h>\n#include \"x.h\"\nint x_state;\nint x_get(void) { return fopen(\"/a\", \"r\") != 0; }\nvoid x_bound(void) {}\n";
    let project = Project::new(&[HEADER, ("x.c", opens)]);
    let error = project.error(&library(&project, "x_bound"));
    assert_says(&error, &["the static constructors, which run before it", "libc has one", "fd_prestat_get"]);
}

#[test]
fn an_assertion_that_fails() {
    let project = project();
    assert_says(&project.error(&library(&project, "fails")), &["an assertion failed", "!fails"]);
}

#[test]
fn the_constructors_alone() {
    let with = SOURCE.replace("int x_state;", "int x_state;\n__attribute__((constructor)) void build(void) { x_state = 0x5ec2e75e; }\n");
    let project = Project::new(&[HEADER, ("x.c", &with)]);
    let output = library(&project, "_initialize").try_compile().unwrap();
    assert!(is_set_up(&std::fs::read(output.wasm()).unwrap()));
}
