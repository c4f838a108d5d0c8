//! Every fact of the bindings is the compiler's own: what bindgen misreads is mended or refused,
//! never bound in silence.

use build_support::{Error, Refusal, Survey};

use crate::{Project, assert_says};

fn survey(header: &str) -> Survey {
    let project = Project::new(&[("x.h", header)]);
    project.library("x").header("x.h").allow_function(".*").allow_type(".*").allow_var(".*").survey().unwrap()
}

fn reason<'a>(refused: &'a [Refusal], name: &str) -> &'a str {
    refused.iter().find(|refusal| refusal.name == name).map_or("", |refusal| refusal.reason.as_str())
}

#[track_caller]
pub(crate) fn assert_bound(header: &str, expected: &[&str]) {
    let survey = survey(header);
    for text in expected {
        assert!(survey.bindings.contains(text), "`{text}` is not in:\n{}\n{survey}", survey.bindings);
    }
}

#[track_caller]
pub(crate) fn assert_refused(header: &str, expected: &[(&str, &str)]) {
    let survey = survey(header);
    let all = [&survey.functions.refused, &survey.constants.refused, &survey.variables.refused, &survey.types.refused, &survey.opaque];
    for (name, text) in expected {
        let reasons: Vec<&str> = all.iter().map(|refused| reason(refused, name)).collect();
        assert!(reasons.iter().any(|reason| reason.contains(text)), "`{name}`: {reasons:?}\n{survey}");
    }
}

#[test]
fn a_macro_is_what_it_is_at_the_end_of_the_headers() {
    assert_bound(
        "#define NAME \"alpha\"\n#define FULL \"x-\" NAME\n#define N 1\n#define M (N + 1)\n#undef NAME\n#define NAME \"omega\"\n#undef N\n#define N 5\n",
        &["NAME: &CStr = c\"omega\"", "FULL: &CStr = c\"x-omega\"", "N: c_int = 5", "M: c_int = 6"],
    );
    // Redefined by another header, and as something else.
    let project = Project::new(&[
        ("a.h", "#define V 1\n#define W \"w\"\n"),
        ("b.h", "#undef V\n#define V \"text\"\n#undef W\n#define W 2.5f\nint f(void);\n"),
    ]);
    let survey = project.library("x").header("a.h").header("b.h").allow_function("f").survey().unwrap();
    assert!(survey.bindings.contains("V: &CStr = c\"text\"") && survey.bindings.contains("W: c_float = 2.5"), "{}", survey.bindings);
    // Undefined again.
    assert_eq!(self::survey("#define GONE 1\n#undef GONE\nint f(void);\n").constants.bound, [""; 0]);
}

#[test]
fn constants_have_the_type_that_c_gives_them() {
    assert_bound(
        "#include <stdint.h>\n#include <stddef.h>\n\
         #define A 8U\n#define B UINT32_C(8)\n#define C 8ULL\n#define D ((size_t)-1 / 2)\n#define E (UINT64_MAX / 2)\n\
         #define F (UINT64_MAX >> 1)\n#define G (-1 / 2U)\n#define H 'x'\n#define I (char)'x'\n#define J (1 == 1)\n#define K 3L\n\
         #define L ((uint8_t)300)\n#define M (-9223372036854775807LL - 1)\n#define N 0x80000000\n#define O ((short)-1)\n#define P (_Bool)7\n\
         #define Q sizeof(long)\n#define R 1e-3f\n#define S (1 ? 2.5 : 3)\n",
        &[
            "A: c_uint = 8;",
            "B: c_uint = 8;",
            "C: c_ulonglong = 8;",
            "D: c_ulong = 2147483647;",
            "E: c_ulonglong = 9223372036854775807;",
            "F: c_ulonglong = 9223372036854775807;",
            "G: c_uint = 2147483647;",
            "H: c_int = 120;",
            "I: c_char = 120;",
            "J: c_int = 1;",
            "K: c_long = 3;",
            "L: c_uchar = 44;",
            "M: c_longlong = -9223372036854775808;",
            "N: c_uint = 2147483648;",
            "O: c_short = -1;",
            "P: bool = true;",
            "Q: c_ulong = 4;",
            "R: c_float = 0.001;",
            "S: c_double = 2.5;",
        ],
    );
}

#[test]
fn characters_and_strings_of_every_kind() {
    assert_bound(
        "#define WIDE L'\\x20ac'\n#define BYTE '\\xff'\n#define OCTAL '\\377'\n#define U16 u'\\xffff'\n#define UTF8 u8\"\\u00e9\"\n\
         #define LATIN \"J\\xe9\"\n#define JOINED \"a\" \"b\" \"\\0\"\n#define QUOTES \"'\\\"\\\\\\n\"\n",
        &[
            "WIDE: c_int = 8364;",
            "BYTE: c_int = -1;",
            "OCTAL: c_int = -1;",
            "U16: c_ushort = 65535;",
            "UTF8: &CStr = c\"é\";",
            "LATIN: &CStr = c\"J\\xe9\";",
            "QUOTES: &CStr = c\"\\'\\\"\\\\\\n\";",
        ],
    );
    assert_refused(
        "#define WIDE L\"wide\"\n#define SIXTEEN u\"x\"\n#define NUL \"a\\0b\"\n#define POINTER ((char *)0)\n#define LONG 1.0L\n\
         extern int count;\n#define TWICE (count * 2)\nstruct s { int a; };\n#define VALUE ((struct s *)0)\nstruct s make(void);\n#define MADE (make())\n#define BRACES ((struct s){1})\n#define COMPLEX (1.0f + 2.0fi)\n",
        &[
            ("WIDE", "wide characters"),
            ("SIXTEEN", "wide characters"),
            ("NUL", "a NUL inside"),
            ("POINTER", "a pointer"),
            ("LONG", "`long double`"),
            ("TWICE", "not known before the program runs"),
            ("VALUE", "a pointer"),
            ("MADE", "a struct or a union"),
            ("BRACES", "in braces"),
            ("COMPLEX", "no word for"),
        ],
    );
}

#[test]
fn a_constant_that_is_asked_for_by_name_has_its_own_reason() {
    let project = Project::new(&[("x.h", "#define WIDE L\"w\"\nint f(void);\n")]);
    let error = project.library("x").header("x.h").allow_function("f").allow_var("WIDE").survey().unwrap_err();
    assert_says(&error, &["`WIDE` cannot be a constant: it is a string of wide characters", "in a shim"]);
}

#[test]
fn macros_that_would_break_the_question_do_no_harm() {
    assert_bound(
        "#define OPEN (\n#define CLOSE )\n#define BRACE }\n#define SEMI 1; int injected = 2\n#define COMMA 1, 2\n#define HALF \"abc\n#define PASTE a ## b\n\
         #define PRAGMA _Pragma(\"pack(1)\")\n#define ATTRIBUTE __attribute__((packed))\n#define TYPE unsigned long\n#define EMPTY\n\
         #define SELF SELF\n#define HASH #\n#define BACK 1 \\\n + 2\n#define GONE _Pragma(\"GCC error \\\"use AFTER\\\"\") 7\n#define LINE __LINE__\n#define AFTER 42\n\
         #define interface struct\n#define CLASS union\n#define attribute __attribute__\n#define DIGRAPH <%\n#define BRACKET <:\n#define SCOPE ::\n\
         #define CALL(x) x\n#define BEGIN CALL(\n#define END )\n#define CAST (int)\n#define SIZE sizeof\n#define NOT !\n#define QUESTION 1 ?\n\
         #define SEPARATED 1'000\n#define CHARACTER 'a\n#define LAST \"last\"\n",
        &["AFTER: c_int = 42;", "BACK: c_int = 3;", "LAST: &CStr = c\"last\";"],
    );
}

#[test]
fn a_macro_that_grows_without_end_is_left_out() {
    let levels = (1..11).map(|level| format!("#define L{level} ({})\n", vec![format!("L{}", level - 1); 10].join(" + ")));
    let header = format!("#define L0 1\n{}#define AFTER 42\nint f(void);\n", levels.collect::<String>());
    assert_bound(&header, &["L2: c_int = 100;", "AFTER: c_int = 42;", "pub fn f("]);
}

#[test]
fn what_bindgen_fails_at_is_an_error() {
    let project = Project::new(&[("x.h", "int f(int) __attribute__((swiftcall));\n")]);
    let error = project.library("x").header("x.h").allow_function(".*").survey().unwrap_err();
    assert!(matches!(error, Error::Headers { .. }), "{error}");
    assert_says(&error, &["bindgen fails at something in the headers"]);
}

#[test]
fn constants_that_a_pattern_matches_and_that_cannot_be_bound_are_left_out() {
    let project = Project::new(&[(
        "x.h",
        "#define LIB_SIZE 3\n#define LIB_NAME L\"x\"\n#define ONLY_WIDE L\"y\"\nextern int level;\nint f(void);\n",
    )]);
    let survey = |pattern: &str| project.library("x").header("x.h").allow_function("f").allow_var(pattern).survey();
    let both = |survey: &Survey| {
        (survey.constants.bound.clone(), survey.constants.refused.iter().map(|item| item.name.clone()).collect::<Vec<_>>())
    };
    let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<String>>();
    assert_eq!(both(&survey("LIB_.*").unwrap()), (names(&["LIB_SIZE"]), names(&["LIB_NAME"])));
    assert_eq!(both(&survey("ONLY_.*").unwrap()), (names(&[]), names(&["ONLY_WIDE"])));
    // A pattern for a variable says nothing of constants.
    assert_eq!(both(&survey("level").unwrap()), (names(&["LIB_SIZE"]), names(&["LIB_NAME", "ONLY_WIDE"])));
    assert_says(&survey("LIB_NAME").unwrap_err(), &["`LIB_NAME` cannot be a constant", "wide"]);
    assert_says(&survey("LIB_NO.*").unwrap_err(), &["matches nothing"]);
}

#[test]
fn types_of_the_library_may_have_names_of_rust() {
    assert_bound(
        "struct Option { int Some; };\ntypedef struct Option opt;\nstruct Vec { struct Option *None; };\nopt f(struct Vec *v, opt *o, void (*Box)(opt));\n",
        &["pub fn f(v: *mut Vec, o: *mut opt, Box: Option<unsafe extern \"C\" fn(_: opt)>) -> opt;"],
    );
}

#[test]
fn the_text_is_what_is_compiled() {
    // With comments, the preprocessor sees neither this directive nor these arguments.
    assert_bound(
        "/* a feature */ #define HAVE_EXTRA 1\nstruct s { int a;\n#ifdef HAVE_EXTRA\n int extra;\n#endif\n};\nint f(struct s *);\n",
        &["#[layout(size = 8, align = 4)]", "pub extra: c_int"],
    );
    assert_bound(
        "#define EXPORT(type) __attribute__((used)) type\nEXPORT /* result */ (int) fun(void);\n#define renamed(x) other(x)\nint renamed /* old */ (int);\n",
        &["pub fn fun() -> c_int;", "pub fn other(_: c_int) -> c_int;"],
    );
    // Elsewhere comments are documentation.
    assert_bound("/** What it does. */\nint f(void);\n", &["/// What it does.\n            pub fn f() -> c_int;"]);
    assert_bound("#define A 1\n#pragma push_macro(\"A\")\n#undef A\n#define A 2\n#undef A\n#pragma pop_macro(\"A\")\n", &["A: c_int = 1;"]);
}

#[test]
fn a_const_that_says_nothing_is_no_other_type() {
    assert_bound(
        "const int f(void);\nconst unsigned g(const int v);\nstruct s { const int (*q)(int); const int c; };\nint h(struct s *, char *const p);\n",
        &["pub fn f() -> c_int;", "pub fn g(v: c_int) -> c_uint;", "pub fn h(_: *mut s, p: *mut c_char) -> c_int;", "pub q: "],
    );
}

#[test]
fn a_tag_that_is_another_type_too_gets_a_name_of_its_own() {
    for header in [
        "typedef struct list *list;\nstruct list { int head; list next; };\nlist list_push(list l, int head);\nint list_sum(list l);\n",
        "struct list;\nstruct list { int head; struct list *next; };\ntypedef struct list *list;\nlist list_push(list l, int head);\nint list_sum(list l);\n",
    ] {
        assert_bound(
            header,
            &[
                "pub type list = *mut struct_list;",
                "pub struct struct_list {",
                "pub fn list_push(l: list, head: c_int) -> list;",
                "#[offset(0)] pub head: c_int",
            ],
        );
    }
    // The usual handle, whose struct no header defines.
    assert_bound(
        "typedef struct list *list;\nlist list_push(list l, int head);\n",
        &["pub type list = *mut struct_list;", "pub struct struct_list;", "pub fn list_push(l: list, head: c_int) -> list;"],
    );
    assert_bound("typedef union u u_;\nunion u { int a; };\ntypedef union u *u;\nu f(u_ *);\n", &["pub type u = *mut union_u;"]);
    assert_bound(
        "typedef int color;\nenum color { RED, BLUE };\nenum color f(color);\n",
        &["pub enum enum_color {", "pub fn f(_: color) -> enum_color;"],
    );
    assert_bound(
        "struct node { int v; struct node *next; };\ntypedef struct node node[1];\nint f(node n);\nint struct_node(void);\n",
        &["pub struct struct_node_ {", "pub type node = [struct_node_; 1];"],
    );
    // As usual: both mean the same.
    assert_bound("typedef struct same { int a; } same;\nint f(same *);\n", &["pub struct same {", "pub fn f(_: *mut same) -> c_int;"]);
}

#[test]
fn a_function_and_an_enum_of_one_name() {
    assert_bound(
        "enum level { LOW, HIGH };\nenum level level(int);\nstruct stat { int a; };\nint stat(struct stat *);\nextern enum mode { R } mode;\n",
        &["pub enum enum_level {", "pub fn level(_: c_int) -> enum_level;", "pub struct stat {", "pub fn stat(_: *mut stat) -> c_int;"],
    );
}

#[test]
fn parameters_of_variable_length_are_refused() {
    assert_refused(
        "double trace(int n, double m[n][n]);\nint row(int n, int (*r)[n]);\nvoid call(void (*f)(int n, char m[n][2 * n]));\nstruct s { int (*p)[3]; };\nint fine(struct s *, int m[3][4], int v[*]);\n",
        &[("trace", "variable length"), ("row", "variable length"), ("call", "variable length")],
    );
    assert_bound("int fine(int m[3][4], int n, int v[n]);\n", &["pub fn fine(m: *mut [c_int; 4], n: c_int, v: *mut c_int) -> c_int;"]);
}

#[test]
fn macros_named_like_fields_and_enumerators_change_nothing() {
    assert_bound(
        "struct watcher { int kind; union { struct { int pid; int calls; } sig; } u; };\n#define calls u.sig.calls\n#define kind watcher_kind\n\
         enum attr { ATTR_A, ATTR_B, ATTR_MAX };\n#define ATTR_MAX (ATTR_MAX - 1)\n#define watcher nothing\n#define attr 7\nint f(void);\n",
        &["ATTR_MAX = 2,", "#[offset(4)] pub calls: c_int", "#[offset(0)] pub kind: c_int", "pub enum attr {"],
    );
}

#[test]
fn functions_that_bindgen_passes_over_are_bound() {
    assert_bound(
        "inline int twice(int v) { return 2 * v; }\n__attribute__((visibility(\"hidden\"))) int hidden(int);\n\
         #pragma GCC visibility push(hidden)\nint pushed(int);\n#pragma GCC visibility pop\n\
         extern __inline__ __attribute__((gnu_inline)) int gnu(int v) { return v; }\n[[gnu::visibility(\"hidden\")]] int cxx(void);\nint visibility(int inline_);\n",
        &[
            "pub fn twice(v: c_int)",
            "pub fn hidden(_: c_int)",
            "pub fn pushed(_: c_int)",
            "pub fn gnu(v: c_int)",
            "pub fn cxx()",
            "pub fn visibility(",
        ],
    );
}

#[test]
fn an_enum_of_bool_is_an_enum() {
    let project = Project::new(&[(
        "x.h",
        "enum toggle : bool { OFF, ON };\nint set(enum toggle t);\nenum wide : long long { W = 1ll << 40 };\nenum wide w(void);\n",
    )]);
    let survey = project.library("x").flag("-std=c23").header("x.h").allow_function(".*").survey().unwrap();
    for text in
        ["#[repr(u8)]\n        pub enum toggle {", "ON = 1,", "pub fn set(t: toggle) -> c_int;", "#[repr(i64)]\n        pub enum wide {"]
    {
        assert!(survey.bindings.contains(text), "{text}: {}\n{survey}", survey.bindings);
    }
}

#[test]
fn constants_that_are_variables() {
    assert_bound(
        "static const char *const TAG3 = \"abc\";\nstatic const char *const TAG5 = \"hello\";\nstatic const char TEXT[] = \"text\";\nstatic const int table[3] = {1, 2, 3};\n\
         static const int NUMBER = 5;\nstatic const double HALF = 0.5;\nint f(int);\nstruct callbacks { int (*f)(int); };\nstatic struct callbacks DEFAULT = { f };\nint g_level = 3;\n",
        &[
            "#[link_name = \"TAG3__static\"]\n            pub static TAG3: *const c_char;",
            "pub static TAG5: *const c_char;",
            "pub static TEXT: [c_char; 5];",
            "pub static table: [c_int; 3];",
            "pub const NUMBER: c_int = 5;",
            "pub const HALF: c_double = 0.5;",
            "#[link_name = \"DEFAULT__static\"]\n            pub static DEFAULT: callbacks;",
            "pub static g_level: c_int;",
        ],
    );
}

const UNDEFINED: &str = "int here(void);\nint nowhere(void);\nextern int missing;\nlong double exact(void);\n";

#[test]
fn a_pattern_leaves_out_what_cannot_be_bound_and_a_name_is_an_error() {
    let project = Project::new(&[("x.h", UNDEFINED), ("x.c", "int here(void) { return 1; }\n")]);
    let output =
        project.library("x").file("x.c").header("x.h").allow_function(".*").allow_var(".*").allow_type(".*").try_compile().unwrap();
    let bindings = std::fs::read_to_string(output.bindings()).unwrap();
    assert!(
        bindings.contains("pub fn here()") && !["nowhere", "missing", "exact"].iter().any(|name| bindings.contains(name)),
        "{bindings}"
    );

    let other = Project::new(&[("x.h", UNDEFINED), ("x.c", "int here(void) { return 1; }\n")]);
    let error = other.error(other.library("x").file("x.c").header("x.h").allow_function("here|nowhere").allow_var("missing"));
    assert!(matches!(&error, Error::Undefined { functions, variables, .. } if functions == &["nowhere"] && variables == &["missing"]));
    let error =
        Project::new(&[("x.h", UNDEFINED)]).library("x").file("x.h").header("x.h").allow_function("exact").try_compile().unwrap_err();
    assert_says(&error, &["`exact`: its result uses `long double`", ".block_function(\"exact\")"]);

    let survey = project.library("x").file("x.c").header("x.h").allow_function(".*").allow_var(".*").survey().unwrap();
    assert_eq!(survey.functions.bound, ["here"]);
    assert!(reason(&survey.functions.refused, "nowhere").contains("defined in no source file"), "{survey}");
    assert!(reason(&survey.variables.refused, "missing").contains("defined in no source file"), "{survey}");
    assert!(reason(&survey.functions.refused, "exact").contains("long double"), "{survey}");
}

#[test]
fn what_headers_define_for_each_file() {
    // Declared `static` and never defined, as in a header without its IMPLEMENTATION macro; defined
    // in the header for all; with and without link-time optimisation.
    for flag in ["-O2", "-flto"] {
        let project = Project::new(&[
            (
                "x.h",
                "static int helper(void);\nstatic int own(void) { return 1; }\nint level = 3;\ninline int twice(int v) { return 2 * v; }\nint f(void);\n",
            ),
            ("x.c", "#include \"x.h\"\nextern inline int twice(int v);\nint f(void) { return level + own(); }\n"),
        ]);
        let mut library = project.library("x");
        library.file("x.c").flag(flag).header("x.h").allow_function(".*").allow_var("level");
        let output = library.try_compile().unwrap_or_else(|error| panic!("{flag}: {error}"));
        let bindings = std::fs::read_to_string(output.bindings()).unwrap();
        for text in ["pub fn own()", "pub fn twice(", "pub fn f()", "pub static level: c_int;"] {
            assert!(bindings.contains(text), "{flag}: {text}: {bindings}");
        }
        assert!(!bindings.contains("helper"), "{bindings}");
    }
}

#[test]
fn a_survey_of_sources_that_do_not_build_goes_on() {
    let project = Project::new(&[("x.h", "int f(void);\n"), ("x.c", "#include \"config.h\"\n")]);
    let survey = project.library("x").file("x.c").header("x.h").allow_function(".*").survey().unwrap();
    assert_eq!(survey.functions.bound, ["f"]);
    assert!(survey.not_linked.as_deref().is_some_and(|error| error.contains("'config.h' file not found")), "{survey}");

    let project = Project::new(&[("x.h", "int f(void);\n"), ("x.c", "int other(void);\nint f(void) { return other(); }\n")]);
    let survey = project.library("x").file("x.c").header("x.h").allow_function(".*").survey().unwrap();
    assert_eq!(survey.functions.bound, ["f"]);
    assert!(survey.not_linked.as_deref().is_some_and(|error| error.contains("nothing provides")), "{survey}");
}

#[test]
fn an_error_is_shown_as_a_build_shows_it() {
    let project = Project::new(&[("x.h", "int f(void);\n")]);
    let error = project.library("x").header("x.h").allow_function("g").survey().unwrap_err();
    assert_eq!(format!("{error:?}"), error.to_string());
}

#[test]
fn a_macro_that_calls_what_is_not_declared_is_no_constant() {
    // The parts of an attribute look like calls, and a call in C99 declares what it calls.
    let header = "#define API visibility(\"default\")\n#define LOCAL visibility(\"hidden\")\n#define A (one(1) + two(2))\n#define B two(3)\n\
                  #define LENGTH strlen(\"abc\")\n#define AGAIN strlen(\"abcd\")\n#define NINE 9\nint f(void);\n";
    assert_eq!(survey(header).constants.bound, ["NINE"]);
    assert_eq!(survey(header).constants.refused, []);
}

#[test]
fn a_constant_that_is_another_one_at_each_place_is_refused() {
    assert_refused(
        "#define TEXT(x) #x\n#define SHOW(x) TEXT(x)\n#define HERE __FILE__ \":\" SHOW(__LINE__)\n#define LINE __LINE__\n#define LATER (__LINE__ + 1)\n\
         #define WHEN __DATE__ \" \" __TIME__\n#define NEXT __COUNTER__\n#define DEBUG \"#line \" SHOW(__LINE__)\n\
         #define AT __builtin_LINE()\nint f(void);\n",
        &["HERE", "LINE", "LATER", "WHEN", "NEXT", "DEBUG", "AT"].map(|name| (name, "another one at each place, or time, of its use")),
    );
    // What is no constant anyway, and what only sounds like one of them.
    let survey =
        survey("#define LOG do { log(__FILE__, __LINE__); } while (0)\n#define __LINE__NUMBER 3\n#define N __LINE__NUMBER\nint f(void);\n");
    assert_eq!(survey.constants.refused, []);
}

#[test]
fn a_struct_without_a_tag_has_the_alignment_of_its_typedef() {
    assert_bound(
        "typedef struct { char bytes[16]; int *cif, *fun; } closure __attribute__((aligned(8)));\n\
         typedef struct { closure c; int n; } holder;\n\
         struct tagged { int a; } __attribute__((aligned(16)));\n\
         int f(closure *, holder *, struct tagged *);\n",
        &[
            "#[layout(size = 24, align = 8, explicit)]\n        pub struct closure {",
            "#[layout(size = 32, align = 8)]\n        pub struct holder {",
            "#[layout(size = 16, align = 16, explicit)]\n        pub struct tagged {",
        ],
    );
    // Less, and more than the size is a multiple of.
    assert_bound(
        "typedef struct { int a; } low __attribute__((aligned(2)));\nint f(low *);\n",
        &["#[layout(size = 4, align = 2, explicit)]\n        pub struct low {"],
    );
    assert_refused(
        "typedef struct { int a; } odd __attribute__((aligned(16)));\nint f(odd *);\n",
        &[("odd", "the C compiler has 4 bytes for it, aligned at 16")],
    );
}

#[test]
fn a_struct_without_a_tag_behind_a_pointer_an_array_or_a_variable_has_its_fields() {
    assert_bound(
        "typedef struct { int a; struct { short b; } inner; } *handle;\ntypedef union { float f; int i; } pair[2];\n\
         extern struct { char c; double d; } config;\nextern struct { int e; } *list[3];\nint f(handle, pair);\n",
        &[
            "pub type handle = *mut handle_target;",
            "pub struct handle_target {\n            #[offset(0)] pub a: c_int,\n            #[offset(4)] pub inner: handle_target_inner,",
            "pub type pair = [pair_target; 2];",
            "pub union pair_target {",
            "pub static config: config_type;",
            "#[offset(8)] pub d: f64,",
            "pub static list: [*mut list_type; 3];",
            "pub struct list_type {\n            #[offset(0)] pub e: c_int,",
        ],
    );
}

#[test]
fn enumerators_of_unnamed_enums_are_those_of_the_librarys_own_headers() {
    let header = "#include <netinet/tcp.h>\nenum { _FIRST, SECOND = 7,\n  // one more\n  _THIRD };\nenum { A_ = _FIRST, __B };\n\
                  int f(int _THIRD, int TCP_ESTABLISHED_);\n";
    let project = Project::new(&[("x.h", header)]);
    let survey = project.library("x").header("x.h").allow_function(".*").survey().unwrap();
    assert_eq!(survey.constants.bound, ["_FIRST", "SECOND", "_THIRD", "A_", "__B"]);
    let survey = project.library("x").header("x.h").allow_function(".*").allow_var("TCP_ESTABLISHED").survey().unwrap();
    assert_eq!(survey.constants.bound, ["TCP_ESTABLISHED"]);
}

#[test]
fn results_that_are_pointers_to_pointers_to_functions_are_bound_without_their_parameters() {
    let header = "#include <stddef.h>\nvoid *(**f(const char *const *a, int b))(size_t);\nint (*g(short))(long long);\n\
                  extern double (***(*h)(int))(float);\ntypedef int (**(*t)(char))(short);\n";
    assert_bound(
        header,
        &[
            "pub fn f(a: *const *const c_char, b: c_int) -> *mut Option<unsafe extern \"C\" fn(...)>;",
            "pub fn g(_: c_short) -> Option<unsafe extern \"C\" fn(...)>;",
            "pub static h: Option<unsafe extern \"C\" fn(...)>;",
            "pub type t = Option<unsafe extern \"C\" fn(...)>;",
        ],
    );
}

#[test]
fn a_refused_type_is_shown_as_the_header_has_it() {
    assert_refused(
        "typedef unsigned size;\nvoid trace(size n, double m[n][n]);\n",
        &[("trace", "the C compiler has it as `void (size, double (*)[n])`, with an array of variable length")],
    );
}
