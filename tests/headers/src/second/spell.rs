//! Writes types and numbers of the bindings as C.

use std::collections::HashMap;

use super::read::{Bound, Function, Ty};

/// Writes types as C.
pub(crate) struct Spell<'a> {
    pub(crate) bound: &'a Bound,
    pub(crate) spellings: &'a HashMap<String, String>,
}

impl Spell<'_> {
    pub(crate) fn ty(&self, ty: &Ty) -> Option<String> {
        Some(match ty {
            Ty::Named(_) if let function @ Ty::Function(_) = self.bound.resolve(ty) => self.ty(function)?,
            Ty::Named(name) => match self.spellings.get(name) {
                Some(spelling) => spelling.clone(),
                None if self.bound.records.iter().any(|record| record.name == *name) => return None,
                None => scalar(name)?.to_owned(),
            },
            Ty::Pointer(to, true) => format!("__typeof__(const {} *)", self.ty(to)?),
            Ty::Pointer(to, _) => format!("__typeof__({} *)", self.ty(to)?),
            Ty::Array(element, Some(length)) => format!("__typeof__({}[{length}])", self.ty(element)?),
            Ty::Array(element, None) => format!("__typeof__({}[])", self.ty(element)?),
            Ty::Function(function) => format!("__typeof__({} *)", self.function(function)?),
        })
    }

    /// Writes something of a type; of a function pointer whose type is not known, a null pointer.
    pub(crate) fn argument(&self, ty: &Ty) -> Option<String> {
        match self.ty(ty) {
            Some(ty) => Some(format!("*({ty} *)0")),
            None => matches!(self.bound.resolve(ty), Ty::Function(_)).then(|| "(void *)0".to_owned()),
        }
    }

    fn function(&self, function: &Function) -> Option<String> {
        let [plain, _] = self.functions(function)?;
        Some(plain)
    }

    /// Writes the type of a function, and the same with a result that is `const`.
    pub(crate) fn functions(&self, function: &Function) -> Option<[String; 2]> {
        let mut params = function.params.iter().map(|param| self.ty(param)).collect::<Option<Vec<String>>>()?;
        match (params.is_empty(), function.variadic) {
            (true, true) => return None,
            (true, false) => params.push("void".to_owned()),
            (false, true) => params.push("...".to_owned()),
            (false, false) => {}
        }
        let result = function.result.as_ref().map_or(Some("void".to_owned()), |result| self.ty(result))?;
        Some(["", "const "].map(|constant| format!("__typeof__({constant}{result} ({}))", params.join(", "))))
    }
}

/// Returns C's name of a scalar.
pub(crate) fn scalar(name: &str) -> Option<&'static str> {
    Some(match name {
        "c_void" => "void",
        "bool" => "_Bool",
        "c_char" => "char",
        "c_schar" | "i8" => "signed char",
        "c_uchar" | "u8" => "unsigned char",
        "c_short" | "i16" => "short",
        "c_ushort" | "u16" => "unsigned short",
        "c_int" | "i32" => "int",
        "c_uint" | "u32" => "unsigned int",
        "c_long" | "isize" => "long",
        "c_ulong" | "usize" => "unsigned long",
        "c_longlong" | "i64" => "long long",
        "c_ulonglong" | "u64" => "unsigned long long",
        "c_float" | "f32" => "float",
        "c_double" | "f64" => "double",
        _ => return None,
    })
}

/// Writes a number as C.
pub(crate) fn literal(value: &str) -> String {
    match value {
        "true" => "1".to_owned(),
        "false" => "0".to_owned(),
        "-9223372036854775808" => "(-9223372036854775807LL - 1)".to_owned(),
        _ if value.contains(['.', 'e']) => format!("({value})"),
        _ if value.parse::<i64>().is_ok() => format!("({value}LL)"),
        _ => format!("({value}ULL)"),
    }
}
