//! SIMD by default does no harm: without an instruction for shuffles, the compiler makes none of
//! ordinary loops.

use wasmparser::{Operator, Parser, Payload};

use crate::Project;

/// The loop of which each vector takes shuffles, and code that asks for one.
const SOURCES: [(&str, &str); 4] = [
    (
        "mix.c",
        "void mix(const float *restrict in, float *restrict out, int n) {\n\
         for (int i = 0; i < n; i++) out[i] = in[2 * i] * 0.5f + in[2 * i + 1] * 0.25f;\n}\n\
         void four(const float *in, float *out) { out[0] = in[1]; out[1] = in[0]; out[2] = in[3]; out[3] = in[2]; }\n",
    ),
    ("mix.h", "void mix(const float *restrict in, float *restrict out, int n);\nvoid four(const float *in, float *out);\n"),
    (
        "hand.c",
        "#include <wasm_simd128.h>\n#include \"hand.h\"\n\
         void swap(int *p) { wasm_v128_store(p, wasm_i32x4_shuffle(wasm_v128_load(p), wasm_v128_load(p), 1, 0, 3, 2)); }\n",
    ),
    ("hand.h", "void swap(int *p);\n"),
];

/// Returns how many shuffles there are in a module.
fn shuffles(name: &str, flags: &[&str]) -> usize {
    shuffles_in(&Project::new(&SOURCES), name, flags)
}

fn shuffles_in(project: &Project, name: &str, flags: &[&str]) -> usize {
    let mut library = project.library("x");
    // Whatever the processor of this build: the target's own features are those of each of its
    // architecture.
    library.target("x86_64-unknown-linux-gnu").file(format!("{name}.c")).header(format!("{name}.h")).allow_function(".*");
    for flag in flags {
        library.flag(*flag);
    }
    let module = std::fs::read(library.try_compile().unwrap_or_else(|error| panic!("{error}")).wasm()).unwrap();
    let mut found = 0;
    for payload in Parser::new(0).parse_all(&module) {
        if let Payload::CodeSectionEntry(body) = payload.unwrap() {
            let mut operators = body.get_operators_reader().unwrap();
            while !operators.eof() {
                found += usize::from(matches!(operators.read().unwrap(), Operator::I8x16Shuffle { .. }));
            }
        }
    }
    found
}

#[test]
fn ordinary_loops_have_no_shuffle_by_default() {
    assert_eq!(shuffles("mix", &[]), 0);
    assert!(shuffles("mix", &["-fvectorize"]) > 0);
}

#[test]
fn code_that_asks_for_simd_gets_it() {
    assert_eq!(shuffles("hand", &[]), 1);
}

#[test]
fn loops_of_every_shape_have_none() {
    let floats = "void g(const float *restrict in, float *restrict out, int n)";
    let bytes = "void g(const unsigned char *restrict in, unsigned char *restrict out, int n)";
    for (declaration, body) in [
        (bytes, "for (int i = 0; i < n; i++) out[i] = (in[2 * i] + in[2 * i + 1]) / 2;"),
        (bytes, "for (int i = 0; i < n; i++) out[i] = (in[3 * i] * 77 + in[3 * i + 1] * 150 + in[3 * i + 2] * 29) >> 8;"),
        (floats, "for (int i = 0; i < n; i++) out[i] = in[n - 1 - i];"),
        (floats, "for (int i = 0; i < n; i++) { out[2 * i] = in[2 * i + 1]; out[2 * i + 1] = 2 * in[2 * i]; }"),
        (
            "void g(const unsigned *restrict in, unsigned *restrict out, int n)",
            "for (int i = 0; i < n; i++) out[i] = __builtin_bswap32(in[i]);",
        ),
        ("int g(const short *in, int n)", "int s = 0; for (int i = 0; i < n; i++) s += in[i]; return s;"),
        // No loop at all.
        (floats, "out[0] = in[3] + 1; out[1] = in[2] + 1; out[2] = in[1] + 1; out[3] = in[0] + n;"),
    ] {
        let project =
            || Project::new(&[("g.h", &format!("{declaration};\n")), ("g.c", &format!("#include \"g.h\"\n{declaration} {{ {body} }}\n"))]);
        assert_eq!(shuffles_in(&project(), "g", &[]), 0, "{body}");
        assert!(shuffles_in(&project(), "g", &["-fvectorize", "-fslp-vectorize"]) > 0, "{body}");
    }
}
