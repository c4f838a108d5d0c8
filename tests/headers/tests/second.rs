//! The second opinion notices what is wrong, and what is missing.

use std::fs;
use std::path::{Path, PathBuf};

use build_support::Library;
use headers::found::Found;
use headers::generator;
use headers::second::Compiler;

const HEADER: &str = "\
#define LIMIT 40u
#define NAME \"na\\\"me\\x01\"
#define RATIO 1.5f
enum color { RED, GREEN = 7 };
enum { LOOSE = 3 };
typedef int (*handler)(void *user, const char *text);
typedef int plain(long long);
typedef struct { int x; struct { char c; double d; } in; } *handle;
struct item { short kind; unsigned bits : 3; union { int i; float f; }; struct item *next; char name[8]; };
extern const struct item *items[4];
struct item *find(const struct item *, enum color, handler, plain *, unsigned long size, ...);
static inline _Bool empty(handle h) { return !h; }
int (*chooser(short a, double b))(int, int);
";

/// What is said of the bindings of the header, changed by `change`.
fn said(name: &str, change: impl Fn(&str) -> String) -> Vec<String> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("second").join(name);
    let include = folder.join("include");
    fs::create_dir_all(&include).unwrap();
    fs::write(include.join("x.h"), HEADER).unwrap();
    let mut library = Library::new("x");
    library.out_dir(&folder).include(&include).header("x.h").allow_function(".*").allow_type(".*").allow_var(".*");
    let survey = library.survey().unwrap();
    let bindings = change(&survey.bindings);
    let headers = ["x.h".to_owned()];
    let compiler = Compiler::new(&folder.join("second"), &[include] as &[PathBuf], &[]).unwrap();
    let mut said = compiler.disagreements(&headers, &bindings).unwrap();
    said.extend(compiler.lost(&headers, &bindings, &Found::from(&survey)).unwrap());
    said
}

#[test]
fn right_bindings_are_right() {
    assert_eq!(said("right", str::to_owned), [""; 0]);
}

#[test]
fn each_change_of_the_bindings_is_noticed() {
    let changes = [
        ("LIMIT: c_uint = 40", "LIMIT: c_uint = 41", "constant LIMIT = 41"),
        ("LIMIT: c_uint", "LIMIT: c_int", "constant LIMIT: c_int"),
        ("c\"na", "c\"nb", "constant NAME = "),
        ("RATIO: c_float = 1.5", "RATIO: c_float = 1.25", "constant RATIO = 1.25"),
        ("RATIO: c_float", "RATIO: c_double", "constant RATIO: c_double"),
        ("GREEN = 7", "GREEN = 8", "enumerator GREEN = 8"),
        ("#[repr(u32)]", "#[repr(u8)]", "enum color"),
        ("LOOSE: c_int = 3", "LOOSE: c_int = 4", "constant LOOSE = 4"),
        ("user: *mut c_void", "user: *const c_void", "type handler"),
        ("fn(_: c_longlong)", "fn(_: c_long)", "type plain"),
        ("pub x: c_int", "pub x: c_uint", "field x of handle_target"),
        ("#[offset(8)] pub d", "#[offset(4)] pub d", "offset of d in handle_target_in"),
        ("#[layout(size = 16, align = 8)]", "#[layout(size = 16, align = 4)]", "size of handle_target_in"),
        ("pub kind: c_short", "pub kind: c_ushort", "field kind of item"),
        ("pub name: [c_char; 8]", "pub name: [c_char; 7]", "field name of item"),
        ("items: [*const item; 4]", "items: [*mut item; 4]", "variable items"),
        ("_: *const item, _: color", "_: color, _: *const item", "function find"),
        ("size: c_ulong, ...", "size: c_ulong", "function find"),
        ("size: c_ulong", "size: c_ulonglong", "function find"),
        ("-> bool", "-> c_int", "function empty"),
        ("chooser(a: c_short, b: f64)", "chooser(a: c_short)", "function chooser"),
    ];
    for (from, to, what) in changes {
        let said = said("changed", |bindings| {
            assert!(bindings.contains(from), "`{from}` is not in:\n{bindings}");
            bindings.replacen(from, to, 1)
        });
        assert!(said.iter().any(|said| said.starts_with(what)), "{from} -> {to}: {said:?}");
    }
}

#[test]
fn whatever_is_missing_is_noticed() {
    let missing = [
        ("pub const LIMIT", "constant LIMIT is lost"),
        ("RED = ", "enumerator RED is lost"),
        ("pub const LOOSE", "enumerator LOOSE is lost"),
        ("pub type handler", "type handler is lost"),
        ("pub fn chooser", "function chooser is lost"),
        ("pub fn empty", "function empty is lost"),
        ("pub static items", "variable items is lost"),
    ];
    for (line, what) in missing {
        let said = said("missing", |bindings| {
            assert!(bindings.contains(line), "`{line}` is not in:\n{bindings}");
            bindings.lines().filter(|text| !text.trim_start().starts_with(line)).map(|text| format!("{text}\n")).collect()
        });
        assert!(said.iter().any(|said| said == what), "{line}: {said:?}");
    }
}

/// `cargo xtask headers --random` has more.
#[test]
fn random_headers_are_bound_as_c_has_them() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("second/random");
    let include = folder.join("include");
    fs::create_dir_all(&include).unwrap();
    let names: Vec<String> = (0..60).map(|number| format!("h{number}.h")).collect();
    let mut library = Library::new("x");
    library.out_dir(&folder).include(&include).include("../fixtures").allow_function(".*").allow_type(".*").allow_var(".*");
    for (number, name) in (0..).zip(&names) {
        fs::write(include.join(name), generator::header(number).unwrap()).unwrap();
        library.header(name);
    }
    let survey = library.survey().unwrap();
    assert!(survey.functions.bound.len() > 500 && survey.constants.bound.len() > 200, "{survey}");
    let compiler = Compiler::new(&folder.join("second"), &[include, "../fixtures".into()], &[]).unwrap();
    assert_eq!(compiler.disagreements(&names, &survey.bindings).unwrap(), [""; 0]);
    assert_eq!(compiler.lost(&names, &survey.bindings, &Found::from(&survey)).unwrap(), [""; 0]);
}
