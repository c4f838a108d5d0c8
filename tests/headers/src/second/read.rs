//! Reads bindings as an application has them: `bindings.rs`, one item a line.

use std::error::Error;

/// A type of the bindings.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Ty {
    Named(String),
    Pointer(Box<Ty>, bool),
    Array(Box<Ty>, Option<u64>),
    Function(Box<Function>),
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Function {
    pub(crate) params: Vec<Ty>,
    pub(crate) variadic: bool,
    pub(crate) result: Option<Ty>,
}

#[derive(Debug)]
pub(crate) struct Record {
    pub(crate) name: String,
    pub(crate) layout: (u64, u64),
    /// None of an opaque type.
    pub(crate) fields: Option<Vec<Field>>,
}

#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) ty: Ty,
    /// None of a bit-field.
    pub(crate) offset: Option<u64>,
    pub(crate) anonymous: bool,
}

/// An enum: its name, its integer, its enumerators with their values.
pub(crate) type Enum = (String, String, Vec<(String, String)>);

/// What the bindings have.
#[derive(Debug, Default)]
pub(crate) struct Bound {
    /// Name, type and value.
    pub(crate) constants: Vec<(String, String, String)>,
    pub(crate) aliases: Vec<(String, Ty)>,
    pub(crate) enums: Vec<Enum>,
    pub(crate) records: Vec<Record>,
    pub(crate) functions: Vec<(String, Function)>,
    pub(crate) variables: Vec<(String, Ty)>,
}

impl Bound {
    /// Reads `bindings.rs`, which has one item a line.
    pub(crate) fn read(text: &str) -> Result<Self, Box<dyn Error>> {
        let mut bound = Self::default();
        let (mut layout, mut repr) = ((0, 0), String::new());
        for line in text.lines().map(str::trim).filter(|line| !line.starts_with("//") && !line.starts_with("#[link_name")) {
            let unreadable = || format!("this line of the bindings cannot be read: {line}");
            if let Some(rest) = line.strip_prefix("#[layout(size = ") {
                let mut numbers = rest.split(|c: char| !c.is_ascii_digit()).filter_map(|number| number.parse().ok());
                layout = (numbers.next().ok_or_else(unreadable)?, numbers.next().ok_or_else(unreadable)?);
            } else if let Some(rest) = line.strip_prefix("#[repr(") {
                repr = rest.trim_end_matches(")]").to_owned();
            } else if let Some(rest) = line.strip_prefix("pub const ") {
                let (name, rest) = rest.split_once(": ").ok_or_else(unreadable)?;
                let (ty, value) = rest.split_once(" = ").ok_or_else(unreadable)?;
                bound.constants.push((name.to_owned(), ty.to_owned(), value.strip_suffix(';').ok_or_else(unreadable)?.to_owned()));
            } else if let Some(rest) = line.strip_prefix("pub enum ") {
                bound.enums.push((rest.trim_end_matches(" {").to_owned(), repr.clone(), Vec::new()));
            } else if line.starts_with("#[offset(") || line.starts_with("#[bits(") {
                let (place, rest) = line.split_once(")]").ok_or_else(unreadable)?;
                let offset = place.strip_prefix("#[offset(").map(str::parse).transpose()?;
                let (before, rest) = rest.split_once("pub ").ok_or_else(unreadable)?;
                let (name, ty) = rest.split_once(": ").ok_or_else(unreadable)?;
                let ty = Reader::read(ty.strip_suffix(',').ok_or_else(unreadable)?).ok_or_else(unreadable)?;
                let field = Field { name: name.to_owned(), ty, offset, anonymous: before.contains("anonymous") };
                bound.records.last_mut().and_then(|record| record.fields.as_mut()).ok_or_else(unreadable)?.push(field);
            } else if let Some(rest) = line.strip_prefix("pub fn ") {
                let (name, rest) = rest.split_once('(').ok_or_else(unreadable)?;
                let function = Reader(rest).signature().ok_or_else(unreadable)?;
                bound.functions.push((name.to_owned(), function));
            } else if let Some(rest) = line.strip_prefix("pub static ") {
                let (name, ty) = rest.split_once(": ").ok_or_else(unreadable)?;
                bound.variables.push((name.to_owned(), Reader::read(ty.trim_end_matches(';')).ok_or_else(unreadable)?));
            } else if let Some((name, ty)) = line.strip_prefix("pub type ").and_then(|rest| rest.split_once(" = ")) {
                bound.aliases.push((name.to_owned(), Reader::read(ty.trim_end_matches(';')).ok_or_else(unreadable)?));
            } else if let Some(rest) = line.strip_prefix("pub struct ").or_else(|| line.strip_prefix("pub union ")) {
                let fields = rest.ends_with('{').then(Vec::new);
                bound.records.push(Record { name: rest.trim_end_matches([';', '{', ' ']).to_owned(), layout, fields });
            } else if let Some((name, value)) = line.trim_end_matches(',').split_once(" = ")
                && let Some((_, _, values)) = bound.enums.last_mut()
            {
                values.push((name.to_owned(), value.to_owned()));
            }
        }
        Ok(bound)
    }

    /// All names, those of C.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        let enums = self.enums.iter().flat_map(|(name, _, values)| values.iter().map(|(name, _)| name).chain([name]));
        let others = self.constants.iter().map(|(name, ..)| name).chain(self.aliases.iter().map(|(name, _)| name));
        let others = others.chain(self.records.iter().map(|record| &record.name)).chain(self.functions.iter().map(|(name, _)| name));
        enums.chain(others).chain(self.variables.iter().map(|(name, _)| name)).map(String::as_str)
    }

    /// Follows typedefs to what they stand for.
    pub(crate) fn resolve<'a>(&'a self, ty: &'a Ty) -> &'a Ty {
        let mut ty = ty;
        for _ in 0..self.aliases.len() {
            let Ty::Named(name) = ty else { break };
            let Some((_, to)) = self.aliases.iter().find(|(alias, _)| alias == name) else { break };
            ty = to;
        }
        ty
    }

    /// What C has of a type behind the typedefs and in the variables of pointers to it and arrays
    /// of it.
    pub(crate) fn behind(&self, inner: &str) -> Vec<String> {
        let aliases = self.aliases.iter().map(|(name, ty)| (format!("(*({name} *)0)"), ty));
        let all = aliases.chain(self.variables.iter().map(|(name, ty)| (name.clone(), ty)));
        let behind = all.filter_map(|(mut place, mut ty)| {
            while let Ty::Array(element, _) | Ty::Pointer(element, _) = ty {
                ty = element;
                place.push_str("[0]");
            }
            (*ty == Ty::Named(inner.to_owned())).then_some(place)
        });
        behind.collect()
    }

    /// The fields that hold a type: the outer record, and what is behind its pointer in C.
    pub(crate) fn holders(&self, inner: &str) -> Vec<(&str, String)> {
        let mut found = Vec::new();
        for record in self.records.iter().filter(|record| record.name != inner && inner.starts_with(&record.name)) {
            for field in record.fields.iter().flatten() {
                let (mut ty, mut path) = (&field.ty, field.name.clone());
                while let Ty::Array(element, _) | Ty::Pointer(element, _) = ty {
                    ty = element;
                    path.push_str("[0]");
                }
                if *ty == Ty::Named(inner.to_owned()) && !field.anonymous {
                    found.push((record.name.as_str(), path.clone()));
                    let deeper = self.holders(&record.name).into_iter().map(|(outer, before)| (outer, format!("{before}.{path}")));
                    found.extend(deeper);
                }
            }
        }
        found
    }
}

/// Reads a type from its beginning.
pub(crate) struct Reader<'a>(&'a str);

impl<'a> Reader<'a> {
    pub(crate) fn read(text: &'a str) -> Option<Ty> {
        let mut reader = Self(text);
        let ty = reader.ty()?;
        reader.0.trim().is_empty().then_some(ty)
    }

    pub(crate) fn eat(&mut self, text: &str) -> bool {
        let rest = self.0.trim_start().strip_prefix(text);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    pub(crate) fn ty(&mut self) -> Option<Ty> {
        if self.eat("*const ") {
            return Some(Ty::Pointer(Box::new(self.ty()?), true));
        }
        if self.eat("*mut ") {
            return Some(Ty::Pointer(Box::new(self.ty()?), false));
        }
        if self.eat("[") {
            let element = self.ty()?;
            if self.eat("]") {
                return Some(Ty::Array(Box::new(element), None));
            }
            let (length, rest) = self.0.strip_prefix(';')?.split_once(']')?;
            self.0 = rest;
            return Some(Ty::Array(Box::new(element), Some(length.trim().parse().ok()?)));
        }
        if self.eat("Option<unsafe extern \"C\" fn(") {
            let function = self.signature()?;
            return self.eat(">").then(|| Ty::Function(Box::new(function)));
        }
        self.eat("::std::primitive::");
        Some(Ty::Named(self.word()?))
    }

    pub(crate) fn word(&mut self) -> Option<String> {
        let text = self.0.trim_start();
        let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(text.len());
        let (word, rest) = text.split_at(end);
        self.0 = rest;
        (!word.is_empty()).then(|| word.to_owned())
    }

    /// What is behind the opening bracket of the parameters.
    pub(crate) fn signature(&mut self) -> Option<Function> {
        let mut function = Function { params: Vec::new(), variadic: false, result: None };
        while !self.eat(")") {
            if self.eat("...") {
                function.variadic = true;
            } else {
                self.word()?;
                self.eat(":").then_some(())?;
                function.params.push(self.ty()?);
            }
            self.eat(",");
        }
        if self.eat("->") && !self.eat("!") {
            function.result = Some(self.ty()?);
        }
        Some(function)
    }
}

/// Reads `c"text"`.
pub(crate) fn c_str(literal: &str) -> Option<Vec<u8>> {
    let text = literal.strip_prefix("c\"")?.strip_suffix('"')?;
    let mut bytes = Vec::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => bytes.push(match chars.next()? {
                'n' => b'\n',
                't' => b'\t',
                'r' => b'\r',
                'x' => {
                    let digits: String = chars.by_ref().take(2).collect();
                    u8::from_str_radix(&digits, 16).ok()?
                }
                other => u8::try_from(other).ok()?,
            }),
            c => bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    Some(bytes)
}
