//! How Wasm passes C values: the C ABI of the Wasm tool conventions (`BasicCABI.md`), as clang has it.

use crate::bindings::ir::{Declarations, FieldKind, FnTy, Record, Ty, TypeItem};
use crate::check::{Signature, Wasm};

/// What stands for a C value among Wasm's.
#[derive(Clone, Copy)]
enum Passed {
    /// Nothing: a record without fields.
    Nothing,
    /// A value, and the size in bytes of the scalar that it is.
    Scalar(Wasm, u64),
    /// A pointer to it.
    Pointer,
}

impl Declarations {
    /// Returns how Wasm passes a function's values.
    pub(crate) fn signature(&self, ty: &FnTy) -> Signature {
        let (mut params, mut result) = (Vec::new(), None);
        match self.passed(&ty.result) {
            Passed::Nothing => {}
            Passed::Scalar(wasm, _) => result = Some(wasm),
            Passed::Pointer => params.push(Wasm::I32),
        }
        for (_, param) in &ty.params {
            match self.passed(param) {
                Passed::Nothing => {}
                Passed::Scalar(wasm, _) => params.push(wasm),
                Passed::Pointer => params.push(Wasm::I32),
            }
        }
        if ty.variadic {
            params.push(Wasm::I32);
        }
        Signature { params, result }
    }

    fn passed(&self, ty: &Ty) -> Passed {
        match self.resolve(ty) {
            Ty::Void | Ty::Unsupported(_) => Passed::Nothing,
            Ty::Bool => Passed::Scalar(Wasm::I32, 1),
            Ty::Pointer { .. } | Ty::Function(_) => Passed::Scalar(Wasm::I32, 4),
            Ty::Scalar(scalar) => Passed::Scalar(scalar.wasm(), scalar.size),
            Ty::Array(element, length) => match self.passed(element) {
                Passed::Nothing => Passed::Nothing,
                part if *length == 1 => part,
                _ => Passed::Pointer,
            },
            Ty::Named(name) => match self.find(name) {
                Some(TypeItem::Enum(enumeration)) => Passed::Scalar(enumeration.repr.wasm(), enumeration.repr.size),
                Some(TypeItem::Record(record)) => self.passed_record(record),
                _ => Passed::Pointer,
            },
        }
    }

    /// A record with one scalar, and no padding, is passed as that.
    fn passed_record(&self, record: &Record) -> Passed {
        if record.fields.iter().any(|field| field.kind == FieldKind::Flexible) {
            return Passed::Pointer;
        }
        let mut parts = record.fields.iter().map(|field| self.passed(&field.ty)).filter(|part| !matches!(part, Passed::Nothing));
        match (parts.next(), parts.next()) {
            (None, _) => Passed::Nothing,
            (Some(Passed::Scalar(wasm, size)), None) if record.size == Some(size) => Passed::Scalar(wasm, size),
            _ => Passed::Pointer,
        }
    }
}
