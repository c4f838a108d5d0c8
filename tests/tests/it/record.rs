//! Holds the binding of a C type to the C compiler: every leaf, in both directions, bit for bit.
//!
//! `fixtures/record.h` has the C half. What a leaf holds follows from the seed and the leaf's number, on both sides.

use sandbox::__private::BitType;
use sandbox::{GuestType, Library, Result, Sandbox, Tainted, TaintedBits, TaintedFn, TaintedPtr, Void};

/// As in `record.h` and `leaves.h`.
const BITS: u32 = u32::MAX;
const END: u32 = u32::MAX - 1;
const TAIL: u32 = 64;
const AREA: u32 = 4096;

/// How the bits of a leaf are made of a pattern.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    /// As many bits as it has.
    Whole,
    Bool,
    Float,
    Double,
    /// A bit-field.
    Unsigned(u32),
    Signed(u32),
}

/// A member that is no struct, union or array.
pub(crate) struct Leaf {
    pub(crate) kind: Kind,
    /// The expression for its place.
    pub(crate) name: &'static str,
    /// Whether it belongs to a flexible array, which values do not have.
    pub(crate) tail: bool,
    /// It is there for seeds with this remainder, by this modulus.
    pub(crate) modulus: u32,
    pub(crate) remainder: u32,
}

/// The C functions of a record.
type Layout<L> = fn(&mut Sandbox<L>, u32) -> Result<Tainted<u32, L>>;
type Fill<L> = fn(&mut Sandbox<L>, TaintedPtr<Void, L>, u32) -> Result<()>;
type Check<L> = fn(&mut Sandbox<L>, TaintedPtr<Void, L>, u32) -> Result<Tainted<u32, L>>;
type Area<L> = fn(&mut Sandbox<L>, u32) -> Result<TaintedPtr<Void, L>>;

/// A C type and its functions. Made by [`record!`].
pub(crate) struct Record<L: Library> {
    pub(crate) name: &'static str,
    pub(crate) size: u32,
    pub(crate) align: u32,
    pub(crate) leaves: &'static [Leaf],
    pub(crate) layout: Layout<L>,
    pub(crate) fill: Fill<L>,
    pub(crate) check: Check<L>,
    pub(crate) fields: fn(&mut Trial<L>) -> Result<()>,
    pub(crate) places: fn(&mut Trial<L>) -> Result<()>,
}

type Bytes<L> = TaintedPtr<u8, L>;

/// Declares the test of one record: a function of its name.
///
/// For each leaf in the order of the C list: its kind, its place in terms of `p`, and its value in terms of `v`. A leaf in
/// a union has the seeds for which it is there, and each union on the way with a variable for the member.
macro_rules! record {
    ($library:ident::$record:ident [$layout:ident $fill:ident $check:ident] |$v:ident, $p:ident|
     $($kind:ident $(($width:literal))? $([$modulus:literal $remainder:literal])?: $place:expr
       $(, $value:expr $(, $variable:ident = $union:expr => $get:ident $set:ident)*)?;)*) => {
        pub(crate) fn $record(trial: &mut Trial<$library::Library>) {
            #[allow(unused_mut, unused_assignments, reason = "a leaf may be in no union")]
            const LEAVES: &[Leaf] = &[$({
                let (mut modulus, mut remainder, mut tail) = (1, 0, true);
                $((modulus, remainder) = ($modulus, $remainder);)?
                $(let _ = stringify!($value); tail = false;)?
                Leaf { kind: Kind::$kind $(($width))?, name: stringify!($place), tail, modulus, remainder }
            }),*];
            trial.record(Record {
                name: stringify!($record),
                size: <$library::$record as sandbox::GuestType<$library::Library>>::SIZE,
                align: <$library::$record as sandbox::GuestType<$library::Library>>::ALIGN,
                leaves: LEAVES,
                layout: |sb, number| $library::$layout(sb, number),
                fill: |sb, at, seed| $library::$fill(sb, at, seed),
                check: |sb, at, seed| $library::$check(sb, at, seed),
                fields: |trial| {
                    trial.fields($library::$record::zeroed, |trial, $v| {
                        $(if trial.next() {
                            field!(trial $($value $(, $variable = $union => $get $set)*)?);
                        })*
                        Ok(())
                    })
                },
                places: |trial| {
                    let $p = trial.at::<$library::$record>();
                    $(if trial.next() {
                        trial.place($place)?;
                    })*
                    Ok(())
                },
            });
        }
    };
}

/// Compares or sets a leaf of a value. A member of a union is taken out and put back.
macro_rules! field {
    ($trial:ident) => {};
    ($trial:ident $value:expr) => {
        $trial.field(&mut $value)?;
    };
    ($trial:ident $value:expr, $variable:ident = $union:expr => $get:ident $set:ident $($rest:tt)*) => {
        let mut $variable = $union.$get();
        field!($trial $value $($rest)*);
        $union.$set($variable)?;
    };
}

/// Declares the test of a record whose members are all leaves.
macro_rules! simple {
    ($library:ident::$record:ident $functions:tt $($kind:ident $(($width:literal))? $field:ident),*) => {
        record! { $library::$record $functions |v, p| $($kind $(($width))?: p.$field(), v.$field;)* }
    };
}

pub(crate) use {field, record, simple};

/// What is being done with each leaf.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Task {
    Compare,
    Write,
    /// As `Write`, of flexible arrays alone.
    WriteTail,
    /// The value goes out and in again, whole.
    Copy,
}

/// The test of the records of one library.
pub(crate) struct Trial<L: Library> {
    sb: Sandbox<L>,
    /// Where the record is, where C writes what should be there, and a place for one leaf.
    areas: [Bytes<L>; 3],
    name: &'static str,
    leaves: &'static [Leaf],
    offsets: Vec<u32>,
    seed: u32,
    task: Task,
    /// The number of the current leaf, from 1.
    leaf: usize,
    failures: Vec<String>,
}

fn value<T, L>(tainted: Tainted<T, L>) -> T {
    tainted.unverified_because("the test compares it with what C says")
}

impl<L: Library> Trial<L> {
    /// Runs the tests of records and shows all failures.
    pub(crate) fn run(area: Area<L>, records: &[fn(&mut Self)]) {
        let mut sb = Sandbox::new().unwrap();
        let areas = [0, 1, 2].map(|number| area(&mut sb, number).unwrap().cast());
        let (offsets, failures) = (Vec::new(), Vec::new());
        let mut trial = Self { sb, areas, name: "", leaves: &[], offsets, seed: 0, task: Task::Compare, leaf: 0, failures };
        for record in records {
            record(&mut trial);
        }
        assert!(trial.failures.is_empty(), "{} failures:\n{}", trial.failures.len(), trial.failures.join("\n"));
    }

    pub(crate) fn record(&mut self, record: Record<L>) {
        (self.name, self.leaves, self.leaf) = (record.name, record.leaves, 0);
        if let Err(error) = self.agree(&record) {
            self.fail(&error.to_string());
        }
    }

    fn fail(&mut self, what: &str) {
        let leaf = self.leaf.checked_sub(1).and_then(|index| self.leaves.get(index)).map_or("", |leaf| leaf.name);
        self.failures.push(format!("{} {leaf} (seed {:#x}, {:?}): {what}", self.name, self.seed, self.task));
    }

    fn agree(&mut self, record: &Record<L>) -> Result<()> {
        let count = u32::try_from(record.leaves.len()).unwrap();
        let numbers: Result<Vec<u32>> = (0..count + 3).map(|number| Ok(value((record.layout)(&mut self.sb, number)?))).collect();
        let numbers = numbers?;
        assert!(record.size + TAIL <= AREA, "{} is too large", record.name);
        if numbers[..2] != [record.size, record.align] {
            self.fail(&format!("size and alignment are {:?}, and C says {:?}", [record.size, record.align], &numbers[..2]));
        }
        let (last, end) = (numbers.len() - 2, numbers.len() - 1);
        assert!(numbers[last] != END && numbers[end] == END, "{} has another number of leaves in C", record.name);
        self.offsets = numbers[2..end].to_vec();

        // The seeds differ from record to record; every leaf is there for one of them, and every bit is sometimes 0 and sometimes 1.
        let base = record.name.bytes().fold(0, |hash: u32, byte| hash.wrapping_mul(31).wrapping_add(byte.into())) >> 4;
        for seed in base..base + record.leaves.iter().map(|leaf| leaf.modulus).max().unwrap_or(1).max(8) {
            self.seed = seed;
            self.one(record)?;
        }
        Ok(())
    }

    /// All directions, with one seed.
    fn one(&mut self, record: &Record<L>) -> Result<()> {
        let noise = if self.seed.is_multiple_of(2) { 0xa5 } else { 0x5a };
        let [host, c, _] = self.areas;

        self.sb.fill(host, noise, record.size + TAIL)?;
        (record.fill)(&mut self.sb, host.cast(), self.seed)?;
        self.go(Task::Compare, record.fields)?;
        self.go(Task::Compare, record.places)?;

        // Whole: what C has no name for is zero.
        self.sb.fill(c, 0, record.size)?;
        self.sb.fill(c.add(record.size), noise, TAIL)?;
        (record.fill)(&mut self.sb, c.cast(), self.seed)?;
        self.sb.fill(host, noise, record.size + TAIL)?;
        self.go(Task::Write, record.fields)?;
        self.go(Task::WriteTail, record.places)?;
        self.arrived(record)?;

        self.go(Task::Copy, record.fields)?;
        self.go(Task::WriteTail, record.places)?;
        self.arrived(record)?;

        // Leaf by leaf: what is beside it stays.
        self.sb.fill(c, noise, record.size + TAIL)?;
        (record.fill)(&mut self.sb, c.cast(), self.seed)?;
        self.sb.fill(host, noise, record.size + TAIL)?;
        self.go(Task::Write, record.places)?;
        self.arrived(record)
    }

    fn go(&mut self, task: Task, step: fn(&mut Self) -> Result<()>) -> Result<()> {
        (self.task, self.leaf) = (task, 0);
        step(self)
    }

    /// Lets C check the leaves, and compares all bytes with those that C has written.
    fn arrived(&mut self, record: &Record<L>) -> Result<()> {
        let [host, c, _] = self.areas;
        self.leaf = usize::try_from(value((record.check)(&mut self.sb, host.cast(), self.seed)?)).unwrap();
        if self.leaf != 0 {
            self.fail("C finds another value");
        }
        let [got, wanted] = [host, c].map(|area| self.sb.copy_out(area, record.size + TAIL).map(value));
        let (got, wanted) = (got?, wanted?);
        if let Some(at) = (0..got.len()).find(|at| got[*at] != wanted[*at]) {
            self.fail(&format!("byte {at} is {:#04x}, and C leaves {:#04x} there", got[at], wanted[at]));
        }
        Ok(())
    }

    /// Reads, writes or copies a value, leaf by leaf.
    pub(crate) fn fields<T: GuestType<L, Tainted = T>>(
        &mut self,
        zeroed: fn() -> T,
        leaves: fn(&mut Self, &mut T) -> Result<()>,
    ) -> Result<()> {
        let at = self.at::<T>();
        match self.task {
            Task::Compare => leaves(self, &mut self.sb.read(at)?),
            Task::Write | Task::WriteTail => {
                let mut value = zeroed();
                leaves(self, &mut value)?;
                self.sb.write(at, value)
            }
            Task::Copy => {
                let value = self.sb.read(at)?;
                self.sb.fill(at.cast(), 0xff, T::SIZE)?;
                self.sb.write(at, value)
            }
        }
    }

    pub(crate) fn at<T: GuestType<L>>(&self) -> TaintedPtr<T, L> {
        self.areas[0].cast()
    }

    /// Goes to the next leaf, and tells whether there is something to do.
    pub(crate) fn next(&mut self) -> bool {
        let leaf = &self.leaves[self.leaf];
        self.leaf += 1;
        self.seed % leaf.modulus == leaf.remainder && (self.task != Task::WriteTail || leaf.tail)
    }

    /// The bits of the current leaf in an integer of so many bytes.
    fn wanted(&self, bytes: u32) -> u64 {
        let mut x = (u64::from(self.seed) << 32 | self.leaf as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        x = (x ^ x >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ x >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        let pattern = x ^ x >> 31;
        let bits = match self.leaves[self.leaf - 1].kind {
            Kind::Whole => pattern,
            Kind::Bool => pattern & 1,
            // No NaN.
            Kind::Float => pattern & !(1 << 30),
            Kind::Double => pattern & !(1 << 62),
            Kind::Unsigned(width) => pattern << (64 - width) >> (64 - width),
            Kind::Signed(width) => ((pattern << (64 - width)).cast_signed() >> (64 - width)).cast_unsigned(),
        };
        bits & u64::MAX >> (64 - 8 * bytes)
    }

    /// Compares or sets the current leaf of a value, by way of the guest's memory. (There are many types: the generic part is small.)
    pub(crate) fn field<V: Scalar<L>>(&mut self, value: &mut V) -> Result<()> {
        let place = self.areas[2].cast::<V::Guest>();
        if self.task == Task::Compare {
            self.sb.write(place, value.clone())?;
            self.compare(V::Guest::SIZE)
        } else {
            self.provide(V::Guest::SIZE)?;
            *value = self.sb.read(place)?;
            Ok(())
        }
    }

    fn compare(&mut self, bytes: u32) -> Result<()> {
        let got = value(self.sb.copy_out(self.areas[2], bytes)?);
        let got = got.iter().rev().fold(0, |bits, byte| bits << 8 | u64::from(*byte));
        let wanted = self.wanted(bytes);
        if got != wanted {
            self.fail(&format!("{got:#x}, and C wrote {wanted:#x}"));
        }
        Ok(())
    }

    fn provide(&mut self, bytes: u32) -> Result<()> {
        self.sb.write_bytes(self.areas[2], &self.wanted(bytes).to_le_bytes()[..bytes as usize])
    }

    /// Compares or writes the current leaf behind a pointer.
    pub(crate) fn place<P: Place<L>>(&mut self, place: P) -> Result<()> {
        self.offset(place.address());
        let mut value = place.read(&self.sb)?;
        self.field(&mut value)?;
        if self.task == Task::Compare { Ok(()) } else { place.write(&mut self.sb, value) }
    }

    fn offset(&mut self, address: Option<Tainted<u32, L>>) {
        let offset = address.map_or(BITS, |address| value(address).wrapping_sub(value(self.areas[0].address())));
        let wanted = self.offsets[self.leaf - 1];
        if offset != wanted {
            self.fail(&format!("its offset is {offset:#x}, and C says {wanted:#x}"));
        }
    }
}

/// What the value of a leaf is. Any can be made of bits, by way of the guest's memory.
pub(crate) trait Scalar<L>: Clone {
    type Guest: GuestType<L, Tainted = Self>;
}

impl<T: GuestType<L, Tainted = Self> + Clone, L> Scalar<L> for Tainted<T, L> {
    type Guest = T;
}

impl<T: sandbox::Pointee<L>, L: 'static> Scalar<L> for TaintedPtr<T, L> {
    type Guest = Self;
}

impl<F: 'static, L: 'static> Scalar<L> for TaintedFn<F, L> {
    type Guest = Self;
}

/// Where a leaf is: a pointer, or the place of a bit-field.
pub(crate) trait Place<L: Library>: Copy {
    type Value: Scalar<L>;

    fn address(self) -> Option<Tainted<u32, L>>;
    fn read(self, sb: &Sandbox<L>) -> Result<Self::Value>;
    fn write(self, sb: &mut Sandbox<L>, value: Self::Value) -> Result<()>;
}

impl<T: GuestType<L>, L: Library> Place<L> for TaintedPtr<T, L>
where
    T::Tainted: Scalar<L>,
{
    type Value = T::Tainted;

    fn address(self) -> Option<Tainted<u32, L>> {
        Some(self.address())
    }

    fn read(self, sb: &Sandbox<L>) -> Result<T::Tainted> {
        sb.read(self)
    }

    fn write(self, sb: &mut Sandbox<L>, value: T::Tainted) -> Result<()> {
        sb.write(self, value)
    }
}

impl<T: BitType + GuestType<L, Tainted = Tainted<T, L>>, L: Library> Place<L> for TaintedBits<T, L> {
    type Value = Tainted<T, L>;

    fn address(self) -> Option<Tainted<u32, L>> {
        None
    }

    fn read(self, sb: &Sandbox<L>) -> Result<Tainted<T, L>> {
        sb.read_bits(self)
    }

    fn write(self, sb: &mut Sandbox<L>, value: Tainted<T, L>) -> Result<()> {
        sb.write_bits(self, value)
    }
}
