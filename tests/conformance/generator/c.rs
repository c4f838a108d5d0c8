//! Writes the C half.

use std::fmt::{Result, Write as _};

use super::kinds::{self, Kind, Shape};
use super::signatures::{PARAMS, Signature};
use super::tables::LENGTH;

/// The leaves of a record are so far apart in their tables.
pub(crate) const STRIDE: usize = 5;

/// What is declared: the types, and for each signature a function, a type of callbacks and a place for one.
pub(crate) fn header(signatures: &[Signature]) -> std::result::Result<String, std::fmt::Error> {
    let mut out = String::from("#pragma once\n#include <stddef.h>\n#include <stdint.h>\n\n");
    for kind in kinds::all().filter(|kind| !kind.body.is_empty()) {
        writeln!(out, "{} {};", kind.c, kind.body)?;
    }
    out.push_str("\n/* Says from where the next call takes its values. */\nvoid begin(unsigned start, unsigned step);\n");
    out.push_str(
        "/* Returns a bit for each argument of that call that was another, and one for the result. */\nunsigned mismatches(void);\n",
    );
    out.push_str("/* A pointer to make others of. */\nchar *origin(void);\n\n");
    for signature in signatures {
        let Signature { name, result, .. } = signature;
        let params = params(signature);
        writeln!(out, "{} {name}({params});", result.c)?;
        writeln!(out, "typedef {} (*{name}_callback)({params});", result.c)?;
    }
    out.push_str("\n/* Of each type one. */\nstruct callbacks {\n");
    for Signature { name, .. } in signatures {
        writeln!(out, "    {name}_callback {name};")?;
    }
    out.push_str("};\nstruct callbacks *callbacks(void);\n/* Calls the one of a signature. */\nvoid call_back(unsigned number);\n");
    Ok(out)
}

fn params(signature: &Signature) -> String {
    let params: Vec<String> = signature.params.iter().enumerate().map(|(index, kind)| format!("{} a{index}", kind.c)).collect();
    if params.is_empty() { "void".to_owned() } else { params.join(", ") }
}

/// The functions: each checks what it is given, and gives what the host checks.
pub(crate) fn source(name: &str, signatures: &[Signature]) -> std::result::Result<String, std::fmt::Error> {
    let mut out = format!("#include \"{name}.h\"\n#include <string.h>\n#include \"tables.h\"\n\n#define LENGTH {LENGTH}\n");
    out.push_str(PRELUDE);
    for kind in kinds::all() {
        helpers(kind, &mut out)?;
    }
    for signature in signatures {
        functions(signature, &mut out)?;
    }
    out.push_str("static void (*const calls[])(void) = {");
    for Signature { name, .. } in signatures {
        write!(out, " {name}_back,")?;
    }
    out.push_str(" };\nvoid call_back(unsigned number) { calls[number](); }\n");
    Ok(out)
}

const PRELUDE: &str = r"
static unsigned start, step, wrong;
void begin(unsigned a, unsigned b) { start = a; step = b; wrong = 0; }
unsigned mismatches(void) { return wrong; }
char *origin(void) { return (char *)1; }
static struct callbacks all;
struct callbacks *callbacks(void) { return &all; }

static unsigned at(unsigned position) { return (start + step * position) % LENGTH; }
static void check(unsigned position, _Bool same) { wrong |= (unsigned)!same << position; }

#define INTEGER(name, type) \
    static type name##_at(unsigned n) { return (type)name##_bits[n % LENGTH]; } \
    static _Bool name##_is(type value, unsigned n) { return value == name##_at(n); }
INTEGER(i8, int8_t)
INTEGER(u8, uint8_t)
INTEGER(i16, int16_t)
INTEGER(u16, uint16_t)
INTEGER(i32, int32_t)
INTEGER(u32, uint32_t)
INTEGER(i64, int64_t)
INTEGER(u64, uint64_t)
INTEGER(bool, _Bool)
INTEGER(pointer, void *)

#define FLOAT(name, type) \
    static type name##_at(unsigned n) { type value; memcpy(&value, &name##_bits[n % LENGTH], sizeof value); return value; } \
    static _Bool name##_is(type value, unsigned n) { return memcmp(&value, &name##_bits[n % LENGTH], sizeof value) == 0; }
FLOAT(f32, float)
FLOAT(f64, double)

";

/// The functions of an enum, struct or union that make and compare a value.
fn helpers(kind: &Kind, out: &mut String) -> Result {
    let (c, tag) = (kind.c, kind.tag());
    let mut made = String::new();
    let mut same = String::from("1");
    match &kind.shape {
        Shape::Scalar(_) | Shape::Void => return Ok(()),
        Shape::Enum(leaf) => {
            let leaf = leaf.name();
            writeln!(out, "static {c} {tag}_at(unsigned n) {{ return ({c}){leaf}_at(n); }}")?;
            return writeln!(out, "static _Bool {tag}_is({c} value, unsigned n) {{ return {leaf}_is(value, n); }}");
        }
        Shape::Struct(leaves) => {
            for (index, (path, leaf)) in leaves.iter().enumerate() {
                let (leaf, by) = (leaf.name(), index * STRIDE);
                write!(made, " value.{path} = {leaf}_at(n + {by});")?;
                write!(same, " & {leaf}_is(value.{path}, n + {by})")?;
            }
        }
        Shape::Union(path, leaf) => {
            write!(made, " value.{path} = {}_at(n);", leaf.name())?;
            write!(same, " & {}_is(value.{path}, n)", leaf.name())?;
        }
    }
    writeln!(out, "static {c} {tag}_at(unsigned n) {{ {c} value;{made} return value; }}")?;
    writeln!(out, "static _Bool {tag}_is({c} value, unsigned n) {{ return {same}; }}")
}

fn functions(signature: &Signature, out: &mut String) -> Result {
    let Signature { name, params: kinds, result, .. } = signature;
    let (mut checks, mut args) = (String::new(), Vec::new());
    for (index, kind) in kinds.iter().enumerate() {
        let helper = helper(kind);
        write!(checks, " check({index}, {helper}_is(a{index}, at({index})));")?;
        args.push(format!("{helper}_at(at({index}))"));
    }
    let (params, call) = (params(signature), format!("all.{name}({})", args.join(", ")));
    if matches!(result.shape, Shape::Void) {
        writeln!(out, "void {name}({params}) {{{checks} }}")?;
        writeln!(out, "static void {name}_back(void) {{ {call}; }}")
    } else {
        let helper = helper(result);
        writeln!(out, "{} {name}({params}) {{{checks} return {helper}_at(at({PARAMS})); }}", result.c)?;
        writeln!(out, "static void {name}_back(void) {{ check({PARAMS}, {helper}_is({call}, at({PARAMS}))); }}")
    }
}

/// What the functions of a kind are called after.
fn helper(kind: &Kind) -> &'static str {
    match kind.shape {
        Shape::Scalar(leaf) => leaf.name(),
        _ => kind.tag(),
    }
}
