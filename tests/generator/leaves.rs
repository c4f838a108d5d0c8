//! Finds the leaves of a record: each member that is no struct, union or array, and how C and Rust name it.

use super::model::{Body, Header, Kind, Member, Record, Type};

/// One of them.
#[derive(Clone)]
pub(crate) struct Leaf {
    pub(crate) kind: Kind,
    /// Of a bit-field.
    pub(crate) width: Option<u32>,
    /// In C, from a value.
    pub(crate) path: String,
    /// In Rust, from a pointer.
    pub(crate) place: String,
    /// In Rust, in a value; a flexible array is not in it.
    pub(crate) value: Option<Value>,
    pub(crate) choice: Choice,
}

/// An expression in Rust.
#[derive(Clone)]
pub(crate) struct Value {
    pub(crate) expression: String,
    /// The members of unions on the way, each with a variable to hold it: from the outermost.
    pub(crate) unions: Vec<Union>,
}

#[derive(Clone)]
pub(crate) struct Union {
    pub(crate) variable: String,
    pub(crate) union: String,
    pub(crate) member: String,
}

/// The seeds for which a leaf is there: those with `seed % modulus == remainder`.
#[derive(Clone, Copy)]
pub(crate) struct Choice {
    pub(crate) modulus: usize,
    pub(crate) remainder: usize,
}

pub(crate) fn leaves(header: &Header, record: &Record) -> Vec<Leaf> {
    let mut walk = Walk { header, leaves: Vec::new() };
    let start = Leaf {
        kind: Kind::Bool,
        width: None,
        path: String::new(),
        place: "p".to_owned(),
        value: Some(Value { expression: "v".to_owned(), unions: Vec::new() }),
        choice: Choice { modulus: 1, remainder: 0 },
    };
    walk.named(&record.body, &start);
    walk.leaves
}

struct Walk<'a> {
    header: &'a Header,
    leaves: Vec<Leaf>,
}

impl Walk<'_> {
    /// Goes through a struct or union that has a name, or a member that holds it.
    fn named(&mut self, body: &Body, at: &Leaf) {
        self.body(body, at, body.union, &mut 0);
    }

    /// Goes through the members. Those of an anonymous struct or union are methods of the union around it, if there is one.
    fn body(&mut self, body: &Body, at: &Leaf, in_union: bool, unions: &mut u32) {
        let count = body.members.iter().filter(|member| !member.is_padding()).count();
        for (index, member) in body.members.iter().filter(|member| !member.is_padding()).enumerate() {
            let at = if body.union { at.chosen(index, count) } else { at.clone() };
            match member {
                Member::Plain { name, ty, .. } => self.ty(ty, at.member(name, in_union)),
                Member::Bits { name, ty, width } => {
                    let name = name.as_deref().unwrap_or_default();
                    self.leaves.push(Leaf { kind: ty.kind, width: Some(*width), ..at.member(name, in_union) });
                }
                Member::Anonymous(inner) if inner.union && !in_union => {
                    *unions += 1;
                    self.body(inner, &at.in_anonymous_union(*unions), true, unions);
                }
                Member::Anonymous(inner) => self.body(inner, &at, in_union, unions),
                Member::Tail { name, ty, count } => {
                    for index in 0..*count {
                        self.ty(ty, at.tail(name, index));
                    }
                }
            }
        }
    }

    fn ty(&mut self, ty: &Type, at: Leaf) {
        match ty {
            Type::Leaf(leaf) => self.leaves.push(Leaf { kind: leaf.kind, ..at }),
            Type::Record(index) => self.named(&self.header.records[*index].body, &at),
            Type::Inline(body) => self.named(body, &at),
            Type::Array(element, count) => {
                for index in 0..*count {
                    self.ty(element, at.element(index));
                }
            }
        }
    }
}

impl Leaf {
    fn chosen(&self, index: usize, count: usize) -> Self {
        let Choice { modulus, remainder } = self.choice;
        Self { choice: Choice { modulus: modulus * count, remainder: remainder + modulus * index }, ..self.clone() }
    }

    fn member(&self, name: &str, of_union: bool) -> Self {
        let dot = if self.path.is_empty() || self.path.ends_with('.') { "" } else { "." };
        let mut next = self.clone();
        next.path.push_str(&format!("{dot}{name}"));
        next.place.push_str(&format!(".{name}()"));
        if let Some(Value { expression, unions }) = &mut next.value {
            if of_union {
                let variable = format!("x{}", unions.len());
                let union = std::mem::replace(expression, variable.clone());
                unions.push(Union { variable, union, member: name.to_owned() });
            } else {
                expression.push_str(&format!(".{name}"));
            }
        }
        next
    }

    /// The place of a struct has what is in its anonymous unions; the value has the union.
    fn in_anonymous_union(&self, number: u32) -> Self {
        let mut next = self.clone();
        if let Some(value) = &mut next.value {
            value.expression.push_str(&format!(".anonymous_{number}"));
        }
        next
    }

    fn element(&self, index: u32) -> Self {
        let mut next = self.clone();
        next.path.push_str(&format!("[{index}]"));
        next.place.push_str(&format!(".index({index})?"));
        if let Some(value) = &mut next.value {
            value.expression.push_str(&format!("[{index}]"));
        }
        next
    }

    fn tail(&self, name: &str, index: u32) -> Self {
        let mut next = self.member(name, false);
        next.path.push_str(&format!("[{index}]"));
        next.place.push_str(&format!(".add({index})"));
        Self { value: None, ..next }
    }
}
