//! The kinds of parameters and results.

/// What a leaf is: a value that is no struct or union. Each has a table of values.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Leaf {
    I8,
    U8,
    I16,
    U16,
    I32,
    U32,
    I64,
    U64,
    F32,
    F64,
    Bool,
    Pointer,
}

impl Leaf {
    /// The name of its functions in C.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::I8 => "i8",
            Self::U8 => "u8",
            Self::I16 => "i16",
            Self::U16 => "u16",
            Self::I32 => "i32",
            Self::U32 => "u32",
            Self::I64 => "i64",
            Self::U64 => "u64",
            Self::F32 => "f32",
            Self::F64 => "f64",
            Self::Bool => "bool",
            Self::Pointer => "pointer",
        }
    }
}

/// A type of C.
pub(crate) struct Kind {
    /// How C spells it.
    pub(crate) c: &'static str,
    /// What is between the braces, and behind them.
    pub(crate) body: &'static str,
    pub(crate) shape: Shape,
}

pub(crate) enum Shape {
    Scalar(Leaf),
    /// Its integer type.
    Enum(Leaf),
    /// A path to each leaf, which C and Rust spell alike.
    Struct(&'static [(&'static str, Leaf)]),
    /// One member.
    Union(&'static str, Leaf),
    Void,
}

impl Kind {
    /// The tag, which is the name in Rust.
    pub(crate) fn tag(&self) -> &'static str {
        self.c.split_once(' ').map_or(self.c, |(_, tag)| tag)
    }

    /// Whether C passes nothing for it.
    pub(crate) fn is_nothing(&self) -> bool {
        matches!(self.shape, Shape::Struct([]) | Shape::Void)
    }

    const fn scalar(c: &'static str, leaf: Leaf) -> Self {
        Self { c, body: "", shape: Shape::Scalar(leaf) }
    }

    const fn new(c: &'static str, body: &'static str, shape: Shape) -> Self {
        Self { c, body, shape }
    }
}

use Leaf::{Bool, F32, F64, I8, I16, I32, I64, Pointer, U8, U16, U32, U64};
use Shape::{Enum, Struct, Union};

/// No result.
pub(crate) static VOID: Kind = Kind::new("void", "", Shape::Void);

/// One of each: every number of parameters has them in every position.
pub(crate) static KINDS: [Kind; 27] = [
    Kind::scalar("signed char", I8),
    Kind::scalar("unsigned char", U8),
    Kind::scalar("short", I16),
    Kind::scalar("unsigned short", U16),
    Kind::scalar("int", I32),
    Kind::scalar("unsigned", U32),
    Kind::scalar("long long", I64),
    Kind::scalar("unsigned long long", U64),
    Kind::scalar("float", F32),
    Kind::scalar("double", F64),
    Kind::scalar("_Bool", Bool),
    Kind::scalar("void *", Pointer),
    Kind::new("enum direction", "{ LEFT = -1, STRAIGHT, RIGHT }", Enum(I32)),
    Kind::new("enum small", "{ OFF, ON, MANY = 200 } __attribute__((packed))", Enum(U8)),
    // Passed as nothing.
    Kind::new("struct empty", "{ }", Struct(&[])),
    // Passed as their only scalar.
    Kind::new("struct one_char", "{ signed char c; }", Struct(&[("c", I8)])),
    Kind::new("struct one_float", "{ float f; }", Struct(&[("f", F32)])),
    Kind::new("struct one_wide", "{ int64_t w; }", Struct(&[("w", I64)])),
    Kind::new("struct nested", "{ struct { struct { double d; } inner; } outer; }", Struct(&[("outer.inner.d", F64)])),
    Kind::new("struct with_empty", "{ struct empty e[3]; float f; struct empty last; }", Struct(&[("f", F32)])),
    Kind::new("union one", "{ uint64_t wide; }", Union("wide", U64)),
    // Passed as pointers.
    Kind::new("struct padded", "{ char c; } __attribute__((aligned(8)))", Struct(&[("c", I8)])),
    Kind::new("struct over", "{ double d; } __attribute__((aligned(64)))", Struct(&[("d", F64)])),
    Kind::new("struct pair", "{ int a; int b; }", Struct(&[("a", I32), ("b", I32)])),
    Kind::new(
        "struct mixed",
        "{ int64_t wide; double real; float small; uint8_t bytes[2]; _Bool flag; void *pointer; }",
        Struct(&[("wide", I64), ("real", F64), ("small", F32), ("bytes[0]", U8), ("bytes[1]", U8), ("flag", Bool), ("pointer", Pointer)]),
    ),
    Kind::new(
        "struct large",
        "{ short head; double grid[2][2]; struct pair inner; unsigned tail[40]; }",
        Struct(&[("head", I16), ("grid[0][1]", F64), ("grid[1][0]", F64), ("inner.b", I32), ("tail[0]", U32), ("tail[39]", U32)]),
    ),
    Kind::new("union either", "{ int64_t wide; double real; }", Union("real", F64)),
];

/// More of them, in random signatures only; some are other spellings, of types that differ from those of the host.
pub(crate) static OTHERS: [Kind; 10] = [
    Kind::scalar("char", I8),
    Kind::scalar("long", I32),
    Kind::scalar("unsigned long", U32),
    Kind::scalar("size_t", U32),
    Kind::scalar("struct pair *", Pointer),
    Kind::new("struct one_short", "{ unsigned short s; }", Struct(&[("s", U16)])),
    Kind::new("struct one_bool", "{ _Bool b; }", Struct(&[("b", Bool)])),
    Kind::new("struct one_pointer", "{ const char *p; }", Struct(&[("p", Pointer)])),
    Kind::new("struct array", "{ struct one_char values[1]; }", Struct(&[("values[0].c", I8)])),
    Kind::new("enum wide", "{ NEAR, FAR = 1ULL << 40 }", Enum(U64)),
];

/// All of them.
pub(crate) fn all() -> impl Iterator<Item = &'static Kind> {
    KINDS.iter().chain(&OTHERS)
}
