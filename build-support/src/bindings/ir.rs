//! C declarations as bindgen reports them, for the guest's ABI.

use std::collections::HashMap;
use std::path::PathBuf;

use crate::bindings::read::STATIC;
use crate::check::Wasm;

/// An arithmetic type, by its name in the input language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Scalar {
    pub(crate) name: &'static str,
    /// Bytes; the alignment is the same.
    pub(crate) size: u64,
    pub(crate) kind: ScalarKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ScalarKind {
    Signed,
    Unsigned,
    Float,
}

use ScalarKind::{Float, Signed, Unsigned};

/// Every scalar of the input language that bindgen writes: ILP32, `char` is signed.
const SCALARS: [(&str, u64, ScalarKind); 25] = [
    ("c_char", 1, Signed),
    ("c_schar", 1, Signed),
    ("c_uchar", 1, Unsigned),
    ("c_short", 2, Signed),
    ("c_ushort", 2, Unsigned),
    ("c_int", 4, Signed),
    ("c_uint", 4, Unsigned),
    ("c_long", 4, Signed),
    ("c_ulong", 4, Unsigned),
    ("c_longlong", 8, Signed),
    ("c_ulonglong", 8, Unsigned),
    ("c_float", 4, Float),
    ("c_double", 8, Float),
    ("i8", 1, Signed),
    ("u8", 1, Unsigned),
    ("i16", 2, Signed),
    ("u16", 2, Unsigned),
    ("i32", 4, Signed),
    ("u32", 4, Unsigned),
    ("i64", 8, Signed),
    ("u64", 8, Unsigned),
    ("isize", 4, Signed),
    ("usize", 4, Unsigned),
    ("f32", 4, Float),
    ("f64", 8, Float),
];

impl Scalar {
    pub(crate) fn of_name(name: &str) -> Option<Self> {
        SCALARS.iter().find(|(known, _, _)| *known == name).map(|&(name, size, kind)| Self { name, size, kind })
    }

    /// The Rust primitive, which an enum's `repr` wants.
    pub(crate) fn primitive(self) -> &'static str {
        match (self.kind, self.size) {
            (Signed, 1) => "i8",
            (Signed, 2) => "i16",
            (Signed, 4) => "i32",
            (Signed, _) => "i64",
            (Unsigned, 1) => "u8",
            (Unsigned, 2) => "u16",
            (Unsigned, 4) => "u32",
            (Unsigned, _) => "u64",
            (Float, 4) => "f32",
            (Float, _) => "f64",
        }
    }

    pub(crate) fn wasm(self) -> Wasm {
        match (self.kind, self.size) {
            (Float, 4) => Wasm::F32,
            (Float, _) => Wasm::F64,
            (_, 8) => Wasm::I64,
            _ => Wasm::I32,
        }
    }
}

/// A C type.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Ty {
    Void,
    Bool,
    Scalar(Scalar),
    Pointer {
        to: Box<Ty>,
        constant: bool,
    },
    Function(Box<FnTy>),
    Array(Box<Ty>, u64),
    /// A record, an enum or a typedef.
    Named(String),
    /// What the language has no word for: "`long double`", …
    Unsupported(String),
}

/// The type of a function.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FnTy {
    pub(crate) params: Vec<(Option<String>, Ty)>,
    pub(crate) result: Ty,
    pub(crate) noreturn: bool,
    pub(crate) variadic: bool,
}

/// A struct or a union.
#[derive(Debug, Clone, Default)]
pub(crate) struct Record {
    pub(crate) name: String,
    /// The tag or typedef name in C; `None` if it has none of its own.
    pub(crate) c_name: Option<String>,
    pub(crate) doc: Option<String>,
    pub(crate) union: bool,
    /// Declared but not defined.
    pub(crate) incomplete: bool,
    pub(crate) fields: Vec<Field>,
    pub(crate) size: Option<u64>,
    pub(crate) align: Option<u64>,
    /// bindgen made its name up, since it has none in C.
    pub(crate) made_up: bool,
    /// Why bindgen's fields are not the whole truth.
    pub(crate) problem: Option<String>,
}

#[derive(Debug, Clone)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) doc: Option<String>,
    /// The element's type of a flexible array.
    pub(crate) ty: Ty,
    pub(crate) kind: FieldKind,
    /// Bytes from the start of the record. bindgen knows it of fields with a name; the others are measured. Of a bit-field it is where
    /// its first bit is, if that is known before.
    pub(crate) offset: Option<u64>,
    /// Where a bit-field is, once it is measured.
    pub(crate) bits: Option<Bits>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FieldKind {
    Plain,
    BitField,
    /// `T name[]`, at the end.
    Flexible,
    /// An unnamed union.
    Anonymous,
}

/// Bits from the start of the record, and how many there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bits {
    pub(crate) offset: u64,
    pub(crate) width: u64,
}

impl Field {
    /// Whether C code has no name for it.
    pub(crate) fn unnamed(&self) -> bool {
        self.name.starts_with("__bindgen_anon_")
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Enum {
    pub(crate) name: String,
    pub(crate) doc: Option<String>,
    pub(crate) repr: Scalar,
    pub(crate) variants: Vec<Variant>,
}

#[derive(Debug, Clone)]
pub(crate) struct Variant {
    pub(crate) name: String,
    pub(crate) doc: Option<String>,
    pub(crate) value: i128,
}

#[derive(Debug, Clone)]
pub(crate) struct Alias {
    pub(crate) name: String,
    /// As C spells it: bindgen appends `_` to a typedef that has the name of a Rust type.
    pub(crate) c_name: String,
    pub(crate) doc: Option<String>,
    pub(crate) ty: Ty,
}

#[derive(Debug, Clone)]
pub(crate) enum TypeItem {
    Record(Record),
    Enum(Enum),
    Alias(Alias),
}

impl TypeItem {
    /// Whether it has no name in C.
    pub(crate) fn made_up(&self) -> bool {
        matches!(self, Self::Record(record) if record.made_up)
    }

    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Record(record) => &record.name,
            Self::Enum(enumeration) => &enumeration.name,
            Self::Alias(alias) => &alias.name,
        }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Function {
    pub(crate) name: String,
    /// The symbol, where it is not the name.
    pub(crate) link_name: Option<String>,
    pub(crate) doc: Option<String>,
    pub(crate) ty: FnTy,
    /// Why the compiler does not confirm its type.
    pub(crate) problem: Option<String>,
}

impl Function {
    pub(crate) fn symbol(&self) -> &str {
        self.link_name.as_deref().unwrap_or(&self.name)
    }

    /// Says whether the function is `static` in its header, so that the symbol has to be made.
    pub(crate) fn is_static(&self) -> bool {
        self.symbol().strip_suffix(STATIC) == Some(&self.name)
    }
}

/// A global variable.
#[derive(Debug, Clone)]
pub(crate) struct Variable {
    pub(crate) name: String,
    /// The symbol, where it is not the name.
    pub(crate) link_name: Option<String>,
    pub(crate) doc: Option<String>,
    /// An array of no elements is one whose length C does not say.
    pub(crate) ty: Ty,
    /// Why the compiler does not confirm its type.
    pub(crate) problem: Option<String>,
}

impl Variable {
    pub(crate) fn symbol(&self) -> &str {
        self.link_name.as_deref().unwrap_or(&self.name)
    }

    /// Says whether the variable is `static` in its header, so that the symbol has to be made.
    pub(crate) fn is_static(&self) -> bool {
        self.symbol().strip_suffix(STATIC) == Some(&self.name)
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Const {
    pub(crate) name: String,
    pub(crate) doc: Option<String>,
    pub(crate) value: Value,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    /// A number and its type in the language.
    Int(i128, &'static str),
    /// A number and whether C has it as a `float`.
    Float(f64, bool),
    /// A string literal's tokens and its length in bytes.
    Str(String, usize),
}

/// Everything that the headers declare.
#[derive(Debug, Default)]
pub(crate) struct Declarations {
    pub(crate) types: Vec<TypeItem>,
    pub(crate) functions: Vec<Function>,
    pub(crate) consts: Vec<Const>,
    pub(crate) variables: Vec<Variable>,
    /// Those of the variables that are `const` with a value that bindgen knows: what is a number
    /// becomes a constant.
    pub(crate) const_variables: Vec<String>,
    /// Macros with parameters, which cannot be bound.
    pub(crate) function_macros: Vec<String>,
    /// Constants that cannot be bound, and why.
    pub(crate) refused_consts: Vec<(String, &'static str)>,
    /// C's tags of the types whose tag means something else, too, by the names that they got for
    /// it.
    pub(crate) tags: HashMap<String, String>,
    /// The header of each item, by kind and name.
    pub(crate) files: HashMap<(Kind, String), PathBuf>,
    index: HashMap<String, usize>,
}

/// C has a name space for each of these, nearly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    Type,
    Function,
    Var,
}

impl Kind {
    /// As the builder's methods are called: `.block_type`.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Type => "type",
            Self::Function => "function",
            Self::Var => "var",
        }
    }
}

impl Declarations {
    pub(crate) fn push_type(&mut self, item: TypeItem) {
        self.index.entry(item.name().to_owned()).or_insert(self.types.len());
        self.types.push(item);
    }

    /// Returns how C writes a type that has a tag.
    pub(crate) fn tagged(&self, keyword: &str, name: &str) -> String {
        format!("{keyword} {}", self.tags.get(name).map_or(name, String::as_str))
    }

    /// Looks at the names again, after they were changed.
    pub(crate) fn index_again(&mut self) {
        self.index.clear();
        for (index, item) in self.types.iter().enumerate() {
            self.index.entry(item.name().to_owned()).or_insert(index);
        }
    }

    pub(crate) fn find(&self, name: &str) -> Option<&TypeItem> {
        self.find_with_index(name).map(|(_, item)| item)
    }

    pub(crate) fn find_with_index(&self, name: &str) -> Option<(usize, &TypeItem)> {
        let index = *self.index.get(name)?;
        Some((index, self.types.get(index)?))
    }

    /// Returns the field of a record, each by its place.
    pub(crate) fn field_mut(&mut self, (record, field): (usize, usize)) -> Option<&mut Field> {
        match self.types.get_mut(record)? {
            TypeItem::Record(record) => record.fields.get_mut(field),
            _ => None,
        }
    }

    /// Follows typedefs to what they stand for.
    pub(crate) fn resolve<'a>(&'a self, ty: &'a Ty) -> &'a Ty {
        let mut ty = ty;
        // A chain of typedefs cannot be longer than the typedefs; bindgen never writes a circle.
        for _ in 0..=self.types.len() {
            match ty {
                Ty::Named(name) => match self.find(name) {
                    Some(TypeItem::Alias(alias)) => ty = &alias.ty,
                    _ => return ty,
                },
                _ => return ty,
            }
        }
        ty
    }

    /// Returns the size and alignment of a type in bytes; `None` for what has none.
    pub(crate) fn layout(&self, ty: &Ty) -> Option<(u64, u64)> {
        match self.resolve(ty) {
            Ty::Bool => Some((1, 1)),
            Ty::Scalar(scalar) => Some((scalar.size, scalar.size)),
            Ty::Pointer { .. } | Ty::Function(_) => Some((4, 4)),
            Ty::Array(element, length) => {
                let (size, align) = self.layout(element)?;
                Some((size.checked_mul(*length)?, align))
            }
            Ty::Named(name) => match self.find(name)? {
                TypeItem::Record(record) => Some((record.size?, record.align?)),
                TypeItem::Enum(enumeration) => Some((enumeration.repr.size, enumeration.repr.size)),
                TypeItem::Alias(_) => None,
            },
            Ty::Void | Ty::Unsupported(_) => None,
        }
    }
}

/// Says whether bindgen made the name up, for a type that has none in C.
pub(crate) fn made_up(name: &str) -> bool {
    name.contains("_bindgen_ty_")
}
