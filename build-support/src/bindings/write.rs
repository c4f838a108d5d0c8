//! Writes the bindings in the input language of `sandbox::library!`.

use std::fmt::Write as _;
use std::path::Path;

use sandbox_engine::Metering;

use crate::bindings::ir::{Bits, Const, Declarations, Field, FieldKind, FnTy, Ty, TypeItem, Value};
use crate::bindings::select::{Form, Selection};

/// Says what the code checks, unless it is the usual.
fn metered(metering: Metering) -> Option<&'static str> {
    let words = match metering {
        Metering { interrupts: true, fuel: true } => "interrupts, fuel",
        Metering { interrupts: true, fuel: false } => "interrupts",
        Metering { interrupts: false, fuel: true } => "fuel",
        Metering { interrupts: false, fuel: false } => "nothing",
    };
    (metering != Metering::DEFAULT).then_some(words)
}

/// Returns the text of `bindings.rs`; `folder` is where the precompiled module is, unless it is cargo's, and `lines` whether the line numbers are embedded.
pub(crate) fn write(library: &str, metering: Metering, selection: &Selection<'_>, folder: Option<&Path>, lines: bool) -> String {
    let mut out = Writer { text: String::new(), declarations: selection.declarations };
    out.line(0, "// Written by build-support from C headers; changes are lost at the next build.");
    out.line(0, "sandbox::library! {");
    let place = |file: &str| match folder {
        Some(folder) => format!("{:?}", folder.join(file).display().to_string()),
        None => format!("concat!(env!(\"OUT_DIR\"), {:?})", format!("/sandbox/{library}/{file}")),
    };
    out.line(1, &format!("#[precompiled(unsafe(include_bytes!({})))]", place("lib.cwasm")));
    if let Some(words) = metered(metering) {
        out.line(1, &format!("#[metering({words})]"));
    }
    if lines {
        out.line(1, &format!("#[lines(include_bytes!({}))]", place("lib.lines")));
    }
    out.line(1, &format!("pub mod {library} {{"));
    for constant in &selection.consts {
        out.constant(constant);
    }
    for item in &selection.declarations.types {
        if let Some(form) = selection.types.get(item.name()) {
            out.item(item, form.as_ref());
        }
    }
    out.text.push('\n');
    out.line(2, "extern \"C\" {");
    for function in &selection.functions {
        out.doc(3, function.doc.as_deref());
        out.link_name(function.link_name.as_deref());
        let signature = out.signature(&function.ty);
        out.line(3, &format!("pub fn {}{signature};", function.name));
    }
    for variable in &selection.variables {
        out.doc(3, variable.doc.as_deref());
        out.link_name(variable.link_name.as_deref());
        let ty = match &variable.ty {
            Ty::Array(element, 0) => format!("[{}]", out.ty(element)),
            ty => out.ty(ty),
        };
        out.line(3, &format!("pub static {}: {ty};", variable.name));
    }
    out.line(2, "}");
    out.line(1, "}");
    out.line(0, "}");
    out.text
}

struct Writer<'a> {
    text: String,
    declarations: &'a Declarations,
}

impl Writer<'_> {
    fn line(&mut self, depth: usize, text: &str) {
        for _ in 0..depth {
            self.text.push_str("    ");
        }
        self.text.push_str(text);
        self.text.push('\n');
    }

    /// Writes a C comment as documentation. What Markdown would take as its own is escaped.
    fn doc(&mut self, depth: usize, doc: Option<&str>) {
        for line in doc.unwrap_or_default().lines() {
            let mut escaped = String::new();
            for c in line.trim_end().chars() {
                if matches!(c, '[' | ']' | '<' | '>' | '`' | '*' | '_' | '\\') {
                    escaped.push('\\');
                }
                escaped.push(c);
            }
            // Four spaces would begin a code block, which rustdoc would run.
            let escaped = escaped.trim_start();
            self.line(depth, if escaped.is_empty() { "///".to_owned() } else { format!("/// {escaped}") }.as_str());
        }
    }

    fn link_name(&mut self, link_name: Option<&str>) {
        if let Some(link_name) = link_name {
            self.line(3, &format!("#[link_name = {link_name:?}]"));
        }
    }

    fn constant(&mut self, constant: &Const) {
        let (ty, value) = match &constant.value {
            Value::Int(number, "bool") => ("bool".to_owned(), (*number != 0).to_string()),
            Value::Int(number, ty) => ((*ty).to_owned(), number.to_string()),
            Value::Float(number, true) => ("c_float".to_owned(), format!("{:?}", *number as f32)),
            Value::Float(number, false) => ("c_double".to_owned(), format!("{number:?}")),
            Value::Str(literal, _) => ("&CStr".to_owned(), literal.clone()),
        };
        self.doc(2, constant.doc.as_deref());
        self.line(2, &format!("pub const {}: {ty} = {value};", constant.name));
    }

    fn item(&mut self, item: &TypeItem, form: Option<&Form>) {
        self.text.push('\n');
        match item {
            TypeItem::Alias(alias) => {
                self.doc(2, alias.doc.as_deref());
                let ty = self.ty(&alias.ty);
                self.line(2, &format!("pub type {} = {ty};", alias.name));
            }
            TypeItem::Enum(enumeration) => {
                self.doc(2, enumeration.doc.as_deref());
                self.line(2, &format!("#[repr({})]", enumeration.repr.primitive()));
                self.line(2, &format!("pub enum {} {{", enumeration.name));
                for variant in &enumeration.variants {
                    self.doc(3, variant.doc.as_deref());
                    self.line(3, &format!("{} = {},", variant.name, variant.value));
                }
                self.line(2, "}");
            }
            TypeItem::Record(record) => {
                self.doc(2, record.doc.as_deref());
                if let Some(Form::Opaque(reason)) = form {
                    if record.doc.is_some() {
                        self.line(2, "///");
                    }
                    self.line(2, &format!("/// Opaque, only pointers to it exist: {reason}."));
                    self.line(2, &format!("pub struct {};", record.name));
                    return;
                }
                let (size, align) = (record.size.unwrap_or(0), record.align.unwrap_or(1));
                let explicit = if self.declarations.usual_layout(record) { "" } else { ", explicit" };
                self.line(2, &format!("#[layout(size = {size}, align = {align}{explicit})]"));
                self.line(2, &format!("pub {} {} {{", if record.union { "union" } else { "struct" }, record.name));
                for field in &record.fields {
                    self.field(field);
                }
                self.line(2, "}");
            }
        }
    }

    fn field(&mut self, field: &Field) {
        let Field { name, doc, kind, offset, bits, .. } = field;
        self.doc(3, doc.as_deref());
        let place = match bits {
            Some(Bits { offset, width }) => format!("#[bits(offset = {offset}, width = {width})]"),
            None => format!("#[offset({})]", offset.unwrap_or(0)),
        };
        let ty = self.ty(&field.ty);
        let (anonymous, ty) = match kind {
            FieldKind::Plain | FieldKind::BitField => ("", ty),
            FieldKind::Flexible => ("", format!("[{ty}]")),
            FieldKind::Anonymous => ("#[anonymous] ", ty),
        };
        self.line(3, &format!("{place} {anonymous}pub {name}: {ty},"));
    }

    fn ty(&self, ty: &Ty) -> String {
        match ty {
            Ty::Void => "c_void".to_owned(),
            Ty::Bool => "bool".to_owned(),
            Ty::Scalar(scalar) => self.scalar(scalar.name),
            Ty::Pointer { to, constant } => format!("*{} {}", if *constant { "const" } else { "mut" }, self.ty(to)),
            Ty::Function(function) => format!("Option<unsafe extern \"C\" fn{}>", self.signature(function)),
            Ty::Array(element, length) => format!("[{}; {length}]", self.ty(element)),
            Ty::Named(name) => name.clone(),
            Ty::Unsupported(what) => format!("compile_error!({what:?})"),
        }
    }

    /// A library may well have a typedef called `u32`; the qualified name means the language's.
    fn scalar(&self, name: &str) -> String {
        if self.declarations.find(name).is_some() { format!("::std::primitive::{name}") } else { name.to_owned() }
    }

    fn signature(&self, function: &FnTy) -> String {
        let mut text = String::from("(");
        for (index, (name, ty)) in function.params.iter().enumerate() {
            if index > 0 {
                text.push_str(", ");
            }
            let _ = write!(text, "{}: {}", name.as_deref().unwrap_or("_"), self.ty(ty));
        }
        if function.variadic {
            text.push_str(if function.params.is_empty() { "..." } else { ", ..." });
        }
        text.push(')');
        if function.noreturn {
            text.push_str(" -> !");
        } else if function.result != Ty::Void {
            let _ = write!(text, " -> {}", self.ty(&function.result));
        }
        text
    }
}
