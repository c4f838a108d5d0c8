//! What a program takes for an honest answer, said as data. Without it a liar is found out at the first check, and nothing behind that is tested.

/// A number of 32 bits that the guest makes up.
#[derive(Clone, Copy, Debug)]
pub enum Value {
    /// One of these.
    OneOf(&'static [i32]),
    /// Either of these.
    Either(&'static [Value; 2]),
    /// From the first to the second, both included; they are at most 2^31 apart.
    Within(i32, i32),
    /// The address of a new block of so many bytes.
    Block(u32),
    /// The address of a new block with these words.
    Words(&'static [Value]),
    /// What the function answers itself.
    Answer,
    /// The one of these whose place is what an argument says; the last for any other.
    ByArgument(usize, &'static [i32]),
    /// What was kept.
    Kept(usize),
    /// The product of two numbers that were kept.
    Product(usize, usize),
    /// What was kept, times the second number, plus the third.
    Affine(usize, i32, i32),
}

/// Where a number is written.
#[derive(Clone, Copy, Debug)]
pub enum Place {
    /// So many bytes behind what an argument points to.
    Argument(usize, u32),
    /// So many bytes behind what is returned.
    Answer(u32),
}

/// What a plausible call does besides returning.
#[derive(Clone, Copy, Debug)]
pub enum Effect {
    /// Writes a number.
    Store(Place, Value),
    /// Makes the number that is there less, mostly 0.
    Shrink(Place),
    /// Makes it less, by at least and at most so much.
    Take(Place, u32, u32),
    /// Does nothing for so many turns of a loop.
    Spin(u32),
    /// Keeps a number for later answers, under one of nine names.
    Keep(usize, Value),
}

/// A function and its plausible answers. One without an entry answers with small numbers.
#[derive(Clone, Copy, Debug)]
pub struct Function {
    /// Its name.
    pub name: &'static str,
    /// What it returns, if it returns something.
    pub answer: Value,
    /// What else it does.
    pub effects: &'static [Effect],
}

/// How many numbers can be kept.
pub(crate) const CELLS: usize = 9;

impl Value {
    /// Writes it as WebAssembly text, with the answer in `$answer`.
    pub(crate) fn text(self) -> String {
        match self {
            Self::OneOf([]) => "(i32.const 0)".into(),
            Self::OneOf([only]) => format!("(i32.const {only})"),
            Self::OneOf([first, rest @ ..]) => {
                let rest_text = Self::OneOf(rest).text();
                format!("(select {rest_text} (i32.const {first}) (call $below (i32.const {})))", rest.len() + 1)
            }
            Self::Either([a, b]) => format!("(select {} {} (call $below (i32.const 2)))", a.text(), b.text()),
            Self::Within(from, to) => {
                format!("(i32.add (i32.const {from}) (call $below (i32.const {})))", to.wrapping_sub(from).wrapping_add(1))
            }
            Self::ByArgument(_, []) => "(i32.const 0)".into(),
            Self::ByArgument(argument, [others @ .., last]) => {
                others.iter().enumerate().rev().fold(format!("(i32.const {last})"), |rest, (place, value)| {
                    format!("(select (i32.const {value}) {rest} (i32.eq (local.get {argument}) (i32.const {place})))")
                })
            }
            Self::Block(bytes) => format!("(call $block (i32.const {bytes}))"),
            Self::Words(words) => {
                let bytes = words.len() * 4;
                let filled =
                    words.iter().fold(format!("(call $block (i32.const {bytes}))"), |at, word| format!("(call $put {at} {})", word.text()));
                format!("(i32.sub {filled} (i32.const {bytes}))")
            }
            Self::Answer => "(local.get $answer)".into(),
            Self::Kept(cell) => format!("(global.get $kept{cell})"),
            Self::Product(a, b) => format!("(i32.mul (global.get $kept{a}) (global.get $kept{b}))"),
            Self::Affine(cell, times, plus) => {
                format!("(i32.add (i32.mul (global.get $kept{cell}) (i32.const {times})) (i32.const {plus}))")
            }
        }
    }
}

impl Place {
    fn text(self) -> String {
        match self {
            Self::Argument(argument, offset) => format!("(i32.add (local.get {argument}) (i32.const {offset}))"),
            Self::Answer(offset) => format!("(i32.add (local.get $answer) (i32.const {offset}))"),
        }
    }
}

impl Effect {
    pub(crate) fn text(self) -> String {
        match self {
            Self::Store(place, value) => {
                format!("(call $store {} (i64.extend_i32_u {}) (i32.const 4))", place.text(), value.text())
            }
            Self::Shrink(place) => format!("(call $shrink {})", place.text()),
            Self::Take(place, least, most) => format!("(call $take {} (i32.const {least}) (i32.const {most}))", place.text()),
            Self::Spin(turns) => format!("(call $spin (i64.const {turns}))"),
            Self::Keep(cell, value) => format!("(global.set $kept{cell} {})", value.text()),
        }
    }
}
