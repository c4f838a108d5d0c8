//! What the input language cannot express, and why.

use crate::bindings::ir::{Declarations, FieldKind, FnTy, Record, Ty, TypeItem};

/// The number of parameters that the runtime has calls for.
const MAX_PARAMS: usize = 32;

/// As large as a struct may be that is read and written by value, in bytes of the host: it lies on the host's stack. The runtime has the same limit.
const MAX_VALUE: u64 = 128 << 10;

impl Declarations {
    /// Says why a function cannot be bound.
    pub(crate) fn function_problem(&self, ty: &FnTy) -> Option<String> {
        // What is behind C's `...` is passed as one.
        let count = ty.params.len() + usize::from(ty.variadic);
        if count > MAX_PARAMS {
            return Some(format!("it has {count} parameters, and {MAX_PARAMS} are supported"));
        }
        for (index, (name, param)) in ty.params.iter().enumerate() {
            if let Some(problem) = self.value_problem(param, "passes") {
                let name = name.clone().unwrap_or_else(|| (index + 1).to_string());
                return Some(format!("parameter `{name}` {problem}"));
            }
        }
        match &ty.result {
            Ty::Void => None,
            result => self.value_problem(result, "returns").map(|problem| format!("its result {problem}")),
        }
    }

    /// Says why a type cannot be a parameter or a result.
    fn value_problem(&self, ty: &Ty, verb: &str) -> Option<String> {
        match self.resolve(ty) {
            Ty::Array(..) => Some(format!("{verb} a vector or an array by value")),
            Ty::Named(name) => match self.find(name) {
                Some(TypeItem::Record(record)) => {
                    let kind = if record.union { "union" } else { "struct" };
                    let problem = self.record_problem(record).or_else(|| self.by_value_problem(record));
                    problem.map(|problem| format!("{verb} {kind} `{name}` by value, and {problem}"))
                }
                Some(_) => None,
                None => Some(format!("uses the unknown type `{name}`")),
            },
            Ty::Void => Some("has type void".to_owned()),
            _ => self.mention_problem(ty),
        }
    }

    /// Says why a type cannot even be mentioned, behind a pointer or in a typedef.
    pub(crate) fn mention_problem(&self, ty: &Ty) -> Option<String> {
        match ty {
            Ty::Void | Ty::Bool | Ty::Scalar(_) => None,
            Ty::Pointer { to, .. } => self.mention_problem(to),
            Ty::Function(function) => self.pointer_problem(function).map(|problem| format!("uses a function pointer that {problem}")),
            Ty::Array(element, length) => self.element_problem(element, *length),
            Ty::Named(name) => match self.find(name) {
                Some(TypeItem::Alias(alias)) => self.mention_problem(&alias.ty),
                Some(_) => None,
                None => Some(format!("uses the unknown type `{name}`")),
            },
            Ty::Unsupported(what) => Some(format!("uses {what}")),
        }
    }

    /// Says why a record cannot be passed by value, though it can be read and written.
    fn by_value_problem(&self, record: &Record) -> Option<String> {
        if record.fields.iter().any(|field| field.kind == FieldKind::Flexible) {
            // bindgen does not tell `T a[]` from GNU C's `T a[0]`, and the two are passed in different ways.
            return Some("it ends in an array of no elements".to_owned());
        }
        record.fields.iter().find_map(|field| match self.resolve(&field.ty) {
            Ty::Named(name) => match self.find(name) {
                Some(TypeItem::Record(inner)) => self.by_value_problem(inner),
                _ => None,
            },
            _ => None,
        })
    }

    /// Says why a function pointer cannot be bound.
    fn pointer_problem(&self, ty: &FnTy) -> Option<String> {
        let count = ty.params.len() + usize::from(ty.variadic);
        if count > MAX_PARAMS {
            return Some(format!("has {count} parameters, where {MAX_PARAMS} are supported"));
        }
        let types = ty.params.iter().map(|(_, param)| param).chain([&ty.result]);
        types.into_iter().find_map(|ty| match self.resolve(ty) {
            Ty::Array(..) => Some("passes a vector by value".to_owned()),
            resolved => self.mention_problem(resolved),
        })
    }

    fn element_problem(&self, element: &Ty, length: u64) -> Option<String> {
        if length == 0 {
            return Some("is an array of no elements".to_owned());
        }
        self.field_problem(element)
    }

    /// Says why a type cannot be a field, or an element of an array.
    fn field_problem(&self, ty: &Ty) -> Option<String> {
        match self.resolve(ty) {
            Ty::Void => Some("has type void".to_owned()),
            Ty::Named(name) => match self.find(name) {
                Some(TypeItem::Record(record)) => {
                    let kind = if record.union { "union" } else { "struct" };
                    self.record_problem(record).map(|problem| format!("is {kind} `{name}`, and {problem}"))
                }
                Some(_) => None,
                None => Some(format!("uses the unknown type `{name}`")),
            },
            resolved => self.mention_problem(resolved),
        }
    }

    /// Says why a record cannot be bound with its fields.
    pub(crate) fn record_problem(&self, record: &Record) -> Option<String> {
        if record.incomplete {
            return Some("its fields are not known".to_owned());
        }
        if let Some(problem) = &record.problem {
            return Some(problem.clone());
        }
        let size = self.record_host_size(record);
        if size > MAX_VALUE {
            return Some(format!("its value would take {size} bytes of the host's stack, and {MAX_VALUE} are the most"));
        }
        for field in &record.fields {
            if let Some(problem) = self.field_problem(&field.ty) {
                return Some(format!("field `{}` {problem}", field.name));
            }
            let place = if field.kind == FieldKind::BitField { field.bits.map(|bits| bits.offset) } else { field.offset };
            if place.is_none() {
                return Some(format!("the C compiler does not say where field `{}` is", field.name));
            }
        }
        None
    }

    /// As many bytes as a value of a record takes in the host, or more.
    fn record_host_size(&self, record: &Record) -> u64 {
        if record.union {
            return record.size.unwrap_or(0).saturating_add(16);
        }
        let fields = record.fields.iter().filter(|field| field.kind != FieldKind::Flexible);
        fields.fold(0_u64, |size, field| size.saturating_add(self.host_size(&field.ty).next_multiple_of(8)))
    }

    /// As many bytes as a value takes in the host, or more: a pointer remembers its sandbox.
    fn host_size(&self, ty: &Ty) -> u64 {
        match self.resolve(ty) {
            Ty::Scalar(scalar) => scalar.size,
            Ty::Bool => 1,
            Ty::Pointer { .. } | Ty::Function(_) => 16,
            Ty::Array(element, length) => self.host_size(element).saturating_mul(*length),
            Ty::Named(name) => match self.find(name) {
                Some(TypeItem::Record(record)) => self.record_host_size(record),
                Some(TypeItem::Enum(enumeration)) => enumeration.repr.size,
                _ => 0,
            },
            Ty::Void | Ty::Unsupported(_) => 0,
        }
    }

    /// Tells whether C's usual rule places the fields: each at the next multiple of its alignment, or in a union at 0.
    pub(crate) fn usual_layout(&self, record: &Record) -> bool {
        let (mut end, mut align) = (0_u64, 1_u64);
        for field in &record.fields {
            let Some((size, field_align)) = self.layout(&field.ty) else { return false };
            let offset = if record.union { 0 } else { end.next_multiple_of(field_align) };
            if field.offset != Some(offset) || field.kind == FieldKind::BitField {
                return false;
            }
            let size = if field.kind == FieldKind::Flexible { 0 } else { size };
            end = end.max(offset + size);
            align = align.max(field_align);
        }
        !record.fields.is_empty() && record.align == Some(align) && record.size == Some(end.next_multiple_of(align))
    }
}
