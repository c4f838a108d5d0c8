//! What a generated header declares, and its random choice.

use super::random::Random;

/// A struct or union, with its functions.
pub(crate) struct Record {
    pub(crate) name: String,
    /// Whether it is a typedef of a struct without a tag.
    pub(crate) tagless: bool,
    /// `#pragma pack`.
    pub(crate) pack: Option<u32>,
    pub(crate) body: Body,
}

/// What is between the braces, and the attributes before them.
#[derive(Clone)]
pub(crate) struct Body {
    pub(crate) union: bool,
    pub(crate) packed: bool,
    pub(crate) aligned: Option<u32>,
    pub(crate) members: Vec<Member>,
}

#[derive(Clone)]
pub(crate) enum Member {
    Plain {
        name: String,
        ty: Type,
        aligned: Option<u32>,
    },
    /// A bit-field; without a name it is padding.
    Bits {
        name: Option<String>,
        ty: Leaf,
        width: u32,
    },
    Anonymous(Body),
    /// A flexible array of so many elements, for the test.
    Tail {
        name: String,
        ty: Type,
        count: u32,
    },
}

#[derive(Clone)]
pub(crate) enum Type {
    Leaf(Leaf),
    /// An earlier record of the same header.
    Record(usize),
    /// A struct or union without a name.
    Inline(Body),
    Array(Box<Type>, u32),
}

/// A type that has one value: its declaration of `@`.
#[derive(Clone)]
pub(crate) struct Leaf {
    pub(crate) declaration: String,
    pub(crate) kind: Kind,
    pub(crate) bits: u32,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Signed,
    Unsigned,
    Bool,
    Float,
    Double,
    Pointer,
}

use Kind::{Bool, Double, Float, Pointer, Signed, Unsigned};

const SCALARS: [(&str, Kind, u32); 28] = [
    ("char", Signed, 8),
    ("signed char", Signed, 8),
    ("unsigned char", Unsigned, 8),
    ("short", Signed, 16),
    ("unsigned short", Unsigned, 16),
    ("int", Signed, 32),
    ("unsigned", Unsigned, 32),
    ("long", Signed, 32),
    ("unsigned long", Unsigned, 32),
    ("long long", Signed, 64),
    ("unsigned long long", Unsigned, 64),
    ("int8_t", Signed, 8),
    ("uint8_t", Unsigned, 8),
    ("int16_t", Signed, 16),
    ("uint16_t", Unsigned, 16),
    ("int32_t", Signed, 32),
    ("uint32_t", Unsigned, 32),
    ("int64_t", Signed, 64),
    ("uint64_t", Unsigned, 64),
    ("size_t", Unsigned, 32),
    ("ssize_t", Signed, 32),
    ("ptrdiff_t", Signed, 32),
    ("intptr_t", Signed, 32),
    ("uintptr_t", Unsigned, 32),
    ("_Bool", Bool, 1),
    ("_Bool", Bool, 1),
    ("float", Float, 32),
    ("double", Double, 64),
];

const POINTERS: [&str; 14] = [
    "void *@",
    "const char *@",
    "int *restrict @",
    "volatile unsigned short *@",
    "double **@",
    "const char *const *@",
    "int (*@)[4]",
    "short (*@)[2][3]",
    "struct hidden *@",
    "void (*@)(void)",
    "int (*@)(const void *, long long)",
    "int (*@)(const char *, ...)",
    "float (*(*@)(int))(double)",
    "void *(**@)(size_t)",
];

/// As the C compiler chooses its integer: by the values, and whether it is packed.
const ENUMS: [(&str, &str, Kind, u32); 6] = [
    ("", "ZERO, ONE, TWO, LAST = 9", Unsigned, 32),
    ("", "LESS = -1, SAME, MORE", Signed, 32),
    ("", "LOW = 1, HIGH = 1u << 31", Unsigned, 32),
    ("", "SMALL, BIG = 1ULL << 40", Unsigned, 64),
    (" __attribute__((packed))", "OFF, ON, MANY = 200", Unsigned, 8),
    (" __attribute__((packed))", "DOWN = -300, UP = 300", Signed, 16),
];

/// An enum: its tag, its attribute and its constants.
pub(crate) struct Enum {
    pub(crate) name: String,
    pub(crate) attribute: &'static str,
    pub(crate) constants: &'static str,
    kind: Kind,
    bits: u32,
}

pub(crate) struct Header {
    pub(crate) name: String,
    pub(crate) enums: Vec<Enum>,
    pub(crate) records: Vec<Record>,
}

/// So many leaves a record has at most, to keep the build short.
const LEAVES: usize = 14;

impl Header {
    pub(crate) fn random(number: u32) -> Self {
        let mut random = Random::new(u64::from(number));
        let name = format!("h{number}");
        let enums = (0..random.between(0, 2))
            .map(|index| {
                let &(attribute, constants, kind, bits) = random.pick(&ENUMS);
                Enum { name: format!("{name}_e{index}"), attribute, constants, kind, bits }
            })
            .collect();
        let mut choice = Choice { random, header: Self { name, enums, records: Vec::new() }, members: 0, room: 0, own: String::new() };
        for _ in 0..choice.random.between(1, 3) {
            choice.record();
        }
        choice.header
    }

    fn leaves(&self, ty: &Type) -> usize {
        match ty {
            Type::Leaf(_) => 1,
            Type::Record(index) => self.leaves_of(&self.records[*index].body),
            Type::Inline(body) => self.leaves_of(body),
            Type::Array(element, count) => self.leaves(element) * *count as usize,
        }
    }

    fn leaves_of(&self, body: &Body) -> usize {
        let leaves = body.members.iter().map(|member| match member {
            Member::Plain { ty, .. } => self.leaves(ty),
            Member::Bits { name, .. } => usize::from(name.is_some()),
            Member::Anonymous(body) => self.leaves_of(body),
            Member::Tail { ty, count, .. } => self.leaves(ty) * *count as usize,
        });
        leaves.sum()
    }
}

impl Member {
    /// Whether there is anything in it to write.
    pub(crate) fn is_padding(&self) -> bool {
        matches!(self, Self::Bits { name: None, .. })
    }
}

/// The state of the choice of one header.
struct Choice {
    random: Random,
    header: Header,
    /// Members named so far in this record: names differ also in anonymous members.
    members: u32,
    /// How many more leaves it may have.
    room: usize,
    /// What a pointer to it points to.
    own: String,
}

impl Choice {
    fn record(&mut self) {
        let name = format!("{}_{}", self.header.name, ["a", "b", "c"][self.header.records.len()]);
        let union = self.random.chance(20);
        let tagless = self.random.chance(20);
        self.members = 0;
        self.room = LEAVES;
        // A struct without a tag cannot be named in itself.
        self.own = if tagless { "void".to_owned() } else { spelling(&name, tagless, union) };
        let pack = self.random.chance(8).then(|| *self.random.pick(&[1, 2, 4, 8]));
        let mut body = self.body(0, union);
        if !union && self.room >= 3 && self.random.chance(12) {
            let leaf = Type::Leaf(self.leaf());
            let ty = if self.random.chance(25) { Type::Array(Box::new(leaf), 2) } else { leaf };
            let name = self.name();
            body.members.push(Member::Tail { name, ty, count: self.random.between(1, 3) });
        }
        self.header.records.push(Record { name, tagless, pack, body });
    }

    fn name(&mut self) -> String {
        self.members += 1;
        format!("m{}", self.members)
    }

    fn body(&mut self, depth: u32, union: bool) -> Body {
        let packed = self.random.chance(if depth == 0 { 12 } else { 4 });
        // bindgen cannot say of a struct that it is packed and over-aligned.
        let aligned = self.random.chance(if packed || depth > 0 { 1 } else { 7 }).then(|| *self.random.pick(&[2, 4, 8, 16, 32]));
        let first = self.plain(depth, packed);
        let mut members = vec![first];
        let wanted = if depth == 0 { self.random.between(1, 7) } else { self.random.between(1, 3) };
        for _ in 0..wanted {
            self.member(&mut members, depth, packed);
        }
        // Sometimes the first one is a bit-field.
        let by = self.random.between(0, 2) as usize % members.len();
        members.rotate_left(by);
        Body { union, packed, aligned, members }
    }

    fn member(&mut self, members: &mut Vec<Member>, depth: u32, packed: bool) {
        if self.room == 0 {
            return;
        }
        match self.random.between(1, 100) {
            1..=30 => {
                for _ in 0..self.random.between(1, 4).min(self.room as u32) {
                    members.push(self.bits());
                }
            }
            31..=42 if depth < 3 && self.room >= 2 => {
                let union = self.random.chance(60);
                let body = self.body(depth + 1, union);
                members.push(Member::Anonymous(body));
            }
            _ => members.push(self.plain(depth, packed)),
        }
    }

    fn plain(&mut self, depth: u32, packed: bool) -> Member {
        let ty = self.ty(depth);
        let aligned = self.random.chance(if packed { 1 } else { 4 }).then(|| *self.random.pick(&[2, 4, 8, 16]));
        Member::Plain { name: self.name(), ty, aligned }
    }

    fn ty(&mut self, depth: u32) -> Type {
        let records = self.header.records.len() as u32;
        let inner = match self.random.between(1, 100) {
            1..=12 if records > 0 => Type::Record(self.random.between(0, records - 1) as usize),
            13..=20 if depth < 3 && self.room >= 3 => {
                let union = self.random.chance(40);
                Type::Inline(self.body(depth + 1, union))
            }
            _ => Type::Leaf(self.leaf()),
        };
        if matches!(&inner, Type::Record(index) if self.has_tail(*index) || self.header.leaves(&inner) > self.room) {
            return self.ty(depth);
        }
        // What is inside of an unnamed struct is counted already.
        let inline = matches!(inner, Type::Inline(_));
        let mut leaves = self.header.leaves(&inner);
        if inline {
            self.room += leaves;
        }
        let mut ty = inner;
        for percent in [22, 40] {
            let count = self.random.between(1, 3);
            if !self.random.chance(percent) || leaves * count as usize > self.room {
                break;
            }
            leaves *= count as usize;
            ty = Type::Array(Box::new(ty), count);
        }
        self.room = self.room.saturating_sub(leaves);
        ty
    }

    fn has_tail(&self, record: usize) -> bool {
        self.header.records[record].body.members.iter().any(|member| matches!(member, Member::Tail { .. }))
    }

    fn leaf(&mut self) -> Leaf {
        match self.random.between(1, 100) {
            1..=12 => Leaf { declaration: (*self.random.pick(&POINTERS)).to_owned(), kind: Pointer, bits: 32 },
            13..=18 => Leaf { declaration: self.pointer_to_a_record(), kind: Pointer, bits: 32 },
            19..=26 if !self.header.enums.is_empty() => self.enumeration(),
            _ => self.scalar(),
        }
    }

    fn scalar(&mut self) -> Leaf {
        let &(name, kind, bits) = self.random.pick(&SCALARS);
        Leaf { declaration: format!("{name} @"), kind, bits }
    }

    fn enumeration(&mut self) -> Leaf {
        let chosen = self.random.pick(&self.header.enums);
        Leaf { declaration: format!("enum {} @", chosen.name), kind: chosen.kind, bits: chosen.bits }
    }

    fn pointer_to_a_record(&mut self) -> String {
        // Itself, or one before it.
        let index = self.random.between(0, self.header.records.len() as u32) as usize;
        let target = self.header.records.get(index).map_or_else(|| self.own.clone(), Record::spelling);
        format!("{target} *@")
    }

    fn bits(&mut self) -> Member {
        let ty = loop {
            let with_enums = !self.header.enums.is_empty() && self.random.chance(15);
            let leaf = if with_enums { self.enumeration() } else { self.scalar() };
            if matches!(leaf.kind, Signed | Unsigned | Bool) {
                break leaf;
            }
        };
        let width = self.random.between(1, ty.bits);
        match self.random.between(1, 100) {
            1..=8 => Member::Bits { name: None, ty, width: 0 },
            9..=16 => Member::Bits { name: None, ty, width },
            _ => {
                self.room = self.room.saturating_sub(1);
                Member::Bits { name: Some(self.name()), ty, width }
            }
        }
    }
}

impl Record {
    /// How C spells the type.
    pub(crate) fn spelling(&self) -> String {
        spelling(&self.name, self.tagless, self.body.union)
    }
}

fn spelling(name: &str, tagless: bool, union: bool) -> String {
    match (tagless, union) {
        (true, _) => name.to_owned(),
        (false, true) => format!("union {name}"),
        (false, false) => format!("struct {name}"),
    }
}
