//! The tree of one invocation.
//!
//! It exists in two stages, which differ in how a type is held: the parser leaves types as the user wrote them
//! (`T = syn::Type`), the checks resolve them (`T =` [`Type`]). The user's tokens stay, for their spans.

use std::rc::Rc;

use proc_macro2::{Ident, Span, TokenStream};
use syn::{Expr, LitInt, LitStr, Visibility};

use crate::diag::Kind;
use crate::names::Name;

/// `#[metering(interrupts, fuel)]`: what the machine code checks while it runs.
#[derive(Clone, Copy, Default)]
pub(crate) struct Metering {
    pub(crate) interrupts: bool,
    pub(crate) fuel: bool,
}

/// `#[precompiled(unsafe(EXPR))]`: the machine code, and who vouches for it.
pub(crate) struct Precompiled {
    pub(crate) bytes: Expr,
    /// The word `unsafe`, where a person wrote it. What the build has made, its `OUT_DIR` vouches
    /// for: it can do in the build script whatever its machine code could do.
    pub(crate) vouched: Option<Span>,
}

/// `#[precompiled(unsafe(…))] pub mod name { items }`
pub(crate) struct Library<T> {
    pub(crate) docs: Docs,
    pub(crate) vis: Visibility,
    pub(crate) name: Name,
    /// What `#[precompiled(unsafe(…))]` says, if it is there.
    pub(crate) precompiled: Option<Precompiled>,
    /// What `#[metering(…)]` says, if it is there.
    pub(crate) metering: Option<Metering>,
    /// The expression in `#[lines(…)]`.
    pub(crate) lines: Option<Expr>,
    pub(crate) items: Vec<Item<T>>,
}

/// The values of the `#[doc = …]` attributes.
pub(crate) type Docs = Vec<TokenStream>;

pub(crate) enum Item<T> {
    Const(Const<T>),
    Alias(Alias<T>),
    Opaque(Opaque),
    Struct(Struct<T>),
    Enum(Enum),
    Function(Function<T>),
    Global(Global<T>),
}

/// `pub const NAME: T = value;`
pub(crate) struct Const<T> {
    pub(crate) docs: Docs,
    pub(crate) vis: Visibility,
    pub(crate) name: Name,
    pub(crate) ty: T,
    pub(crate) value: Expr,
}

/// `pub type name = T;`
pub(crate) struct Alias<T> {
    pub(crate) docs: Docs,
    pub(crate) vis: Visibility,
    pub(crate) name: Name,
    pub(crate) ty: T,
}

/// `pub struct name;`
pub(crate) struct Opaque {
    pub(crate) docs: Docs,
    pub(crate) vis: Visibility,
    pub(crate) name: Name,
}

/// `#[layout(…)] pub struct name { fields }`, or a `union`.
pub(crate) struct Struct<T> {
    pub(crate) docs: Docs,
    pub(crate) vis: Visibility,
    pub(crate) name: Name,
    /// Its members share their bytes.
    pub(crate) union: bool,
    pub(crate) layout: Option<Layout>,
    pub(crate) fields: Vec<Field<T>>,
}

/// `#[layout(size = …, align = …)]`: what the C compiler says, in bytes.
pub(crate) struct Layout {
    pub(crate) size: LitInt,
    pub(crate) align: LitInt,
    /// The offsets are not those that follow from the fields, but those that are written there.
    pub(crate) explicit: bool,
}

/// `#[offset(…)] pub name: T`
pub(crate) struct Field<T> {
    pub(crate) docs: Docs,
    pub(crate) vis: Visibility,
    pub(crate) name: Name,
    pub(crate) offset: Option<LitInt>,
    pub(crate) bits: Option<Bits>,
    /// C has no name for it: its members are the outer struct's.
    pub(crate) anonymous: bool,
    /// `[T]`: a flexible array member, of which `ty` is the element.
    pub(crate) flexible: bool,
    pub(crate) ty: T,
}

/// `#[bits(offset = …, width = …)]`: a bit-field, in bits from the start of its struct.
pub(crate) struct Bits {
    pub(crate) offset: LitInt,
    pub(crate) width: LitInt,
}

impl<T> Struct<T> {
    /// The layout, if the offsets are taken from the declaration.
    pub(crate) fn explicit(&self) -> Option<&Layout> {
        self.layout.as_ref().filter(|layout| layout.explicit)
    }

    pub(crate) fn kind(&self) -> Kind {
        if self.union { Kind::Union } else { Kind::Struct }
    }
}

/// `pub static name: T;`
pub(crate) struct Global<T> {
    pub(crate) docs: Docs,
    pub(crate) vis: Visibility,
    pub(crate) name: Name,
    /// The Wasm export, where it differs from the C name.
    pub(crate) link_name: Option<LitStr>,
    /// `T`, or of an array of unknown length the element.
    pub(crate) ty: T,
}

/// `#[repr(u32)] pub enum name { constants }`
pub(crate) struct Enum {
    pub(crate) docs: Docs,
    pub(crate) vis: Visibility,
    pub(crate) name: Name,
    pub(crate) repr: Scalar,
    /// The user's token for `repr`.
    pub(crate) repr_span: Span,
    pub(crate) constants: Vec<EnumConstant>,
}

pub(crate) struct EnumConstant {
    pub(crate) docs: Docs,
    pub(crate) name: Name,
    pub(crate) value: Option<Expr>,
    /// Set by the checks: the value, counted on from the one before where C gives none.
    pub(crate) number: i128,
}

/// `pub fn name(params) -> output;`
pub(crate) struct Function<T> {
    pub(crate) docs: Docs,
    pub(crate) vis: Visibility,
    pub(crate) name: Name,
    /// The Wasm export, where it differs from the C name.
    pub(crate) link_name: Option<LitStr>,
    pub(crate) params: Vec<Param<T>>,
    /// It takes further arguments: C's `...`.
    pub(crate) variadic: bool,
    pub(crate) output: Output<T>,
}

pub(crate) struct Param<T> {
    /// `None` for `_` and where C names no parameter.
    pub(crate) name: Option<Name>,
    pub(crate) ty: T,
}

pub(crate) enum Output<T> {
    Void,
    /// `-> !`: the checks make it out of `Value`.
    Never,
    Value(T),
}

/// A resolved type, with the span of the user's token.
#[derive(Clone, Debug)]
pub(crate) struct Type {
    pub(crate) span: Span,
    pub(crate) kind: TypeKind,
}

#[derive(Clone, Debug)]
pub(crate) enum TypeKind {
    Scalar(Scalar),
    /// C's `_Bool`.
    Bool,
    /// `c_void`, behind a pointer.
    Void,
    /// `&CStr`: only constants have it.
    CStr,
    Pointer(Rc<Type>),
    Function(Rc<FnType>),
    Array(Rc<Type>, u32),
    Opaque(Ident),
    Struct(Ident),
    Union(Ident),
    Enum(Ident, Scalar),
    /// A typedef of the module and what it stands for.
    Alias(Ident, Rc<Type>),
}

/// The signature behind a function pointer.
#[derive(Debug)]
pub(crate) struct FnType {
    pub(crate) params: Vec<Type>,
    pub(crate) variadic: bool,
    pub(crate) output: Option<Type>,
}

impl Type {
    /// The type with typedefs at its top removed.
    pub(crate) fn target(&self) -> &Type {
        let mut ty = self;
        while let TypeKind::Alias(_, target) = &ty.kind {
            ty = target;
        }
        ty
    }
}

/// Numbers of the guest's C, by their Rust primitive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scalar {
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
}

impl Scalar {
    /// What a type name means in the guest's C: ILP32, `char` is signed.
    pub(crate) fn of_name(name: &str) -> Option<Self> {
        Some(match name {
            "i8" | "c_char" | "c_schar" => Scalar::I8,
            "u8" | "c_uchar" => Scalar::U8,
            "i16" | "c_short" => Scalar::I16,
            "u16" | "c_ushort" => Scalar::U16,
            "i32" | "c_int" | "c_long" | "isize" | "ssize_t" | "ptrdiff_t" | "intptr_t" => Scalar::I32,
            "u32" | "c_uint" | "c_ulong" | "usize" | "size_t" | "uintptr_t" => Scalar::U32,
            "i64" | "c_longlong" => Scalar::I64,
            "u64" | "c_ulonglong" => Scalar::U64,
            "f32" | "c_float" => Scalar::F32,
            "f64" | "c_double" => Scalar::F64,
            _ => return None,
        })
    }

    /// The Rust primitive.
    pub(crate) fn primitive(self) -> &'static str {
        match self {
            Scalar::I8 => "i8",
            Scalar::U8 => "u8",
            Scalar::I16 => "i16",
            Scalar::U16 => "u16",
            Scalar::I32 => "i32",
            Scalar::U32 => "u32",
            Scalar::I64 => "i64",
            Scalar::U64 => "u64",
            Scalar::F32 => "f32",
            Scalar::F64 => "f64",
        }
    }

    /// How many bits it has.
    pub(crate) fn bits(self) -> u64 {
        match self {
            Scalar::I8 | Scalar::U8 => 8,
            Scalar::I16 | Scalar::U16 => 16,
            Scalar::I32 | Scalar::U32 | Scalar::F32 => 32,
            Scalar::I64 | Scalar::U64 | Scalar::F64 => 64,
        }
    }

    /// The smallest and largest value of an integer; `None` for a float.
    pub(crate) fn range(self) -> Option<(i128, i128)> {
        Some(match self {
            Scalar::I8 => (i8::MIN.into(), i8::MAX.into()),
            Scalar::U8 => (0, u8::MAX.into()),
            Scalar::I16 => (i16::MIN.into(), i16::MAX.into()),
            Scalar::U16 => (0, u16::MAX.into()),
            Scalar::I32 => (i32::MIN.into(), i32::MAX.into()),
            Scalar::U32 => (0, u32::MAX.into()),
            Scalar::I64 => (i64::MIN.into(), i64::MAX.into()),
            Scalar::U64 => (0, u64::MAX.into()),
            Scalar::F32 | Scalar::F64 => return None,
        })
    }
}
