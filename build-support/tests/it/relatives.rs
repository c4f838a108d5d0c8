//! Relatives of what once went wrong: of each kind some more that real headers have.

use build_support::Survey;

use crate::facts::{assert_bound, assert_refused};
use crate::{Project, assert_says};

fn survey_with(flag: &str, header: &str) -> Survey {
    let project = Project::new(&[("x.h", header)]);
    let mut library = project.library("x");
    library.flag(flag).header("x.h").allow_function(".*").allow_type(".*").allow_var(".*");
    library.survey().unwrap_or_else(|error| panic!("{header}{error}"))
}

#[test]
fn typedefs_that_lead_to_the_tag_of_their_own_name() {
    for (header, expected) in [
        // By way of another typedef.
        (
            "typedef struct h *h_;\ntypedef h_ h;\nstruct h { h next; int v; };\nint f(h x);\n",
            &["pub struct struct_h {", "pub v: c_int", "pub fn f(x: h) -> c_int;"][..],
        ),
        // Each by the name of the other.
        (
            "typedef struct a *b;\ntypedef struct b *a;\nstruct a { b x; a y; };\nstruct b { a x; b y; int n; };\na f(b p);\n",
            &["pub type b = *mut struct_a;", "pub type a = *mut struct_b;", "pub n: c_int", "pub fn f(p: b) -> a;"],
        ),
        (
            "typedef struct deep **deep;\nstruct deep { deep d; int n; };\ndeep f(deep d);\n",
            &["pub type deep = *mut *mut struct_deep;", "pub n: c_int", "pub fn f(d: deep) -> deep;"],
        ),
        (
            "typedef struct cb { int (*f)(struct cb *); } *cb;\nint g(cb c);\n",
            &["pub type cb = *mut struct_cb;", "pub fn g(c: cb) -> c_int;"],
        ),
        // The new name is taken, too.
        (
            "typedef struct list *list;\nstruct struct_list { int a; };\nlist f(struct struct_list *s);\n",
            &["pub struct struct_list {", "pub type list = *mut struct_list_;", "pub fn f(s: *mut struct_list) -> list;"],
        ),
    ] {
        assert_bound(header, expected);
    }
}

#[test]
fn arrays_of_variable_length_in_every_place() {
    for header in [
        "double f(int n, double m[3][n]);\n",
        "double f(int n, double c[n][n][n]);\n",
        "int f(int n, char (**p)[n]);\n",
        "unsigned f(int h, int w, const unsigned char rows[h][w]);\n",
        "double f(int n, double m[*][*]);\n",
    ] {
        assert_refused(header, &[("f", "variable length")]);
    }
    assert_refused("struct s { double (*apply)(int n, double m[n][n]); };\nint f(struct s *);\n", &[("s", "variable length")]);
    assert_refused("extern double (*apply)(int n, double m[n][n]);\n", &[("apply", "variable length")]);
    // The length of the outermost array says nothing.
    assert_bound(
        "double f(int n, double m[n][3]);\nint g(int v[static 3]);\n",
        &["pub fn f(n: c_int, m: *mut [f64; 3]) -> f64;", "pub fn g(v: *mut c_int) -> c_int;"],
    );
}

#[test]
fn enums_of_every_underlying_type() {
    for (header, expected) in [
        (
            "enum mode : unsigned char { A, B = 200 };\nint set(enum mode m);\nstruct s { enum mode m, n; };\nint g(struct s *);\n",
            &["#[repr(u8)]\n        pub enum mode {", "B = 200,", "pub fn set(m: mode) -> c_int;", "#[offset(1)] pub n: mode"][..],
        ),
        ("enum neg : short { N = -5 };\nenum neg g(void);\n", &["#[repr(i16)]", "N = -5,", "pub fn g() -> neg;"]),
        (
            "typedef enum : bool { NO, YES } flag;\nflag g(flag f);\n",
            &["#[repr(u8)]\n        pub enum flag {", "pub fn g(f: flag) -> flag;"],
        ),
        (
            "enum later : bool;\nint f(enum later *);\nenum later : bool { L0, L1 };\nint g(enum later);\n",
            &["pub enum later {", "pub fn f(_: *mut later) -> c_int;", "pub fn g(_: later) -> c_int;"],
        ),
        (
            "enum toggle : bool { OFF, ON };\nstruct s { char c; enum toggle t; int i; };\nint g(struct s *, const enum toggle *);\n",
            &["#[offset(1)] pub t: toggle", "#[offset(4)] pub i: c_int", "pub fn g(_: *mut s, _: *const toggle) -> c_int;"],
        ),
        ("#include <stdint.h>\nenum w : uint16_t { W = 65535 };\nint g(enum w);\n", &["#[repr(u16)]", "W = 65535,"]),
        (
            "enum big : unsigned long long { BIG = 0xffffffffffffffffull };\nenum big g(void);\n",
            &["#[repr(u64)]", "BIG = 18446744073709551615,", "pub fn g() -> big;"],
        ),
        // `char` is signed in the guest.
        ("enum ch : char { CH = -1 };\nenum ch g(void);\n", &["#[repr(i8)]", "CH = -1,"]),
        ("enum __attribute__((packed)) small { S0, S1 };\nint g(enum small);\n", &["#[repr(u8)]", "pub fn g(_: small) -> c_int;"]),
    ] {
        let survey = survey_with("-std=c23", header);
        for text in expected {
            assert!(survey.bindings.contains(text), "`{text}` is not in:\n{}\n{survey}", survey.bindings);
        }
    }
}

#[test]
fn hidden_in_every_spelling() {
    assert_bound(
        "#define LOCAL __attribute__((visibility(\"hidden\")))\nLOCAL int by_macro(int);\nLOCAL int\nlines(void);\n\
         int behind(int) __attribute__((__visibility__(\"hidden\")));\n__attribute__((visibility(\"internal\"))) int internal(int);\n\
         __attribute__((pure, visibility(\"hidden\"), nonnull(1))) int among(int *);\nLOCAL extern int level;\n\
         __attribute__((visibility(\"protected\"))) int protected(int);\nLOCAL inline int both(int a) { return a; }\n",
        &[
            "pub fn by_macro(_: c_int)",
            "pub fn lines()",
            "pub fn behind(_: c_int)",
            "pub fn internal(_: c_int)",
            "pub fn among(_: *mut c_int)",
            "pub static level: c_int;",
            "pub fn protected(_: c_int)",
            "pub fn both(a: c_int)",
        ],
    );
}

#[test]
fn constants_that_are_pointers_and_arrays_of_them() {
    let project = Project::new(&[
        (
            "x.h",
            "struct s { int a; };\nstatic const struct s one = { 1 };\nstatic const struct s *const which = &one;\n\
             static const char *const names[] = { \"a\", \"b\" };\nint f(void);\n",
        ),
        ("x.c", "#include \"x.h\"\nint f(void) { return which->a; }\n"),
    ]);
    let mut library = project.library("x");
    let output = library.file("x.c").header("x.h").allow_function(".*").allow_var(".*").try_compile().unwrap();
    let bindings = std::fs::read_to_string(output.bindings()).unwrap();
    for text in ["pub static one: s;", "pub static which: *const s;", "pub static names: [*const c_char; 2];"] {
        assert!(bindings.contains(text), "`{text}` is not in:\n{bindings}");
    }
}

#[test]
fn one_name_for_a_type_and_for_something_else() {
    for (header, expected) in [
        (
            "enum kind { K };\nint f(enum kind);\nstatic const int kind = 7;\n",
            &["pub const kind: c_int = 7;", "pub fn f(_: enum_kind) -> c_int;"][..],
        ),
        (
            "enum state { S0, S1 };\nstatic inline enum state state(int v) { return v ? S1 : S0; }\n",
            &["pub enum enum_state {", "pub fn state(v: c_int) -> enum_state;"],
        ),
        (
            "enum step { GO };\ntypedef void (*step_fn)(enum step);\nvoid step(step_fn f);\n",
            &["pub enum enum_step {", "fn(_: enum_step)>;", "pub fn step(f: step_fn);"],
        ),
        // The new name is taken, too.
        (
            "enum level { LOW };\nstruct enum_level { int a; };\nenum level level(struct enum_level *);\n",
            &["pub struct enum_level {", "pub fn level(_: *mut enum_level) -> enum_level_;"],
        ),
        // These need no new one.
        ("union value { int i; float f; };\nint value(union value *);\n", &["pub union value {", "pub fn value(_: *mut value) -> c_int;"]),
        (
            "enum color { RED };\nstruct s { enum color color; };\nint f(enum color color, struct s *s);\n",
            &["pub enum color {", "pub color: color", "pub fn f(color: color, s: *mut s) -> c_int;"],
        ),
        (
            "struct item { int a; };\nenum { item = 4 };\nint f(struct item *);\nextern struct zone { int m; } zone;\n",
            &["pub struct item {", "pub const item: c_int = 4;", "pub struct zone {", "pub static zone: zone;"],
        ),
    ] {
        assert_bound(header, expected);
    }
}

#[test]
fn variables_of_every_kind_are_no_imports() {
    for source in [
        "extern int v[4];\nint f(void) { return v[2]; }\n",
        "extern const char *const v;\nint f(void) { return *v; }\n",
        "extern int v;\nint *g;\nint f(void) { g = &v; return 1; }\n",
        "extern struct { int a, b; } v;\nint f(void) { return v.b; }\n",
        "extern int v;\nint *table[2] = { &v, 0 };\nint f(void) { return *table[0]; }\n",
    ] {
        let project = Project::new(&[("x.h", "int f(void);\n"), ("x.c", source)]);
        for only in [false, true] {
            let mut library = project.library(if only { "y" } else { "x" });
            library.file("x.c").header("x.h").allow_function("f");
            if only {
                library.only_imports(["env.v"])
            } else {
                library.allow_import("env.v")
            };
            assert_says(&library.try_compile().unwrap_err(), &["`env.v` is a variable, and only functions can be imports"]);
        }
    }
    // An import of which only the address is taken, and a variable that may be missing.
    for (source, import) in [
        ("int v(void);\nint (*g)(void) = v;\nint f(void) { return g(); }\n", Some("env.v")),
        ("extern int v __attribute__((weak));\nint f(void) { return &v ? v : 5; }\n", None),
    ] {
        let project = Project::new(&[("x.h", "int f(void);\n"), ("x.c", source)]);
        let mut library = project.library("x");
        library.file("x.c").header("x.h").allow_function("f");
        if let Some(import) = import {
            library.allow_import(import);
        }
        library.try_compile().unwrap_or_else(|error| panic!("{source}{error}"));
    }
}

#[test]
fn functions_are_bound_where_all_are_hidden_by_a_flag() {
    let project = Project::new(&[
        ("x.h", "int f(int v);\n__attribute__((visibility(\"default\"))) int g(int v);\nextern int level;\n"),
        ("x.c", "#include \"x.h\"\nint f(int v) { return v; }\nint g(int v) { return v; }\nint level = 3;\n"),
    ]);
    let mut library = project.library("x");
    library.file("x.c").header("x.h").flag("-fvisibility=hidden").allow_function(".*").allow_var(".*");
    let bindings = std::fs::read_to_string(library.try_compile().unwrap().bindings()).unwrap();
    for bound in ["pub fn f(", "pub fn g(", "level"] {
        assert!(bindings.contains(bound), "{bound}: {bindings}");
    }
}
